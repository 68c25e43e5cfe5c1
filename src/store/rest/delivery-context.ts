import { setTimeout as sleep } from 'node:timers/promises';
import type { ExperimentRef } from '../../entities/experiment.ts';
import type { AutologError } from '../../errors.ts';
import type { RejectedRecord } from '../delivery.ts';
import type { LogRecord } from '../log-record.ts';
import type { ExperimentIds } from './experiment-ids.ts';
import type { IdMap } from './id-map.ts';
import { isOfWholeRun, judge } from './refusals.ts';
import type { CallOptions, RestApi } from './rest-api.ts';

/** Requests that are on their way at a time: an MLflow server has four workers by default. */
const MOST_REQUESTS = 4;
const LATE_MS = 1500;

/** What the delivery of one chunk needs, and what it finds out. */
export interface DeliveryContextOptions {
  readonly api: RestApi;
  readonly ids: IdMap;
  readonly experiments: ExperimentIds;
  readonly call: CallOptions;
  /** Whether something of the chunk may be on the server already. */
  readonly isAgain: boolean;
}

/** The delivery of one chunk: its requests, at most a few at a time, and what is refused of it. */
export class DeliveryContext {
  readonly api: RestApi;
  readonly ids: IdMap;
  readonly call: CallOptions;
  readonly isAgain: boolean;
  readonly rejected: RejectedRecord[] = [];
  readonly #experiments: ExperimentIds;
  readonly #begun = new Map<string, PromiseWithResolvers<void>>();
  readonly #waiting: (() => void)[] = [];
  #lateArrivals: Promise<void> | undefined;
  #requests = 0;
  #isOver = false;

  constructor(options: DeliveryContextOptions) {
    this.api = options.api;
    this.ids = options.ids;
    this.call = options.call;
    this.isAgain = options.isAgain;
    this.#experiments = options.experiments;
  }

  /** Resolves when the server has had time for what one who was killed had sent: it may be at it still. */
  lateArrivals(): Promise<void> {
    this.#lateArrivals ??= sleep(LATE_MS);
    return this.#lateArrivals;
  }

  /** Makes a request as soon as there are few enough under way. */
  async send<T>(request: () => Promise<T>): Promise<T> {
    if (this.#requests >= MOST_REQUESTS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#requests += 1;
    try {
      return await request();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#requests -= 1;
      else next();
    }
  }

  experimentId(ref: ExperimentRef): Promise<string> {
    return this.send(() => this.#experiments.resolve(ref, this.call));
  }

  /** Says that a run or model will begin in this chunk: others that name it wait until `endBegin`. */
  announce(id: string): void {
    this.#begun.set(id, Promise.withResolvers());
  }

  endBegin(id: string): void {
    this.#begun.get(id)?.resolve();
  }

  /** Lets nobody wait any longer: the chunk has failed. */
  abort(): void {
    this.#isOver = true;
    for (const { resolve } of this.#begun.values()) resolve();
  }

  /** The server's id of a run or model; waits where it begins in this chunk. */
  async toServer(id: string): Promise<string> {
    if (!this.#isOver) await this.#begun.get(id)?.promise;
    return this.ids.toServer(id);
  }

  reject(records: readonly LogRecord[], error: AutologError): void {
    if (error.code === 'RESOURCE_DOES_NOT_EXIST') this.#experiments.forget();
    for (const record of records) this.rejected.push({ record, error });
  }

  /**
   * Does what one record asks for; what the server refuses is kept, any other failure comes through. `isFeature` where
   * an old server may not know of it.
   */
  async attempt(record: LogRecord, work: () => Promise<void>, options?: { isFeature?: boolean }): Promise<void> {
    await this.attemptAll([record], work, options);
  }

  /** The same for records that are sent together: in halves, until the refused one is found. */
  async attemptAll<T extends LogRecord>(
    records: readonly T[],
    work: (records: readonly T[]) => Promise<void>,
    options?: { isFeature?: boolean },
  ): Promise<void> {
    try {
      await work(records);
    } catch (error) {
      const { api, call } = this;
      const judgement = await judge(error, { api, call, again: () => work(records), ...options });
      if (judgement === 'delivered') return;
      if (judgement === 'failed') throw error;
      const refusal = error as AutologError;
      if (records.length === 1 || isOfWholeRun(refusal)) {
        this.reject(records, refusal);
        return;
      }
      const middle = records.length >> 1;
      await this.attemptAll(records.slice(0, middle), work, options);
      await this.attemptAll(records.slice(middle), work, options);
    }
  }
}
