import './watches-at-once.mjs';
import './uses-libraries.mjs';
