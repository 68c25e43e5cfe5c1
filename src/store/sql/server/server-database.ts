import { setTimeout as sleep } from 'node:timers/promises';
import { steadyMs } from '../../../clock.ts';
import type { DeliverOptions, RecordSource, RejectedRecord } from '../../delivery.ts';
import type { ServerAddress } from '../../server-uri.ts';
import { applyChunk, type ChunkAt, forgetJournal, readPosition } from '../apply-chunk.ts';
import type { Database } from '../database.ts';
import { DeliveryProgress } from '../delivery-progress.ts';
import type { Operation } from '../operation.ts';
import type { SchemaTarget } from '../schema/schema-target.ts';
import type { SchemaShape } from '../schema/verify.ts';
import { isStoreError, type StoreFault } from '../store-error.ts';
import { answerOf, SILENCE_MS } from './answer-of.ts';
import type { EngineKind } from './engine-kind.ts';
import { OpenServer } from './open-server.ts';
import type { ServerEngine, TransactionOptions } from './server-engine.ts';

/** Tries of a transaction that another one came between. */
const MAX_TRIES: Readonly<Partial<Record<StoreFault, number>>> = { conflict: 8, duplicate: 4 };
/** Tries of the first connection, as MLflow makes them. */
const MAX_OPENINGS = 10;

/**
 * A database of a server, which MLflow opens as it is.
 *
 * It is connected, and its schema made where it is missing, at first use; all that use it at once wait for the one that does.
 */
export class ServerDatabase implements Database {
  readonly dialect: ServerAddress['dialect'];
  readonly artifactRoot: string;
  readonly #kind: EngineKind;
  readonly #address: ServerAddress;
  #opened: Promise<OpenServer> | undefined;
  /** That of `#opened`, as soon as it is made. */
  #engine: ServerEngine | undefined;

  constructor(kind: EngineKind, address: ServerAddress, artifactRoot: string) {
    this.dialect = address.dialect;
    this.artifactRoot = artifactRoot;
    this.#kind = kind;
    this.#address = address;
  }

  /** With `patienceMs`, a server that is away is not tried for longer. */
  async read<T>(operation: Operation<T>, patienceMs?: number): Promise<T> {
    const giveUpAt = patienceMs === undefined ? undefined : steadyMs() + patienceMs;
    const opened = await this.#open(giveUpAt);
    return this.#answered(opened, opened.engine.read(operation), giveUpAt);
  }

  async readShaped<T>(operation: (shape: SchemaShape) => Operation<T>): Promise<T> {
    const opened = await this.#open();
    return this.#answered(opened, opened.engine.read(opened.shaped(operation)));
  }

  async write<T>(begin: () => Operation<T>): Promise<T> {
    return this.#write(begin);
  }

  async writeShaped<T>(operation: (shape: SchemaShape) => Operation<T>): Promise<T> {
    return this.#write((opened) => opened.shaped(operation));
  }

