import { expect, test } from 'vitest';
import { flush, startSpan, trace, withSpan } from '../../src/index.ts';
import { runProgram, useNewStore } from './surroundings.ts';

test('a function whose name is no text is recorded as any other', async () => {
  const { client } = useNewStore();
  class Named {
    readonly kind = 'odd';
    static name() {
      return 'not a text';
    }
  }
  const odd = Object.defineProperty(() => 1, 'name', { value: Symbol('odd') });
  expect(new (trace(Named as unknown as () => Named) as unknown as typeof Named)()).toBeInstanceOf(Named);
  expect(trace(odd)()).toBe(1);
  expect(trace(Object.defineProperty(() => 2, 'name', { value: { a: 1 } }))()).toBe(2);
  await flush();
  const { items } = await client.searchTraces({ experimentIds: ['0'] });
  const traces = await Promise.all(items.map(({ traceId }) => client.getTrace(traceId)));
  expect(traces.map(({ spans }) => spans.map(({ name }) => name))).toEqual([['anonymous'], ['anonymous']]);
});

test('a traced function does its work where the tracking URI names no store', async () => {
  const { stdout, stderr } = await runProgram(
    `
console.log(autolog.trace(() => 5)());
try {
  autolog.trace(() => { throw new RangeError('mine'); })();
} catch (error) {
  console.log(error.message);
}
`,
    { env: { MLFLOW_TRACKING_URI: 'nonsense://x' } },
  );
  expect(stdout).toBe('5\nmine\n');
  expect(stderr).toContain("Cannot understand the tracking URI 'nonsense://x'");
});

test('names of attributes that mean something to JavaScript are names', async () => {
  const { client } = useNewStore();
  const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
  withSpan({ name: 'evil', attributes: evil, inputs: evil }, (span) => span.setAttributes(evil));
  const open = startSpan({ name: 'open' });
  open.addEvent('__proto__', evil);
  open.end({ attributes: evil });
  await flush();
  const { items } = await client.searchTraces({ experimentIds: ['0'] });
  for (const { traceId } of items) {
    const { attributes } = (await client.getTrace(traceId)).spans[0] ?? { attributes: {} };
    expect(Object.keys(attributes)).toContain('__proto__');
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
  }
  expect(items).toHaveLength(2);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});
