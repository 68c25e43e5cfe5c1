import type { ViewType } from '../entities/view-type.ts';

/** What every search takes. */
export interface SearchOptions {
  /** In MLflow's grammar, see docs/search.md. @default everything */
  readonly filter?: string;
  /** As `["metrics.loss ASC", "start_time DESC"]`; entities without the value come last. */
  readonly orderBy?: readonly string[];
  /** At most so many on a page. */
  readonly maxResults?: number;
  /** Of the page before; the other options must be the same as there. */
  readonly pageToken?: string | null;
}

/** Which experiments are searched. At most 50,000 on a page. */
export interface SearchExperimentsOptions extends SearchOptions {
  /** @default 'ACTIVE_ONLY' */
  readonly viewType?: ViewType;
}

/** Which runs are searched. At most 50,000 on a page, 1,000 by default. */
export interface SearchRunsOptions extends SearchOptions {
  readonly experimentIds: readonly string[];
  /** @default 'ACTIVE_ONLY' */
  readonly viewType?: ViewType;
}

/** Which logged models are searched. 100 on a page by default. */
export interface SearchLoggedModelsOptions extends Omit<SearchOptions, 'orderBy'> {
  readonly experimentIds: readonly string[];
  /** Restricts the metrics of the filter to these datasets. */
  readonly datasets?: readonly DatasetRef[];
  readonly orderBy?: readonly LoggedModelOrder[];
}

/** Names a dataset; without digest, every one of the name. */
export interface DatasetRef {
  readonly datasetName: string;
  readonly datasetDigest?: string | undefined;
}

/** One key that logged models are sorted by. */
export interface LoggedModelOrder {
  /** An attribute, or `metrics.<name>`. */
  readonly fieldName: string;
  /** @default true */
  readonly ascending?: boolean;
  readonly datasetName?: string;
  readonly datasetDigest?: string;
}

/** Which traces are searched. At most 500 on a page, 100 by default. */
export interface SearchTracesOptions extends SearchOptions {
  readonly experimentIds: readonly string[];
}
