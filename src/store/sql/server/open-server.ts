import type { ServerAddress } from '../../server-uri.ts';
import type { ChunkTarget } from '../apply-chunk.ts';
import type { Operation } from '../operation.ts';
import { prepareSchema, readyShape, schemaVersion } from '../schema/prepare.ts';
import type { SchemaTarget } from '../schema/schema-target.ts';
import { inspectSchema, type SchemaShape } from '../schema/verify.ts';
import { answerOf, SILENCE_MS } from './answer-of.ts';
import type { EngineKind } from './engine-kind.ts';
import { readPoolSettings } from './pool-settings.ts';
import { ServerEngine } from './server-engine.ts';

/**
 * A server's database that was connected, found to be MLflow's, and made complete.
 *
 * MLflow may upgrade it while it is in use here, so its shape is looked at again whenever its revision has changed.
 */
export class OpenServer implements ChunkTarget {
  readonly engine: ServerEngine;
  readonly artifactRoot: string;
  readonly #target: SchemaTarget;
  #shape: SchemaShape;
  #version: number | string;

  private constructor(engine: ServerEngine, target: SchemaTarget, shape: SchemaShape, version: number | string) {
    this.engine = engine;
    this.artifactRoot = target.artifactRoot;
    this.#target = target;
    this.#shape = shape;
    this.#version = version;
  }

  /** @throws {AutologError} when the database cannot be used; one of something else is left as it was. */
  static async open(
    kind: EngineKind,
    address: ServerAddress,
    target: SchemaTarget,
    onEngine: (engine: ServerEngine) => void,
  ): Promise<OpenServer> {
    const engine = OpenServer.connect(kind, address);
    onEngine(engine);
    try {
      const opening = OpenServer.#prepare(engine, target);
      return await answerOf(opening, {
        limitMs: SILENCE_MS,
        shown: address.shown,
        lastAnswerMs: () => engine.lastAnswerMs,
        onSilence: () => engine.abandon(),
      });
    } catch (error) {
      await engine.close().catch(() => undefined);
      throw error;
    }
  }

  static async #prepare(engine: ServerEngine, target: SchemaTarget): Promise<OpenServer> {
    const ready = await engine.read(readyShape(target));
    const shape = ready ?? (await engine.writeSchema(prepareSchema(target)));
    return new OpenServer(engine, target, shape, await engine.read(schemaVersion()));
  }

  /** Makes the pool of connections; a connection is made when it is needed. */
  static connect(kind: EngineKind, address: ServerAddress): ServerEngine {
    return new ServerEngine(kind, address, readPoolSettings());
  }

  *shape(): Operation<SchemaShape> {
    const version = yield* schemaVersion();
    if (version !== this.#version) {
      this.#shape = (yield* inspectSchema(this.#target)) ?? this.#shape;
      this.#version = version;
    }
    return this.#shape;
  }

  *shaped<T>(operation: (shape: SchemaShape) => Operation<T>): Operation<T> {
    return yield* operation(yield* this.shape());
  }
}
