import { expect } from 'vitest';
import type { Dataset } from '../../src/entities/dataset.ts';
import { AutologError, type ErrorCode } from '../../src/errors.ts';
import { randomHex, randomUuidHex } from '../../src/random-id.ts';
import type {
  CreateModelRecord,
  CreateRunRecord,
  LogRecord,
  MetricRecord,
  SpanRecord,
  TraceRecord,
} from '../../src/store/log-record.ts';
import type { TrackingStore } from '../../src/store/tracking-store.ts';
import { journalOf } from '../store/records.ts';

/** What only some back ends can do, or can do as MLflow's SQL store does. */
export type Ability = 'garbage' | 'checkNow' | 'ownIds' | 'exactKeys';

/** A kind of store that the contract is tested on. */
export interface BackEnd {
  readonly name: string;
  /** Why it lacks an ability: cases that need it are skipped, and say so. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
  /** Opens the store that all cases of a file share. */
  open(): Promise<TrackingStore>;
  /** Ends what stands behind the store, which is closed. */
  close?(): Promise<void>;
}

/** The store under test, with what the cases begin with; all of it is new, so that cases do not meet. */
export class Subject {
  readonly store: TrackingStore;

  constructor(store: TrackingStore) {
    this.store = store;
  }

  /** Delivers records as a journal of their own, and returns the codes of what was refused. */
  async deliver(...records: readonly LogRecord[]): Promise<readonly ErrorCode[]> {
    return (await this.deliverFully(...records)).map(({ code }) => code);
  }

  /** Delivers records as a journal of their own, and returns what was refused. */
  async deliverFully(...records: readonly LogRecord[]): Promise<readonly AutologError[]> {
    const rejected = await this.store.deliver(journalOf(records, `contract-${randomUuidHex()}`));
    return rejected.map(({ error }) => error);
  }

  /** Creates an experiment and returns its id. */
  async experiment(tags: Readonly<Record<string, string>> = {}): Promise<string> {
    return this.store.createExperiment(newName(), { tags });
  }

  /** Begins a run in an experiment, a new one by default, and returns its id. */
  async run(changes: Partial<CreateRunRecord> = {}): Promise<string> {
    const experiment = changes.experiment ?? { id: await this.experiment() };
    const record = runRecord({ ...changes, experiment });
    expect(await this.deliver(record)).toEqual([]);
    return record.runId;
  }

  /** Begins a logged model and returns its id. */
  async model(changes: Partial<CreateModelRecord> = {}): Promise<string> {
    const experiment = { id: changes.runId ? '0' : await this.experiment() };
    const record = modelRecord({ ...(changes.runId ? {} : { experiment }), ...changes });
    expect(await this.deliver(record)).toEqual([]);
    return record.modelId;
  }

  /** Stores a trace with one span, and returns its id. */
  async trace(changes: Partial<TraceRecord> & { readonly experimentId?: string } = {}): Promise<string> {
    const { experimentId = await this.experiment(), ...rest } = changes;
    const experiment = { id: experimentId };
    const record = traceRecord({ ...rest, experiment });
    expect(await this.deliver(spanRecord({ experiment, traceId: record.traceId }), record)).toEqual([]);
    return record.traceId;
  }

  /** The id that the store itself uses for what was begun under an id of ours. */
  idOf(id: string): string {
    return this.store.ids?.toServer(id) ?? id;
  }
}

/** Checks that a call is refused with a code, or one of several, in MLflow's words where they are given. */
export async function expectRefusal(
  call: Promise<unknown>,
  code: ErrorCode | readonly ErrorCode[],
  words = /./,
): Promise<void> {
  const outcome = await call.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(AutologError);
  expect(typeof code === 'string' ? [code] : code).toContain((outcome as AutologError).code);
  expect((outcome as AutologError).message).toMatch(words);
}

/** A name that nothing else has. */
export function newName(): string {
  return `n-${randomHex(8)}`;
}

/** An id of a trace that nothing else has. */
export function newTraceId(): string {
  return `tr-${randomHex(16)}`;
}

export function runRecord(changes: Partial<CreateRunRecord> = {}): CreateRunRecord {
  return {
    op: 'createRun',
    runId: randomUuidHex(),
    experiment: { id: '0' },
    name: 'calm-owl-7',
    userId: 'ada',
    startTime: 1_700_000_000_000,
    tags: { 'mlflow.user': 'ada' },
    ...changes,
  };
}

export function metricRecord(runId: string, changes: Partial<MetricRecord> = {}): MetricRecord {
  return { op: 'metric', runId, key: 'loss', value: 0.5, timestamp: 1_700_000_000_000, step: 0, ...changes };
}

export function modelRecord(changes: Partial<CreateModelRecord> = {}): CreateModelRecord {
  return {
    op: 'createModel',
    modelId: `m-${randomUuidHex()}`,
    runId: null,
    name: 'classifier',
    modelType: 'tfjs',
    creationTime: 1_700_000_000_000,
    params: { depth: '3' },
    tags: { team: 'blue' },
    ...changes,
  };
}

export function spanRecord(changes: Partial<SpanRecord> = {}): SpanRecord {
  return {
    op: 'span',
    experiment: { id: '0' },
    traceId: newTraceId(),
    spanId: randomHex(8),
    parentSpanId: null,
    name: 'chat',
    startTimeUnixNano: '1700000000123456789',
    endTimeUnixNano: '1700000001123456790',
    status: { code: 'OK', message: '' },
    attributes: { 'mlflow.spanType': 'CHAT_MODEL', 'mlflow.spanInputs': { question: 'größe "x"' } },
    events: [],
    ...changes,
  };
}

export function traceRecord(changes: Partial<TraceRecord> = {}): TraceRecord {
  return {
    op: 'trace',
    experiment: { id: '0' },
    traceId: newTraceId(),
    requestTime: 1_700_000_000_123,
    executionDuration: 1000,
    state: 'OK',
    requestPreview: 'hi',
    responsePreview: 'hello',
    metadata: { 'mlflow.trace.session': 's-1' },
    tags: { 'mlflow.traceName': 'chat', team: 'blue' },
    ...changes,
  };
}

export function dataset(changes: Partial<Dataset> = {}): Dataset {
  return {
    name: 'flowers',
    digest: 'd1',
    sourceType: 'local',
    source: '{"uri":"x.csv"}',
    schema: '{"mlflow_colspec":[]}',
    profile: '{"num_rows":4}',
    ...changes,
  };
}
