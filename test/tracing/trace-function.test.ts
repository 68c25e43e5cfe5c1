import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { failureCounts } from '../../src/failures.ts';
import { trace } from '../../src/tracing/trace-function.ts';
import { activeSpan, withSpan } from '../../src/tracing/tracer.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

const content = (name: string) => {
  const { attributes, status } = recorded.span(name);
  return { inputs: attributes['mlflow.spanInputs'], outputs: attributes['mlflow.spanOutputs'], code: status.code };
};

describe('a traced function', () => {
  it('records its arguments and what it returns', () => {
    const add = trace(function add(a: number, b: number) {
      expect(activeSpan()?.name).toBe('add');
      return a + b;
    });
    expect(add(1, 2)).toBe(3);
    expect(content('add')).toEqual({ inputs: [1, 2], outputs: 3, code: 'OK' });
    expect(recorded.span('add').attributes['mlflow.spanFunctionName']).toBe('add');
  });

  it('records one argument as it is, also a falsy one, and none as nothing', () => {
    trace((_: number) => 'zero', { name: 'zero' })(0);
    trace(() => false, { name: 'none' })();
    expect(content('zero')).toMatchObject({ inputs: 0, outputs: 'zero' });
    expect(content('none')).toEqual({ inputs: undefined, outputs: false, code: 'OK' });
  });

  it('takes a name, a type, attributes, links and a choice of inputs', () => {
    const link = { traceId: `tr-${'1'.repeat(32)}`, spanId: '2'.repeat(16) };
    const fn = trace((user: string, secret: string) => user.length + secret.length, {
      name: 'login',
      type: 'TOOL',
      attributes: { unit: 'mm' },
      links: [link],
      inputs: (user: string) => ({ user }),
    });
    expect(fn('ann', 'hidden')).toBe(9);
    const span = recorded.span('login');
    expect(span).toMatchObject({
      attributes: { 'mlflow.spanType': 'TOOL', 'mlflow.spanInputs': { user: 'ann' }, unit: 'mm' },
      links: [{ ...link, attributes: {} }],
    });
    expect(JSON.stringify(span)).not.toContain('hidden');
  });

  it('keeps name, length, own properties and this', () => {
    function greet(this: { name: string }, greeting: string, _end: string) {
      return `${greeting} ${this.name}`;
    }
    greet.version = 2;
    const traced = trace(greet);
    expect([traced.name, traced.length, traced.version]).toEqual(['greet', 2, 2]);
    expect(traced.call({ name: 'ann' }, 'hi', '!')).toBe('hi ann');
    expect(traced.prototype).toBe(greet.prototype);
  });

  it('constructs what is called with new', () => {
    const Point = trace(function Point(this: { x: number }, x: number) {
      this.x = x;
    }) as unknown as new (
      x: number,
    ) => { x: number };
    const point = new Point(1);
    expect(point.x).toBe(1);
    expect(point).toBeInstanceOf(Point);
  });

  it('waits for a promise, and passes on what is thrown', async () => {
    const error = new Error('bad');
    const fail = trace(async function fail() {
      await turn();
      throw error;
    });
    const failNow = trace(function failNow() {
      throw error;
    });
    const caught = await fail().catch((each: unknown) => each);
    expect(caught).toBe(error);
    expect(failNow).toThrow(error);
    expect(content('fail').code).toBe('ERROR');
    expect(content('failNow').code).toBe('ERROR');
    const wait = trace(async (ms: number) => ms * 2, { name: 'wait' });
    expect(await wait(2)).toBe(4);
    expect(content('wait').outputs).toBe(4);
  });

  it('goes on where the choice of inputs fails', () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const inputs = () => {
      throw new Error('no choice');
    };
    expect(trace((a: number) => a, { name: 'chosen', inputs })(7)).toBe(7);
    stderr.mockRestore();
    expect(content('chosen').inputs).toBe(7);
    expect(failureCounts()['choosing the inputs of a span']).toBe(1);
  });

  for (const [title, wrong] of [
    ['no function', 7],
    ['null', null],
  ] as const) {
    it(`is refused for ${title}`, () => {
      expect(() => trace(wrong as never, {})).toThrow(/Cannot trace: found/);
    });
  }

  it('refuses an impossible sampling ratio', () => {
    expect(() => trace(() => 1, { samplingRatio: 2 })).toThrow('samplingRatio is 2');
  });
});

