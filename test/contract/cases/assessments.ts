import { expect, test } from 'vitest';
import type { NewAssessment } from '../../../src/store/trace-store.ts';
import type { Cases } from '../contract.ts';
import { expectRefusal, newTraceId } from '../subject.ts';

function assessment(traceId: string, changes: Partial<NewAssessment> = {}): NewAssessment {
  return {
    traceId,
    spanId: null,
    kind: 'feedback',
    name: 'quality',
    value: 0.75,
    error: null,
    source: { sourceType: 'HUMAN', sourceId: 'ada' },
    rationale: null,
    metadata: {},
    overrides: null,
    ...changes,
  };
}

export function testAssessments({ subject }: Cases): void {
  test.each([
    ['a number', 0.75],
    ['a truth', true],
    ['a text', 'größe "x" 🦉'],
    ['a list', [1, 'two', null, true]],
    ['an object', { a: 1, b: { c: ['ü'] } }],
  ])('feedback with %s is kept', async (_kind, value) => {
    const { store } = subject();
    const traceId = await subject().trace();
    const before = Date.now() - 60_000;
    const given = assessment(traceId, { value, rationale: 'because 🦉', metadata: { a: 'b', größe: 'ü' } });
    const created = await store.createAssessment(given);
    expect(created).toMatchObject({ ...given, isValid: true });
    expect(created.assessmentId).toMatch(/^a-[0-9a-f]{32}$/);
    expect(created.createTime).toBeGreaterThan(before);
    expect(created.lastUpdateTime).toBeGreaterThanOrEqual(created.createTime);
    expect(await store.getAssessment(traceId, created.assessmentId)).toEqual(created);
    expect((await store.getTraceInfo(traceId)).assessments).toEqual([created]);
  });

  test('a time that is given is kept', async () => {
    const traceId = await subject().trace();
    const times = { createTime: 1_600_000_000_000, lastUpdateTime: 1_600_000_000_001 };
    expect(await subject().store.createAssessment(assessment(traceId, times))).toMatchObject(times);
  });

  test('an expectation, of a span, is kept', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const [span] = (await store.getTrace(traceId)).spans;
    const given = assessment(traceId, {
      kind: 'expectation',
      name: 'answer',
      value: { words: ['a', 'b'] },
      spanId: span?.spanId ?? '',
      source: { sourceType: 'CODE', sourceId: 'check.js' },
    });
    expect(await store.createAssessment(given)).toMatchObject(given);
    expect((await store.getTrace(traceId)).info.assessments).toMatchObject([given]);
  });

  test('feedback with an error is kept', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const error = { errorCode: 'RATE_LIMIT', errorMessage: 'too many', stackTrace: 'at x\nat y' };
    const source = { sourceType: 'LLM_JUDGE' as const, sourceId: 'judge-1' };
    const created = await store.createAssessment(assessment(traceId, { value: null, error, source }));
    expect(created).toMatchObject({ value: null, error, source });
    const bare = { errorCode: 'TIMEOUT', errorMessage: null, stackTrace: null };
    expect(await store.createAssessment(assessment(traceId, { value: null, error: bare }))).toMatchObject({
      error: bare,
    });
  });

  test('a link to an issue is kept', async () => {
    const traceId = await subject().trace();
    const given = assessment(traceId, { kind: 'issue', name: 'iss-1', value: 'slow answers' });
    expect(await subject().store.createAssessment(given)).toMatchObject(given);
  });

  test('one that overrides another makes it invalid, until it is deleted', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const first = await store.createAssessment(assessment(traceId));
    const overriding = assessment(traceId, { value: 1, overrides: first.assessmentId });
    const second = await store.createAssessment(overriding);
    expect(second).toMatchObject({ overrides: first.assessmentId, isValid: true });
    expect((await store.getAssessment(traceId, first.assessmentId)).isValid).toBe(false);
    await store.deleteAssessment(traceId, second.assessmentId);
    expect((await store.getAssessment(traceId, first.assessmentId)).isValid).toBe(true);
    expect((await store.getTraceInfo(traceId)).assessments.map((it) => it.assessmentId)).toEqual([
      first.assessmentId,
    ]);
  });

  test('one that overrides an unknown one is refused', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const words = /Assessment with ID 'a-0' not found for trace/;
    const refused = store.createAssessment(assessment(traceId, { overrides: 'a-0' }));
    await expectRefusal(refused, 'RESOURCE_DOES_NOT_EXIST', words);
    expect((await store.getTraceInfo(traceId)).assessments).toEqual([]);
  });

  test('it is changed in parts, and its metadata merged', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const source = { sourceType: 'CODE' as const, sourceId: 'x' };
    const created = await store.createAssessment(
      assessment(traceId, { rationale: 'old', metadata: { a: '1', b: '2' }, source }),
    );
    const change = (changes: Parameters<typeof store.updateAssessment>[2]) =>
      store.updateAssessment(traceId, created.assessmentId, changes);
    expect(await change({ metadata: { b: '3', c: '4' } })).toMatchObject({
      metadata: { a: '1', b: '3', c: '4' },
      rationale: 'old',
      value: 0.75,
      source,
      createTime: created.createTime,
    });
    expect(await change({ name: 'depth', value: 'no' })).toMatchObject({
      name: 'depth',
      value: 'no',
      rationale: 'old',
    });
    const last = await change({ rationale: 'new' });
    expect(last).toMatchObject({ rationale: 'new', value: 'no', isValid: true, metadata: { a: '1' } });
    expect(last.lastUpdateTime).toBeGreaterThanOrEqual(created.lastUpdateTime);
    expect(await store.getAssessment(traceId, created.assessmentId)).toEqual(last);
  });

  test('an expectation gets another value', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const { assessmentId } = await store.createAssessment(
      assessment(traceId, { kind: 'expectation', value: 'a' }),
    );
    const changed = await store.updateAssessment(traceId, assessmentId, { value: ['b', 1] });
    expect(changed).toMatchObject({ kind: 'expectation', value: ['b', 1] });
  });

  test('a new value takes the place of an error', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const error = { errorCode: 'TIMEOUT', errorMessage: null, stackTrace: null };
    const { assessmentId } = await store.createAssessment(assessment(traceId, { value: null, error }));
    expect(await store.updateAssessment(traceId, assessmentId, { value: true })).toMatchObject({
      value: true,
      error: null,
    });
  });

  test('unknown ones are told, and their deletion changes nothing', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const words = /Assessment with ID 'a-0' not found for trace/;
    await expectRefusal(store.getAssessment(traceId, 'a-0'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.updateAssessment(traceId, 'a-0', { name: 'x' }), 'RESOURCE_DOES_NOT_EXIST', words);
    await store.deleteAssessment(traceId, 'a-0');
    const nowhere = newTraceId();
    await expectRefusal(
      store.createAssessment(assessment(nowhere)),
      'RESOURCE_DOES_NOT_EXIST',
      new RegExp(nowhere),
    );
    await expectRefusal(store.getAssessment(nowhere, 'a-0'), 'RESOURCE_DOES_NOT_EXIST', new RegExp(nowhere));
  });

  test.each([
    ['without a name', { name: '' }],
    ['with a name that is too long', { name: 'n'.repeat(251) }],
    ['of an unknown kind', { kind: 'praise' as never }],
    ['of an unknown source', { source: { sourceType: 'ROBOT' as never, sourceId: 'x' } }],
    ['without value and error', { value: null }],
    ['with a value that is no JSON', { value: 5n }],
  ])('one %s is refused', async (_kind, changes) => {
    const traceId = await subject().trace();
    await expectRefusal(subject().store.createAssessment(assessment(traceId, changes)), 'INVALID_PARAMETER_VALUE');
    expect((await subject().store.getTraceInfo(traceId)).assessments).toEqual([]);
  });

  test('one is deleted, and again', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const { assessmentId } = await store.createAssessment(assessment(traceId));
    await store.deleteAssessment(traceId, assessmentId);
    await store.deleteAssessment(traceId, assessmentId);
    await expectRefusal(store.getAssessment(traceId, assessmentId), 'RESOURCE_DOES_NOT_EXIST');
  });

  test('those of a run go with it into the bin', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const experimentId = await subject().experiment();
    const runIds = [await subject().run(), await subject().run({ experiment: { id: experimentId } })] as const;
    for (const runId of [...runIds, 'f'.repeat(32)])
      await store.createAssessment(
        assessment(traceId, { name: runId, metadata: { 'mlflow.assessment.sourceRunId': subject().idOf(runId) } }),
      );
    await store.deleteRun(runIds[0]);
    await store.deleteExperiment(experimentId);
    const { assessments } = await store.getTraceInfo(traceId);
    expect(assessments.map(({ name }) => name)).toEqual(['f'.repeat(32)]);
  });
}
