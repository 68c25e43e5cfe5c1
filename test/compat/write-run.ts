import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import {
  AutologError,
  logInput,
  logMetric,
  logParams,
  logText,
  setTags,
  withRun,
  withSpan,
} from '../../src/index.ts';
import { logModel } from '../../src/models/log-model.ts';

/** What {@link writeRun} has logged. */
export interface RunLog {
  readonly runId: string;
  /** A model of the run. */
  readonly modelId: string;
  /** A trace of the run, with tokens. */
  readonly askId: string;
  /** A trace outside of it, that fails. */
  readonly breakId: string;
}

/** Logs a run with all kinds of contents, and two traces. `rank` sets runs of one database apart. */
export async function writeRun(rank: number): Promise<RunLog> {
  const logged = await withRun({ runName: `rank ${rank}` }, async (run) => {
    logParams({ x: 'y', rank, note: 'größer 📈' });
    logMetric('m', rank, { step: 0 });
    for (const [step, value] of [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1].entries())
      logMetric('strange', value, { step });
    setTags({ kind: 'ours', 'mlflow.note.content': '# Notes' });
    logInput(numbers(rank), { context: 'train', tags: { split: 'all' } });
    await logText('größer\n', 'notes/text.txt');
    const { modelId } = await logModel(run, {
      name: 'doubler',
      flavors: { doubler: { factor: 2, exact: true, tags: ['a: b', '#c'], note: 'größer: 1.10' } },
      save: (folder) => fs.writeFile(path.join(folder, 'factor.txt'), '2'),
      signature: {
        inputs: [
          { name: 'left', dtype: 'float32', shape: [-1, 2] },
          { name: 'right', dtype: 'int32', shape: [-1] },
        ],
        outputs: [{ dtype: 'float32', shape: [-1, 2] }],
      },
      inputExample: { type: 'ndarray', data: { left: [[1, 2.5]], right: [3] } },
      metadata: { reviewed: true },
      params: { factor: '2' },
      tags: { team: 'iris' },
    });
    return { runId: run.runId, modelId, askId: ask(rank) };
  });
  return { ...logged, breakId: fail() };
}

function ask(rank: number): string {
  return withSpan(
    {
      name: 'ask',
      type: 'CHAIN',
      inputs: { question: 'Which tulip?' },
      attributes: { 'session.id': `talk-${rank}`, 'user.id': 'ada' },
    },
    (root) => {
      withSpan(
        { name: 'chat', type: 'CHAT_MODEL', inputs: { messages: [{ role: 'user', content: 'größe 50%' }] } },
        (chat) => {
          chat.setAttributes({ 'mlflow.llm.model': 'flower-2', temperature: 0.5, nothing: null });
          chat.addEvent('first_chunk', { index: 0 });
          chat.setUsage({ input_tokens: 10, output_tokens: 5, total_tokens: 15, cache_read_input_tokens: 2 });
          chat.setOutputs({ text: 'a red one', list: [1, 2.5, null, true] });
        },
      );
      root.setOutputs('a red one');
      return root.traceId;
    },
  );
}

function fail(): string {
  let traceId = '';
  const error = new AutologError('INTERNAL_ERROR', 'no such tulip');
  try {
    withSpan({ name: 'break' }, (span) => {
      traceId = span.traceId;
      throw error;
    });
  } catch (thrown) {
    if (thrown !== error) throw thrown;
  }
  return traceId;
}

function numbers(rank: number) {
  const features = [{ type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 3] } }];
  return {
    name: 'numbers',
    digest: randomBytes(4).toString('hex'),
    sourceType: 'code',
    source: JSON.stringify({ tags: { rank: String(rank) } }),
    schema: JSON.stringify({ mlflow_tensorspec: { features: JSON.stringify(features), targets: null } }),
    profile: JSON.stringify({ num_rows: 4, features_shape: [4, 3] }),
  };
}
