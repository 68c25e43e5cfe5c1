import './watches-at-once.mjs';

await import('./uses-libraries.mjs');
