import { expect, test } from 'vitest';
import type { Cases } from '../contract.ts';
import { expectRefusal, newTraceId, spanRecord, traceRecord } from '../subject.ts';

export function testTraces({ subject }: Cases): void {
  test.each(['before', 'after'])('a trace that comes %s its spans is read as it was logged', async (when) => {
    const { store } = subject();
    const id = await subject().experiment();
    const traceId = newTraceId();
    const shared = { experiment: { id }, traceId };
    const root = spanRecord({
      ...shared,
      events: [
        { name: 'first token', timeUnixNano: '1700000000123456791', attributes: { index: 0, word: 'größe' } },
      ],
    });
    const child = spanRecord({
      ...shared,
      parentSpanId: root.spanId,
      name: 'tool 🦉',
      startTimeUnixNano: '1700000000500000001',
      endTimeUnixNano: '1700000000600000003',
      status: { code: 'ERROR', message: 'no luck' },
      attributes: { 'mlflow.spanType': 'TOOL', nested: { list: [1, 2.5, null, true, 'x'] }, text: '"quoted"' },
      links: [
        { traceId: newTraceId(), spanId: 'ab'.repeat(8), attributes: { why: 'retry' } },
        { traceId: newTraceId(), spanId: 'cd'.repeat(8), attributes: {} },
      ],
    });
    const trace = traceRecord({ ...shared, clientRequestId: 'request-1' });
    expect(await subject().deliver(...(when === 'before' ? [trace, child, root] : [child, root, trace]))).toEqual(
      [],
    );
    const { artifactLocation } = await store.getExperiment(id);
    const { info, spans } = await store.getTrace(traceId);
    expect(info).toMatchObject({
      traceId,
      experimentId: id,
      requestTime: 1_700_000_000_123,
      executionDuration: 1000,
      state: 'OK',
      requestPreview: 'hi',
      responsePreview: 'hello',
      clientRequestId: 'request-1',
      metadata: { 'mlflow.trace.session': 's-1' },
      tags: {
        'mlflow.traceName': 'chat',
        'mlflow.trace.spansLocation': 'TRACKING_STORE',
        'mlflow.artifactLocation': `${artifactLocation}/traces/${traceId}/artifacts`,
        team: 'blue',
      },
      assessments: [],
    });
    expect(spans).toEqual([
      {
        traceId,
        spanId: root.spanId,
        parentSpanId: null,
        name: 'chat',
        startTimeUnixNano: 1700000000123456789n,
        endTimeUnixNano: 1700000001123456790n,
        status: { code: 'OK', message: '' },
        attributes: { 'mlflow.traceRequestId': traceId, ...root.attributes },
        events: [
          {
            name: 'first token',
            timeUnixNano: 1700000000123456791n,
            attributes: { index: 0, word: 'größe' },
          },
        ],
        links: [],
      },
      {
        traceId,
        spanId: child.spanId,
        parentSpanId: root.spanId,
        name: 'tool 🦉',
        startTimeUnixNano: 1700000000500000001n,
        endTimeUnixNano: 1700000000600000003n,
        status: { code: 'ERROR', message: 'no luck' },
        attributes: { 'mlflow.traceRequestId': traceId, ...child.attributes },
        events: [],
        links: child.links,
      },
    ]);
    expect(await store.getTraceInfo(traceId)).toEqual(info);
  });

  test('tokens and costs are told as they were logged', async () => {
    const metadata = {
      'mlflow.trace.tokenUsage': '{"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}',
      'mlflow.trace.cost': '{"input_cost": 0.25, "output_cost": 0.5, "total_cost": 0.75}',
      note: 'x'.repeat(200),
    };
    const traceId = await subject().trace({ metadata });
    const told = (await subject().store.getTraceInfo(traceId)).metadata;
    expect(told.note).toBe(metadata.note);
    for (const key of ['mlflow.trace.tokenUsage', 'mlflow.trace.cost'] as const)
      expect(JSON.parse(told[key] ?? 'null')).toEqual(JSON.parse(metadata[key]));
  });

  test('long previews are cut', async () => {
    const traceId = await subject().trace({ requestPreview: '🦉'.repeat(1500), responsePreview: null });
    const info = await subject().store.getTraceInfo(traceId);
    expect(Array.from(info.requestPreview ?? '')).toHaveLength(1000);
    expect(info.responsePreview ?? '').toBe('');
  });

  test('many are read at once, in the order asked for, without those that are unknown', async () => {
    const { store } = subject();
    const experimentId = await subject().experiment();
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) ids.push(await subject().trace({ experimentId }));
    const asked = [...ids.toReversed().slice(0, 6), newTraceId(), ...ids.slice(0, 6)];
    const found = await store.getTraces(asked);
    expect(found.map(({ info }) => info.traceId)).toEqual(asked.filter((id) => ids.includes(id)));
    expect(found[0]).toEqual(await store.getTrace(asked[0] as string));
    expect(await store.getTraces([])).toEqual([]);
  });

  test('unknown ones are told', async () => {
    const { store } = subject();
    const id = newTraceId();
    await expectRefusal(store.getTrace(id), 'RESOURCE_DOES_NOT_EXIST', new RegExp(id));
    await expectRefusal(store.getTraceInfo(id), 'RESOURCE_DOES_NOT_EXIST', new RegExp(id));
    await expectRefusal(store.deleteTraceTag(id, 'a'), 'RESOURCE_DOES_NOT_EXIST');
    const prompts = [{ name: 'p', version: '1' }];
    await expectRefusal(store.linkPromptVersionsToTrace(id, prompts), 'RESOURCE_DOES_NOT_EXIST', new RegExp(id));
  });

  test('tags are set, replaced and deleted', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    const tagsNow = async () => (await store.getTraceInfo(traceId)).tags;
    await store.setTraceTag(traceId, 'team', 'größe 🦉');
    await store.setTraceTag(traceId, 'long', 'x'.repeat(9000));
    // 8000 are kept; MLflow's server shows 4096 of them.
    expect(await tagsNow()).toMatchObject({
      team: 'größe 🦉',
      long: expect.stringMatching(/^(x{4096}|x{8000})$/),
    });
    await store.deleteTraceTag(traceId, 'team');
    expect((await tagsNow()).team).toBeUndefined();
    const words = /No trace tag with key 'team' for trace with ID/;
    await expectRefusal(store.deleteTraceTag(traceId, 'team'), 'RESOURCE_DOES_NOT_EXIST', words);
    await expectRefusal(store.setTraceTag(traceId, 'k'.repeat(251), 'v'), 'INVALID_PARAMETER_VALUE');
  });

  test('the tag of the name is one as any other', async () => {
    const { store } = subject();
    const traceId = await subject().trace();
    await store.setTraceTag(traceId, 'mlflow.traceName', 'talk');
    expect((await store.getTraceInfo(traceId)).tags['mlflow.traceName']).toBe('talk');
    await store.deleteTraceTag(traceId, 'mlflow.traceName');
    expect((await store.getTraceInfo(traceId)).tags['mlflow.traceName']).toBeUndefined();
    await expectRefusal(store.deleteTraceTag(traceId, 'mlflow.traceName'), 'RESOURCE_DOES_NOT_EXIST');
  });

  test.each([
    'mlflow.user',
    'mlflow.artifactLocation',
    'mlflow.trace.spansLocation',
    'mlflow.trace.archiveLocation',
    'mlflow.trace.archivalFailure',
  ])('the tag %s is not set by users', async (key) => {
    const traceId = await subject().trace();
    await expectRefusal(subject().store.setTraceTag(traceId, key, 'x'), 'INVALID_PARAMETER_VALUE', /immutable/);
  });

  test('those named are deleted', async () => {
    const { store } = subject();
    const experimentId = await subject().experiment();
    const ids = [await subject().trace({ experimentId }), await subject().trace({ experimentId })] as const;
    const elsewhere = await subject().trace();
    await store.createAssessment({
      traceId: ids[0],
      spanId: null,
      kind: 'feedback',
      name: 'good',
      value: true,
      error: null,
      source: { sourceType: 'HUMAN', sourceId: 'ada' },
      rationale: null,
      metadata: {},
      overrides: null,
    });
    expect(await store.deleteTraces(experimentId, { traceIds: [ids[0], elsewhere, newTraceId()] })).toBe(1);
    await expectRefusal(store.getTrace(ids[0]), 'RESOURCE_DOES_NOT_EXIST');
    expect((await store.getTrace(ids[1])).spans).toHaveLength(1);
    expect((await store.getTrace(elsewhere)).spans).toHaveLength(1);
  });

  test('the oldest are deleted', async () => {
    const { store } = subject();
    const experimentId = await subject().experiment();
    const ids: string[] = [];
    for (const requestTime of [5, 1, 3, 2, 4]) ids.push(await subject().trace({ experimentId, requestTime }));
    expect(await store.deleteTraces(experimentId, { maxTimestampMs: 4, maxTraces: 2 })).toBe(2);
    expect(await store.deleteTraces(experimentId, { maxTimestampMs: 3 })).toBe(1);
    const left = await store.getTraces(ids);
    expect(left.map(({ info }) => info.requestTime)).toEqual([5, 4]);
    expect(await store.deleteTraces(experimentId, { maxTimestampMs: 0 })).toBe(0);
  });

  test('a deletion of none, or of no number, is refused', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    await expectRefusal(store.deleteTraces(id, { traceIds: [] }), 'INVALID_PARAMETER_VALUE');
    await expectRefusal(store.deleteTraces(id, { maxTimestampMs: 5, maxTraces: 0 }), 'INVALID_PARAMETER_VALUE');
    await expectRefusal(store.deleteTraces(id, { maxTimestampMs: 5, maxTraces: -1 }), 'INVALID_PARAMETER_VALUE');
  });

  test('traces are linked to a run, and found by it', async () => {
    const { store } = subject();
    const id = await subject().experiment();
    const runId = await subject().run({ experiment: { id } });
    const traceIds = [await subject().trace({ experimentId: id }), await subject().trace({ experimentId: id })];
    await subject().trace({ experimentId: id });
    await store.linkTracesToRun(traceIds, subject().idOf(runId));
    await store.linkTracesToRun(traceIds.slice(0, 1), subject().idOf(runId));
    await store.linkTracesToRun([], subject().idOf(runId));
    const filter = `trace.run_id = '${subject().idOf(runId)}'`;
    const { items } = await store.searchTraces({ experimentIds: [id], filter });
    expect(items.map(({ traceId }) => traceId).toSorted()).toEqual(traceIds.toSorted());
    const many = Array.from({ length: 101 }, newTraceId);
    await expectRefusal(
      store.linkTracesToRun(many, subject().idOf(runId)),
      'INVALID_PARAMETER_VALUE',
      /Cannot link more than 100 traces to a run/,
    );
  });

  test('versions of prompts are linked to a trace, named in its tag, and found by them', async () => {
    const { store } = subject();
    const experimentId = await subject().experiment();
    const traceId = await subject().trace({ experimentId });
    await subject().trace({ experimentId });
    await store.linkPromptVersionsToTrace(traceId, [{ name: 'ask', version: '1' }]);
    await store.linkPromptVersionsToTrace(traceId, [
      { name: 'ask', version: '1' },
      { name: 'ask', version: '2' },
    ]);
    const { tags } = await store.getTraceInfo(traceId);
    expect(JSON.parse(tags['mlflow.linkedPrompts'] ?? '')).toEqual([
      { name: 'ask', version: '1' },
      { name: 'ask', version: '2' },
    ]);
    const { items } = await store.searchTraces({ experimentIds: [experimentId], filter: "prompt = 'ask/2'" });
    expect(items.map((info) => info.traceId)).toEqual([traceId]);
  });

  test('ids that are not hexadecimal are refused', async () => {
    const experiment = { id: await subject().experiment() };
    const refused = await subject().deliver(
      spanRecord({ experiment, traceId: 'tr-1' }),
      spanRecord({ experiment, spanId: 'x' }),
      spanRecord({ experiment, parentSpanId: 'x' }),
    );
    expect(refused).toEqual(Array(3).fill('INVALID_PARAMETER_VALUE'));
  });

  test('hundreds of spans of one trace are stored by one delivery', async () => {
    const experiment = { id: await subject().experiment() };
    const traceId = newTraceId();
    const root = spanRecord({ experiment, traceId });
    const start = 1_700_000_000_200_000_000n;
    const children = Array.from({ length: 300 }, (_, index) =>
      spanRecord({
        experiment,
        traceId,
        parentSpanId: root.spanId,
        name: `child ${index}`,
        startTimeUnixNano: String(start + BigInt(index)),
        endTimeUnixNano: String(start + 1000n),
      }),
    );
    expect(await subject().deliver(...children, root, traceRecord({ experiment, traceId }))).toEqual([]);
    const { spans } = await subject().store.getTrace(traceId);
    expect(spans.map(({ name }) => name)).toEqual(['chat', ...children.map(({ name }) => name)]);
  });

  test('one of an unknown or deleted experiment is refused', async () => {
    const id = await subject().experiment();
    await subject().store.deleteExperiment(id);
    expect(await subject().deliver(traceRecord({ experiment: { id } }))).toEqual(['INVALID_PARAMETER_VALUE']);
    expect(await subject().deliver(traceRecord({ experiment: { id: '999999999' } }))).toEqual([
      'RESOURCE_DOES_NOT_EXIST',
    ]);
  });
}
