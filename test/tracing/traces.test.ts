import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenUsage } from '../../src/entities/trace.ts';
import { failureCounts, MlflowClient } from '../../src/index.ts';
import { endOpenTraces, startSpan, withActiveSpan, withSpan } from '../../src/tracing/tracer.ts';
import { type RecordedTraces, recordTraces } from '../support/record-traces.ts';

let recorded: RecordedTraces;

beforeEach(() => {
  recorded = recordTraces();
});

afterEach(() => {
  endOpenTraces();
});

function usageOfTrace(): unknown {
  const text = recorded.traces[0]?.metadata['mlflow.trace.tokenUsage'];
  return text === undefined ? undefined : JSON.parse(text);
}

describe('tokens of a trace', () => {
  const model = (usage: TokenUsage, inner?: () => void): void =>
    withSpan({ name: 'model', type: 'CHAT_MODEL' }, (span) => {
      inner?.();
      span.setUsage(usage);
    });

  it('are the sum over its spans', () => {
    withSpan({ name: 'root' }, () => {
      model({ input_tokens: 1, output_tokens: 2, total_tokens: 3 });
      model({ input_tokens: 10, output_tokens: 20, total_tokens: 30, cache_read_input_tokens: 5 });
    });
    expect(usageOfTrace()).toEqual({
      input_tokens: 11,
      output_tokens: 22,
      total_tokens: 33,
      cache_read_input_tokens: 5,
    });
  });

  it('are counted once where a span above has counted them, however far above', () => {
    withSpan({ name: 'root' }, () => {
      model({ total_tokens: 3 }, () => withSpan({ name: 'provider' }, () => model({ total_tokens: 3 })));
      model({ total_tokens: 4 });
    });
    expect(usageOfTrace()).toEqual({ total_tokens: 7 });
  });

  it('are none where no span has any', () => {
    withSpan({ name: 'root' }, () => undefined);
    expect(recorded.traces[0]?.metadata).not.toHaveProperty('mlflow.trace.tokenUsage');
  });
});

describe('traces under way', () => {
  it('are ended as they are, children first, when nothing else ends them', () => {
    const root = startSpan({ name: 'root', inputs: 'in' });
    const child = withActiveSpan(root, () => startSpan({ name: 'child' }));
    endOpenTraces();
    expect(recorded.spans.map(({ name }) => name)).toEqual(['child', 'root']);
    for (const { status } of recorded.spans) {
      expect(status).toEqual({ code: 'UNSET', message: 'the program did not end it' });
    }
    expect(recorded.traces).toMatchObject([{ state: 'STATE_UNSPECIFIED', requestPreview: '"in"' }]);
    child.end();
    root.end({ outputs: 'late' });
    expect(recorded.spans).toHaveLength(2);
  });

  it('are ended when a child outlasts the root', () => {
    const root = startSpan({ name: 'root' });
    withActiveSpan(root, () => startSpan({ name: 'child' }));
    root.end();
    expect(recorded.spans.map(({ name }) => name)).toEqual(['root']);
    endOpenTraces();
    expect(recorded.span('child').status.code).toBe('UNSET');
    endOpenTraces();
    expect(recorded.spans).toHaveLength(2);
  });

  it('are at most ten thousand: the oldest goes first', () => {
    for (let index = 0; index < 10_002; index++) startSpan({ name: `root ${index}` });
    expect(recorded.spans.map(({ name }) => name)).toEqual(['root 0', 'root 1']);
  });

  it('have at most ten thousand spans: the oldest goes first, the root last', () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const root = startSpan({ name: 'root' });
    withActiveSpan(root, () => {
      for (let index = 0; index < 10_001; index++) startSpan({ name: `child ${index}` });
    });
    expect(recorded.spans.map(({ name }) => name)).toEqual(['child 0', 'child 1']);
    expect(root.isEnded).toBe(false);
    expect(stderr.mock.calls).toHaveLength(1);
    stderr.mockRestore();
  });

  it('are ended by the limits of the environment, which is said once and counted', () => {
    const program = path.join(import.meta.dirname, 'limits-program.ts');
    const env = { ...process.env, AUTOLOG_MAX_OPEN_TRACES: '2', AUTOLOG_OPEN_TRACE_TTL: '0.3' };
    const { stdout, stderr } = spawnSync(process.execPath, [program], { env, encoding: 'utf8' });
    const many = { code: 'UNSET', message: 'more than 2 traces were under way' };
    const old = { code: 'UNSET', message: 'nothing happened in it for 0.3 seconds' };
    expect(JSON.parse(stdout)).toEqual({
      tooMany: [['first', many, true]],
      tooOld: [
        ['second', many, true],
        ['third', old, true],
      ],
      wasBusy: true,
      resourceCount: 0,
      counts: { 'ending a trace that the program did not end': 3 },
    });
    expect(stderr).toBe(
      'autolog: ending a trace that the program did not end: more than 2 traces were under way; ' +
        'AUTOLOG_MAX_OPEN_TRACES and AUTOLOG_OPEN_TRACE_TTL (seconds) set the bounds\n',
    );
  });

  it('keep their default limits where the environment has no numbers, which is said', () => {
    const program = path.join(import.meta.dirname, 'limits-program.ts');
    const env = { ...process.env, AUTOLOG_MAX_OPEN_TRACES: 'many' };
    const { stdout, stderr } = spawnSync(process.execPath, [program], { env, encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ tooMany: [], tooOld: [] });
    expect(stderr).toBe(
      "autolog: reading AUTOLOG_MAX_OPEN_TRACES: it is 'many' and must be a positive number; 10000 is taken\n",
    );
  });

  it('go when they have ended, also where the store refuses them', () => {
    recordTraces(() => {
      throw new Error('no room');
    });
    const before = failureCounts()['recording a span'] ?? 0;
    const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    expect(withSpan({ name: 'refused' }, () => 7)).toBe(7);
    stderr.mockRestore();
    expect(failureCounts()['recording a span']).toBe(before + 1);
    recorded = recordTraces();
    endOpenTraces();
    expect(recorded.spans).toEqual([]);
  });

  it('are stored as they are when the program ends', async () => {
    const folder = fs.mkdtempSync(path.resolve('open-'));
    const program = path.join(import.meta.dirname, 'open-trace-program.ts');
    const { status, stderr } = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const client = new MlflowClient(`sqlite:///${path.join(folder, 'mlflow.db')}`);
    const [info, ...others] = (await client.searchTraces({ experimentIds: ['0'] })).items;
    expect(others).toEqual([]);
    expect(info).toMatchObject({ state: 'STATE_UNSPECIFIED', requestPreview: '"question"' });
    const { spans } = await client.getTrace(info?.traceId ?? '');
    expect(spans.map(({ name, status }) => [name, status.code])).toEqual([
      ['outer', 'UNSET'],
      ['over', 'OK'],
      ['inner', 'UNSET'],
    ]);
  });
});
