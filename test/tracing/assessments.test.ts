import { beforeEach, describe, expect, it } from 'vitest';
import { setTrackingUri } from '../../src/index.ts';
import { lastActiveTraceId } from '../../src/tracing/last-trace.ts';
import { withSpan } from '../../src/tracing/tracer.ts';
import {
  deleteAssessment,
  getAssessment,
  logAssessment,
  logExpectation,
  logFeedback,
  overrideFeedback,
  updateAssessment,
} from '../../src/tracking/fluent/assessments.ts';
import {
  deleteTraces,
  deleteTraceTag,
  getTrace,
  searchTraces,
  setTraceTag,
} from '../../src/tracking/fluent/traces.ts';

let traceId: string;
let spanId: string;

beforeEach(() => {
  setTrackingUri(`sqlite:///${Math.random().toString(16).slice(2)}.db`);
  spanId = withSpan({ name: 'root' }, (span) => span.spanId);
  traceId = lastActiveTraceId() ?? '';
});

const assessments = async () => (await getTrace(traceId)).info.assessments;

describe('logFeedback', () => {
  it('records a judgement of a trace that has just ended', async () => {
    const source = { sourceType: 'LLM_JUDGE', sourceId: 'gpt' } as const;
    const feedback = await logFeedback({
      traceId,
      spanId,
      name: 'helpful',
      value: { score: 0.9, tags: ['a'] },
      source,
      rationale: 'it helps',
      metadata: { run: 7 },
    });
    expect(feedback).toMatchObject({
      traceId,
      spanId,
      kind: 'feedback',
      name: 'helpful',
      value: { score: 0.9, tags: ['a'] },
      source,
      rationale: 'it helps',
      metadata: { run: '7' },
      isValid: true,
    });
    expect(await getAssessment(traceId, feedback.assessmentId)).toEqual(feedback);
    expect(await assessments()).toEqual([feedback]);
  });

  it('has defaults, and takes falsy values', async () => {
    expect(await logFeedback({ traceId, value: false })).toMatchObject({
      name: 'feedback',
      value: false,
      spanId: null,
      source: { sourceType: 'CODE', sourceId: 'default' },
    });
  });

  it('takes an error in place of a value', async () => {
    const thrown = await logFeedback({ traceId, error: new TypeError('bad') });
    expect(thrown).toMatchObject({
      value: null,
      error: {
        errorCode: 'TypeError',
        errorMessage: 'bad',
        stackTrace: expect.stringContaining('assessments.test'),
      },
    });
    const error = { errorCode: 'RATE_LIMIT', errorMessage: null, stackTrace: null };
    expect(await logFeedback({ traceId, error })).toMatchObject({ error });
  });

  it('is refused without both, and for an unknown trace', async () => {
    await expect(logFeedback({ traceId, name: 'empty' })).rejects.toThrow(
      "'empty': it has neither a value nor an error",
    );
    await expect(logFeedback({ traceId: `tr-${'0'.repeat(32)}`, value: 1 })).rejects.toMatchObject({
      code: 'RESOURCE_DOES_NOT_EXIST',
    });
  });
});

describe('logExpectation', () => {
  it('records what should have been', async () => {
    expect(await logExpectation({ traceId, name: 'answer', value: ['Paris'] })).toMatchObject({
      kind: 'expectation',
      name: 'answer',
      value: ['Paris'],
      source: { sourceType: 'HUMAN', sourceId: 'default' },
    });
    await expect(logExpectation({ traceId, name: 'answer', value: undefined })).rejects.toThrow('it has no value');
  });
});

describe('logAssessment', () => {
  it('records either kind, and no other', async () => {
    const feedback = await logAssessment(traceId, { kind: 'feedback', value: 1 });
    const expectation = await logAssessment(traceId, { kind: 'expectation', name: 'a', value: 2 });
    expect([feedback, expectation].map(({ kind, name, value }) => [kind, name, value])).toEqual([
      ['feedback', 'feedback', 1],
      ['expectation', 'a', 2],
    ]);
    await expect(logAssessment(traceId, { kind: 'issue' } as never)).rejects.toThrow('of kind issue');
  });
});

describe('an assessment', () => {
  it('is overridden by another, and valid again without it', async () => {
    const first = await logFeedback({ traceId, spanId, name: 'helpful', value: 1 });
    const second = await overrideFeedback({ traceId, assessmentId: first.assessmentId, value: 2 });
    expect(second).toMatchObject({ name: 'helpful', value: 2, spanId, overrides: first.assessmentId });
    expect((await getAssessment(traceId, first.assessmentId)).isValid).toBe(false);
    await deleteAssessment(traceId, second.assessmentId);
    expect((await getAssessment(traceId, first.assessmentId)).isValid).toBe(true);
    await deleteAssessment(traceId, second.assessmentId);
  });

  it('is changed in its place', async () => {
    const { assessmentId } = await logExpectation({ traceId, name: 'a', value: 1, metadata: { x: '1' } });
    const changes = { name: 'b', value: { n: 2 }, metadata: { y: '2' } };
    const changed = await updateAssessment(traceId, assessmentId, changes);
    expect(changed).toMatchObject({ assessmentId, name: 'b', value: { n: 2 }, metadata: { x: '1', y: '2' } });
  });

  it('that is no feedback is not overridden', async () => {
    const { assessmentId } = await logExpectation({ traceId, name: 'a', value: 1 });
    await expect(overrideFeedback({ traceId, assessmentId, value: 2 })).rejects.toThrow('it is no feedback');
  });
});

describe('traces', () => {
  it('are found, tagged and deleted', async () => {
    await setTraceTag(traceId, 'fruit', 'apple');
    withSpan({ name: 'other' }, () => 1);
    expect(await searchTraces()).toHaveLength(2);
    expect(await searchTraces({ maxResults: 1 })).toHaveLength(1);
    const found = await searchTraces({ filter: "tags.fruit = 'apple'" });
    expect(found.map((info) => [info.traceId, info.tags.fruit])).toEqual([[traceId, 'apple']]);
    await deleteTraceTag(traceId, 'fruit');
    expect((await getTrace(traceId)).info.tags).not.toHaveProperty('fruit');
    expect(await deleteTraces('0', { traceIds: [traceId] })).toBe(1);
    await expect(getTrace(traceId)).rejects.toMatchObject({ code: 'RESOURCE_DOES_NOT_EXIST' });
  });
});
