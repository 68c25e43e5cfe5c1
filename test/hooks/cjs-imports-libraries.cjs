void import('./uses-libraries.mjs');
