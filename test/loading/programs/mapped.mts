import OpenAI from 'openai';

interface Failure {
  readonly what: string;
}

const failure: Failure = { what: `no ${typeof OpenAI}` };
setImmediate(() => {
  throw new RangeError(failure.what);
});
