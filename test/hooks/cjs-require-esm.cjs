require('./watches-at-once.mjs');
require('./uses-libraries.mjs');
