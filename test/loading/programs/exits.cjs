require('openai');
console.log('said');
process.exit(7);
