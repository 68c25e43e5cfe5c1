import { nothing } from 'openai';

console.log(nothing);
