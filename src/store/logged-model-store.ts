import type { LoggedModel } from '../entities/logged-model.ts';
import type { Page } from '../entities/page.ts';
import type { SearchLoggedModelsOptions } from './search-options.ts';

/**
 * Reads logged models and changes them; their creation and the end of their upload arrive as records.
 *
 * Every method rejects with RESOURCE_DOES_NOT_EXIST for an unknown model.
 */
export interface LoggedModelStore {
  getLoggedModel(modelId: string, options?: { readonly allowDeleted?: boolean }): Promise<LoggedModel>;
  searchLoggedModels(options: SearchLoggedModelsOptions): Promise<Page<LoggedModel>>;
  setLoggedModelTags(modelId: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** RESOURCE_DOES_NOT_EXIST for a tag that is not there. */
  deleteLoggedModelTag(modelId: string, key: string): Promise<void>;
  /** Adds params; INVALID_PARAMETER_VALUE for one that is there already. */
  logLoggedModelParams(modelId: string, params: Readonly<Record<string, string>>): Promise<void>;
  deleteLoggedModel(modelId: string): Promise<void>;
}
