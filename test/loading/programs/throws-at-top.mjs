import 'openai';

const where = 'the top level';
throw new TypeError(`thrown at ${where}`);