  async deliver(source: RecordSource, { patienceMs }: DeliverOptions = {}): Promise<readonly RejectedRecord[]> {
    const giveUpAt = steadyMs() + (patienceMs ?? DEFAULT_PATIENCE_MS);
    const rejected: RejectedRecord[] = [];
    const progress = new DeliveryProgress(source);
    for (;;) {
      const opened = await this.#open(giveUpAt);
      const position = await this.#answered(opened, opened.engine.read(readPosition(source.id)), giveUpAt);
      if (!progress.reaches(position)) return rejected;
      const chunk = source.read(position);
      if (chunk.end <= position) return rejected;
      rejected.push(...(await this.#storeChunk({ source, position, chunk }, patienceMs, giveUpAt)));
    }
  }

  async forget(sourceId: string, { patienceMs }: DeliverOptions = {}): Promise<void> {
    const giveUpAt = patienceMs === undefined ? undefined : steadyMs() + patienceMs;
    await this.#write(() => forgetJournal(sourceId), { patienceMs }, giveUpAt);
  }

  async inspect<T>(operation: (target: SchemaTarget) => Operation<T>): Promise<T> {
    const engine = OpenServer.connect(this.#kind, this.#address);
    try {
      return await engine.read(operation(this.#target()));
    } finally {
      await engine.close();
    }
  }

  async changeSchema<T>(operation: (target: SchemaTarget) => Operation<T>): Promise<T> {
    const engine = OpenServer.connect(this.#kind, this.#address);
    try {
      return await engine.writeSchema(operation(this.#target()));
    } finally {
      await engine.close();
    }
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    // What could not be opened has nothing to close.
    await opened?.then((it) => it.engine.close()).catch(() => undefined);
  }

  breakOff(): void {
    this.#opened = undefined;
    this.#engine?.abandon();
  }

  async #storeChunk(
    at: ChunkAt,
    patienceMs: number | undefined,
    giveUpAt: number,
  ): Promise<readonly RejectedRecord[]> {
    const apply = (refusedFaults?: readonly StoreFault[]) =>
      this.#write(
        (opened) => applyChunk(at, opened, refusedFaults),
        { patienceMs, isRowByRow: refusedFaults !== undefined },
        giveUpAt,
      );
    try {
      return await apply();
    } catch (error) {
      if (isStoreError(error) && !['value', 'duplicate'].includes(error.fault)) throw error;
    }
    // Some record fails in the midst of its writes: again, now with a savepoint before each, which costs time. A row that
    // is there already may be another process's of this moment, and is refused only if it stays.
    try {
      return await apply(['value']);
    } catch (error) {
      if (!isStoreError(error) || error.fault !== 'duplicate') throw error;
    }
    return apply(['value', 'duplicate']);
  }

  /** Begins anew where another transaction came between, which two that write the same rows do to each other. */
  async #write<T>(
    begin: (opened: OpenServer) => Operation<T>,
    options: TransactionOptions = {},
    giveUpAt?: number,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      const opened = await this.#open(giveUpAt);
      try {
        return await this.#answered(opened, opened.engine.write(begin(opened), options), giveUpAt);
      } catch (error) {
        const maxTries = isStoreError(error) ? (MAX_TRIES[error.fault] ?? 1) : 1;
        if (tries >= maxTries || (giveUpAt !== undefined && steadyMs() > giveUpAt)) throw error;
        await sleep(Math.random() * 20 * 2 ** tries);
      }
    }
  }

  /** Leaves a server that has fallen silent; the next use connects anew. */
  async #answered<T>(opened: OpenServer, work: Promise<T>, giveUpAt?: number): Promise<T> {
    return answerOf(work, {
      limitMs: limitOf(giveUpAt),
      shown: this.#address.shown,
      lastAnswerMs: () => opened.engine.lastAnswerMs,
      onSilence: () => {
        this.#opened = undefined;
        opened.engine.abandon();
      },
    });
  }

  /** With MLflow's pauses between the tries; a caller with less patience gives up earlier. */
  async #open(giveUpAt?: number): Promise<OpenServer> {
    for (let tries = 1; ; tries++) {
      this.#opened ??= OpenServer.open(this.#kind, this.#address, this.#target(), (engine) => {
        this.#engine = engine;
      });
      const opening = this.#opened;
      try {
        return await answerOf(opening, { limitMs: limitOf(giveUpAt), shown: this.#address.shown });
      } catch (error) {
        if (this.#opened === opening) this.#opened = undefined;
        const pauseMs = 100 * (2 ** tries - 1);
        const isLast = tries >= MAX_OPENINGS || (giveUpAt !== undefined && steadyMs() + pauseMs > giveUpAt);
        if (isLast || !isStoreError(error) || error.fault !== 'connection') throw error;
        await sleep(pauseMs);
      }
    }
  }

  #target(): SchemaTarget {
    return { dialect: this.dialect, name: this.#address.shown, artifactRoot: this.artifactRoot };
  }
}

const DEFAULT_PATIENCE_MS = 20_000;
/** Time that a caller with a stated patience is kept waiting beyond it. */
const EXTRA_MS = 5_000;

function limitOf(giveUpAt?: number): number {
  return giveUpAt === undefined ? SILENCE_MS : Math.max(0, giveUpAt - steadyMs()) + EXTRA_MS;
}
