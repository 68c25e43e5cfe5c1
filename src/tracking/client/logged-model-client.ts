import type { ArtifactInfo, ArtifactRepository } from '../../artifacts/artifact-repository.ts';
import { resolveArtifactRepository } from '../../artifacts/resolve.ts';
import { nowMs } from '../../clock.ts';
import type { LoggedModel, LoggedModelStatus } from '../../entities/logged-model.ts';
import type { Page } from '../../entities/page.ts';
import {
  validateLoggedModelName,
  validateLoggedModelParam,
  validateLoggedModelTag,
} from '../../entities/validation.ts';
import { invalidParameter } from '../../errors.ts';
import { randomUuidHex } from '../../random-id.ts';
import type { SearchLoggedModelsOptions } from '../../store/search-options.ts';
import { requireOptions, requireText } from '../check-argument.ts';
import { checkClientSearch, MODEL_SEARCH } from '../fluent/check-search.ts';
import { toTexts } from '../runs/records.ts';
import { createRunName } from '../runs/run-names.ts';
import { ArtifactClient } from './artifact-client.ts';

/** How a logged model begins. */
export interface CreateLoggedModelOptions {
  /** @default two random words and a number */
  readonly name?: string;
  /** The run that makes it; the model is in its experiment then. */
  readonly sourceRunId?: string;
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, unknown>>;
  /** A word of your own to find and compare models by, as "agent". */
  readonly modelType?: string;
}

const FINAL_STATUSES: readonly string[] = ['READY', 'UPLOAD_FAILED'] satisfies LoggedModelStatus[];

/** The client's methods for logged models. */
export class LoggedModelClient extends ArtifactClient {
  /** Begins a logged model, PENDING until it is finalized. */
  async createLoggedModel(
    experimentId: string | number,
    options: CreateLoggedModelOptions = {},
  ): Promise<LoggedModel> {
    requireOptions('Cannot create a logged model', options, "{ name: 'first' }");
    const { name = createRunName(), sourceRunId, tags = {}, params = {}, modelType } = options;
    validateLoggedModelName(name);
    const modelId = `m-${randomUuidHex()}`;
    await this.write([
      {
        op: 'createModel',
        modelId,
        runId: sourceRunId ?? null,
        ...(sourceRunId === undefined ? { experiment: { id: String(experimentId) } } : {}),
        name,
        modelType: modelType ?? null,
        creationTime: nowMs(),
        params: toParams(params),
        tags: toTags(tags),
      },
    ]);
    return this.getLoggedModel(modelId);
  }

  /** Ends the upload of a logged model: READY, or UPLOAD_FAILED. */
  async finalizeLoggedModel(modelId: string, status: LoggedModelStatus): Promise<LoggedModel> {
    if (!FINAL_STATUSES.includes(status)) {
      throw invalidParameter(
        `Cannot finalize the model ${String(modelId)}: '${String(status)}' is no end; use READY or UPLOAD_FAILED.`,
      );
    }
    await this.getLoggedModel(modelId);
    await this.write([{ op: 'finalizeModel', modelId, status, step: 0, time: nowMs() }]);
    return this.getLoggedModel(modelId);
  }

  async getLoggedModel(modelId: string): Promise<LoggedModel> {
    return (await this.upToDate()).getLoggedModel(requireModelId(modelId));
  }

  /** Logged models of experiments, the newest first. */
  async searchLoggedModels(options: SearchLoggedModelsOptions): Promise<Page<LoggedModel>> {
    checkClientSearch(MODEL_SEARCH, options);
    return (await this.upToDate()).searchLoggedModels(options);
  }

  /** Adds params; one that is there already is refused. */
  async logModelParams(modelId: string, params: Readonly<Record<string, unknown>>): Promise<void> {
    await (await this.upToDate()).logLoggedModelParams(requireModelId(modelId), toParams(params));
  }

  async setLoggedModelTags(modelId: string, tags: Readonly<Record<string, unknown>>): Promise<void> {
    await (await this.upToDate()).setLoggedModelTags(requireModelId(modelId), toTags(tags));
  }

  async deleteLoggedModelTag(modelId: string, key: string): Promise<void> {
    requireText('the key of a tag', key);
    await (await this.upToDate()).deleteLoggedModelTag(requireModelId(modelId), key);
  }

  /** Moves a logged model to the bin. */
  async deleteLoggedModel(modelId: string): Promise<void> {
    await (await this.upToDate()).deleteLoggedModel(requireModelId(modelId));
  }

  /** Copies a local file to the model's files. */
  async logModelArtifact(modelId: string, localPath: string): Promise<void> {
    await (await this.#modelFiles(modelId)).logFile(localPath);
  }

  /** Copies what is in a local folder to the model's files. */
  async logModelArtifacts(modelId: string, localFolder: string): Promise<void> {
    await (await this.#modelFiles(modelId)).logFolder(localFolder);
  }

  async listLoggedModelArtifacts(modelId: string, folder?: string): Promise<readonly ArtifactInfo[]> {
    return (await this.#modelFiles(modelId)).list(folder);
  }

  async #modelFiles(modelId: string): Promise<ArtifactRepository> {
    const { artifactLocation } = await this.getLoggedModel(modelId);
    return resolveArtifactRepository(artifactLocation, { trackingUri: this.trackingUri });
  }
}

function requireModelId(modelId: string): string {
  return requireText('the id of a logged model', modelId);
}

function toParams(params: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(toTexts('param', params));
  return Object.fromEntries(texts.map(([key, text]) => [key, validateLoggedModelParam(key, text)]));
}

function toTags(tags: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(toTexts('tag', tags));
  return Object.fromEntries(texts.map(([key, text]) => [key, validateLoggedModelTag(key, text)]));
}
