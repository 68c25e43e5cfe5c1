import type { Patch } from '../../src/autologging/definition.ts';
import { autologgingIntegration } from '../../src/autologging/integration.ts';
import { patchGiven, resetIntegrations } from '../../src/autologging/registry.ts';
import { withoutAutolog } from '../../src/autologging/session.ts';
import { activeSpan, endOpenTraces, withSpan } from '../../src/tracing/tracer.ts';
import { recordTraces } from '../support/record-traces.ts';
import { METHODS } from './machine.ts';
import type { Autologging, Place } from './play.ts';

/** How many spans there are. */
export interface SpanCounts {
  all: number;
  /** At least so many of them. */
  failed: number;
  cancelled: number;
}

/** What must be recorded of a program, and what was. */
export interface Recorded {
  /** Undefined when foreign wrappers decided who was called. */
  expected: SpanCounts | undefined;
  found: SpanCounts;
  /** Spans that were recorded more than once. */
  repeated: number;
  /** What else is wrong. */
  readonly failures: readonly string[];
}

const stream = () => ({ add: () => undefined, result: () => ({}) });

function targetOf(method: string): string {
  if (method === 'Machine') return method;
  return method === 'fixed' ? 'Machine.fixed' : `Machine.prototype.${method}`;
}

const patchesOf = (methods: readonly string[], type: 'TOOL' | 'LLM'): Patch[] =>
  methods.map((method) => ({ target: targetOf(method), span: { name: method, type, stream } }));

const PATCHED = METHODS.filter((method) => method !== 'own');
const ALSO_PATCHED = PATCHED.filter((_, i) => i % 2 === 0);

const first = autologgingIntegration('fuzz-first', {
  packages: { 'fuzz-library': '*' },
  patches: patchesOf([...PATCHED, 'outer'], 'TOOL'),
});

const second = autologgingIntegration('fuzz-second', {
  packages: { 'fuzz-library': '*' },
  patches: patchesOf([...ALSO_PATCHED, 'Machine'], 'LLM'),
});

const integrations = [first, second] as const;
const recorded = recordTraces();

/** The native run: nothing is turned on. */
export const native: Autologging = {
  begin: () => undefined,
  turn: () => undefined,
  suppress: (fn) => fn(),
  // As `withSpan` does: what it returns is a promise of its own.
  span: (fn) => fn().then((value) => value),
  calls: () => false,
  end: () => undefined,
};

/** A run under autologging, which counts what must be recorded. */
export function createAutologging(): Autologging & { readonly recorded: Recorded } {
  const isOn = [false, false];
  const none = { all: 0, failed: 0, cancelled: 0 };
  const result: Recorded & { failures: string[] } = {
    expected: { ...none },
    found: none,
    repeated: 0,
    failures: [],
  };
  recorded.clear();
  const count = (which: 0 | 1, method: string, { isSuppressed, isInside }: Place): number => {
    const patched: readonly string[] = which === 0 ? [...PATCHED, 'outer'] : [...ALSO_PATCHED, 'Machine'];
    const isNested = method === 'outer' && isInside;
    return isOn[which] && !isSuppressed && !isNested && patched.includes(method) ? 1 : 0;
  };
  return {
    recorded: result,
    begin(copy) {
      resetIntegrations();
      for (const { integrationName } of integrations) patchGiven(integrationName, copy);
    },
    turn(which, on) {
      isOn[which] = on;
      integrations[which]({ disable: !on });
    },
    suppress: withoutAutolog,
    span(fn) {
      if (result.expected !== undefined) result.expected.all += 1;
      return withSpan({ name: 'by hand' }, fn);
    },
    calls(method, place, isKnown, ends) {
      const spans = count(0, method, place) + count(1, method, place);
      if (!isKnown) result.expected = undefined;
      if (result.expected === undefined) return spans > 0;
      result.expected.all += spans;
      if (ends !== undefined) result.expected[ends] += spans;
      return spans > 0;
    },
    end() {
      endOpenTraces();
      if (activeSpan() !== null) result.failures.push('a span is active after the end');
      const { spans } = recorded;
      result.found = {
        all: spans.length,
        failed: spans.filter(({ status }) => status.code === 'ERROR').length,
        cancelled: spans.filter(({ attributes }) => attributes['autolog.cancelled'] === true).length,
      };
      result.repeated = spans.length - new Set(spans.map(({ spanId }) => spanId)).size;
      resetIntegrations();
    },
  };
}
