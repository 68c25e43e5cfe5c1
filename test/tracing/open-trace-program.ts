import { withSpan } from '../../src/index.ts';

// Ends while two of its spans are open.
void withSpan({ name: 'outer', inputs: 'question' }, () => {
  withSpan({ name: 'over' }, () => 1);
  return withSpan({ name: 'inner' }, () => new Promise(() => undefined));
});