describe('a traced method', () => {
  it('is recorded by the standard decorator', () => {
    // By hand, as the decorator is called: type stripping does not turn the syntax into calls.
    class Agent {
      readonly name = 'ann';
      answer(question: string) {
        return `${this.name}: ${question}`;
      }
    }
    const context = { kind: 'method', name: 'answer', addInitializer: () => undefined };
    const decorated = trace({ type: 'AGENT' })(
      Agent.prototype.answer,
      context as unknown as ClassMethodDecoratorContext,
    );
    expect(decorated.call(new Agent(), 'why')).toBe('ann: why');
    const bare = trace(Agent.prototype.answer, context as unknown as ClassMethodDecoratorContext);
    expect(bare.call(new Agent(), 'how')).toBe('ann: how');
    expect(recorded.spans.map(({ name, attributes }) => [name, attributes['mlflow.spanType']])).toEqual([
      ['answer', 'AGENT'],
      ['answer', 'UNKNOWN'],
    ]);
  });

  it("is recorded by TypeScript's older decorator", () => {
    class Agent {
      answer(question: string) {
        return question;
      }
      ask(question: string) {
        return question;
      }
    }
    const decorateOld = (
      key: 'answer' | 'ask',
      decorator: (...args: [object, string, PropertyDescriptor]) => void,
    ) => {
      const descriptor = Object.getOwnPropertyDescriptor(Agent.prototype, key) as PropertyDescriptor;
      decorator(Agent.prototype, key, descriptor);
      Object.defineProperty(Agent.prototype, key, descriptor);
    };
    decorateOld('answer', trace({ type: 'AGENT' }));
    decorateOld('ask', trace);
    expect(new Agent().answer('why') + new Agent().ask('how')).toBe('whyhow');
    expect(recorded.spans.map(({ name }) => name)).toEqual(['answer', 'ask']);
  });

  it('is refused for a field', () => {
    const context = { kind: 'field', name: 'a', addInitializer: () => undefined };
    expect(() => trace({})(undefined as never, context as never)).toThrow(
      "Cannot trace the field 'a': only methods can be decorated.",
    );
  });
});

describe('a traced generator', () => {
  const count = trace(
    function* count(to: number) {
      for (let each = 1; each <= to; each++) {
        withSpan({ name: 'step' }, () => undefined);
        yield each;
      }
      return 'over';
    },
    { type: 'CHAIN' },
  );

  const countLater = trace(async function* countLater(to: number) {
    for (let each = 1; each <= to; each++) {
      await turn();
      withSpan({ name: 'step' }, () => undefined);
      yield each;
    }
  });

  it('has its span until the iterator ends, with what it yielded', () => {
    const items: number[] = [];
    for (const each of count(3)) {
      expect(activeSpan()).toBeNull();
      items.push(each);
    }
    expect(items).toEqual([1, 2, 3]);
    expect(content('count')).toEqual({ inputs: 3, outputs: [1, 2, 3], code: 'OK' });
    const steps = recorded.spans.filter(({ name }) => name === 'step');
    expect(steps.map(({ parentSpanId }) => parentSpanId)).toEqual(Array(3).fill(recorded.span('count').spanId));
  });

  it('has it also when it is asynchronous', async () => {
    const items: number[] = [];
    for await (const each of countLater(3)) items.push(each);
    expect(items).toEqual([1, 2, 3]);
    expect(content('countLater')).toEqual({ inputs: 3, outputs: [1, 2, 3], code: 'OK' });
    expect(recorded.spans.filter(({ name }) => name === 'step')).toHaveLength(3);
  });

  it('has it until the consumer leaves', async () => {
    for (const each of count(3)) if (each === 2) break;
    for await (const each of countLater(3)) if (each === 1) break;
    expect(content('count').outputs).toEqual([1, 2]);
    expect(content('countLater').outputs).toEqual([1]);
    for (const name of ['count', 'countLater']) {
      expect(recorded.span(name).attributes['autolog.cancelled']).toBe(true);
    }
  });

  it('records what it throws, as the same error', async () => {
    const error = new Error('bad');
    const fail = trace(async function* fail() {
      yield 1;
      throw error;
    });
    const read = async () => {
      for await (const _ of fail());
    };
    expect(await read().catch((each: unknown) => each)).toBe(error);
    expect(content('fail').code).toBe('ERROR');
  });

  it('is followed where a promise brings it', async () => {
    const open = trace(async function open() {
      return (async function* () {
        yield 'a';
        yield 'b';
      })();
    });
    const stream = await open();
    expect(recorded.spans).toEqual([]);
    for await (const _ of stream);
    expect(content('open').outputs).toEqual(['a', 'b']);
  });

  it('passes values, return and throw through', () => {
    const echo = trace(function* echo(): Generator<number, string, number> {
      try {
        const sent = yield 1;
        yield sent * 2;
        return 'never';
      } catch {
        return 'caught';
      }
    });
    const generator = echo();
    expect(generator.next(0)).toEqual({ done: false, value: 1 });
    expect(generator.next(21)).toEqual({ done: false, value: 42 });
    expect(generator.throw(new Error('bad'))).toEqual({ done: true, value: 'caught' });
    expect(generator.next(0)).toEqual({ done: true, value: undefined });
    expect(content('echo')).toMatchObject({ outputs: [1, 42], code: 'OK' });
  });

  it('reduces its outputs as it is told', () => {
    const words = trace(
      function* words() {
        yield 'a';
        yield 'b';
      },
      { outputReducer: (items) => items.join(' ') },
    );
    expect([...words()]).toEqual(['a', 'b']);
    expect(content('words').outputs).toBe('a b');
  });

  it('has its span ended when it is collected', async () => {
    let generator: Generator<number> | undefined = count(3);
    generator.next();
    generator = undefined;
    await vi.waitFor(async () => {
      await collectGarbage();
      expect(recorded.spans.some(({ name }) => name === 'count')).toBe(true);
    });
    const span = recorded.span('count');
    expect(span.status).toEqual({ code: 'UNSET', message: 'nobody read it to its end' });
    expect(span.attributes).toMatchObject({ 'autolog.abandoned': true, 'mlflow.spanOutputs': [1] });
  });
});
