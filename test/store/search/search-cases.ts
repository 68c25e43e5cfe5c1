import type { ViewType } from '../../../src/entities/view-type.ts';
import type { LoggedModelOrder } from '../../../src/store/search-options.ts';
import type { TrackingStore } from '../../../src/store/tracking-store.ts';
import { createRandom, type Random } from './random.ts';
import { runId, TEXTS, traceId } from './search-data.ts';

/** What is searched. */
export type Searched = 'experiments' | 'runs' | 'models' | 'traces';

/** A search to be walked to its end, page by page. */
export interface SearchCase {
  readonly of: Searched;
  readonly filter: string;
  readonly orderBy: readonly string[];
  readonly maxResults: number;
  readonly viewType: ViewType;
  readonly datasets: readonly { readonly datasetName: string; readonly datasetDigest?: string }[];
}

/** Makes searches of one kind: the same ones every time. */
export function makeCases(of: Searched, count: number, seed: number): readonly SearchCase[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const clauses = Array.from({ length: random.integer(4) }, () => random.pick(CLAUSES[of])(random));
    const keys = [...new Set(Array.from({ length: random.integer(3) }, () => random.pick(ORDERS[of])))];
    return {
      of,
      filter: clauses.join(random.pick([' AND ', ' and '])),
      orderBy: keys.map((key) => `${key} ${random.pick(['ASC', 'DESC'])}`),
      maxResults: random.pick([5, 20, 100]),
      viewType: random.pick(['ACTIVE_ONLY', 'ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'] as const),
      datasets: of === 'models' ? random.pick([[], [], [{ datasetName: 'd', datasetDigest: '1' }]]) : [],
    };
  });
}

/** Walks a search to its end and returns the ids in order. */
export async function walk(
  store: TrackingStore,
  experimentIds: readonly string[],
  { of, filter, orderBy, maxResults, viewType, datasets }: SearchCase,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let pageToken: string | null = null;
  do {
    const options = { filter, orderBy, maxResults, pageToken };
    const page: { items: readonly unknown[]; nextPageToken: string | null } =
      of === 'experiments'
        ? await store.searchExperiments({ ...options, viewType })
        : of === 'runs'
          ? await store.searchRuns({ ...options, viewType, experimentIds })
          : of === 'traces'
            ? await store.searchTraces({ ...options, experimentIds })
            : await store.searchLoggedModels({
                ...options,
                experimentIds,
                datasets,
                orderBy: orderBy.map(toOrder),
              });
    ids.push(...page.items.map((item) => idOf(item as Parameters<typeof idOf>[0])));
    pageToken = page.nextPageToken;
  } while (pageToken !== null);
  return ids;
}

function idOf(item: {
  experimentId?: string;
  info?: { runId: string };
  modelId?: string;
  traceId?: string;
}): string {
  return item.info?.runId ?? item.modelId ?? item.traceId ?? item.experimentId ?? '';
}

function toOrder(text: string): LoggedModelOrder {
  const [fieldName = '', direction] = text.split(' ');
  return { fieldName, ascending: direction === 'ASC' };
}

type MakeClause = (random: Random) => string;

function quoted(random: Random, text = random.pick(TEXTS)): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

function pattern(random: Random): string {
  return quoted(
    random,
    random.pick(['%a%', 'a%', '%b', '_', 'a_b', 'A%', '%', '%\\%', 'a[b]', 'a*b', '%ä%', '10', '%é']),
  );
}

function text(key: string, random: Random): string {
  const comparator = random.pick(['=', '!=', 'LIKE', 'ILIKE', '=']);
  return `${key} ${comparator} ${comparator.endsWith('LIKE') ? pattern(random) : quoted(random)}`;
}

function number(key: string, choices: readonly (number | string)[], random: Random): string {
  return `${key} ${random.pick(['=', '!=', '>', '>=', '<', '<='])} ${random.pick(choices)}`;
}

const METRICS = [-1, 0, 0.1, 0.5, 1, 2, 100];
const times = (from: number): readonly number[] => [0, 3, 7, 12, 50].map((each) => from + each);
const START = 1_700_000_000_000;

const CLAUSES: Readonly<Record<Searched, readonly MakeClause[]>> = {
  experiments: [
    (random) => `name ${random.pick(['=', '!='])} '${random.pick(['one', 'two', 'Two', 'Default'])}'`,
    (random) => `name ${random.pick(['LIKE', 'ILIKE'])} '${random.pick(['t%', '%o%', 'T%', '_ne'])}'`,
    (random) => text('tags.team', random),
    (random) => `tag.odd ${random.pick(['IS NULL', 'IS NOT NULL'])}`,
    (random) => `experiment_id ${random.pick(["= '1'", "!= '2'", "IN ('1', '3')", "NOT IN ('0')"])}`,
    (random) => number('creation_time', [0, 9_999_999_999_999], random),
  ],
  runs: [
    (random) => text('params.lr', random),
    (random) => text('tags.team', random),
    (random) => `params.depth ${random.pick(['=', '!='])} '${random.integer(4)}'`,
    (random) => `tags.\`a.b c\` ${random.pick(['IS NULL', 'IS NOT NULL', "= 'dotted'"])}`,
    (random) => `params.lr ${random.pick(['IS NULL', 'IS NOT NULL'])}`,
    (random) => number('metrics.loss', METRICS, random),
    (random) => number('metric.`val/acc`', METRICS, random),
    (random) => number('metrics.acc', METRICS, random),
    (random) => text('run_name', random),
    (random) => `status ${random.pick(['=', '!='])} '${random.pick(['FINISHED', 'RUNNING'])}'`,
    (random) => `user_id ${random.pick(['=', '!=', 'LIKE', 'ILIKE'])} 'ada'`,
    (random) => number('start_time', times(START), random),
    (random) => number('end_time', times(START), random),
    (random) => `run_id ${random.pick(['IN', 'NOT IN'])} ('${runId(1)}', '${runId(2)}')`,
    (random) => `dataset.name ${random.pick(['=', '!=', 'LIKE', 'ILIKE'])} 'train-set'`,
    (random) => `dataset.context ${random.pick(["= 'train'", "!= 'train'", "IN ('train', 'eval')", "LIKE 'e%'"])}`,
    (random) => `dataset.digest ${random.pick(['=', 'IN'])} ${"('d1')"}`.replace(/= \('d1'\)/, "= 'd1'"),
  ],
  models: [
    (random) => `name ${random.pick(['=', '!=', 'LIKE', 'ILIKE'])} '${random.pick(['net', 'a_b', 'tree'])}'`,
    (random) => `model_type ${random.pick(["= 'tfjs'", "!= 'tfjs'", "IN ('onnx', 'tfjs')", "NOT IN ('onnx')"])}`,
    (random) => number('creation_timestamp', times(START), random),
    (random) => number('metrics.loss', METRICS, random),
    (random) => number('metrics.acc', METRICS, random),
    (random) => `params.depth ${random.pick(["= 'a'", "!= 'a'", "LIKE 'a%'", "ILIKE '%B%'"])}`,
    (random) => `tags.team ${random.pick(["= 'a'", "!= 'a'", "LIKE 'a_b'", "ILIKE 'A%'"])}`,
    (random) => `experiment_id ${random.pick(['=', '!='])} '2'`,
  ],
  traces: [
    (random) => text('tags.team', random),
    (random) => text('metadata.`mlflow.trace.user`', random),
    (random) => `tag.team ${random.pick(['IS NULL', 'IS NOT NULL'])}`,
    (random) =>
      `metadata.\`mlflow.trace.session\` ${random.pick(["= 's1'", "!= 's1'", 'IS NULL', 'IS NOT NULL', "LIKE 's_'"])}`,
    (random) => `name ${random.pick(["= 'ask'", "!= 'ask'", "LIKE 'a_k'", "ILIKE 'ask'", "RLIKE '^a.k$'"])}`,
    (random) => `status ${random.pick(["= 'OK'", "!= 'OK'", "IN ('OK', 'ERROR')"])}`,
    (random) => `client_request_id ${random.pick(["= 'c1'", "!= 'c1'", "ILIKE 'c1'"])}`,
    (random) => `request_id ${random.pick(['=', '!='])} '${traceId(random.integer(9))}'`,
    (random) => number('timestamp_ms', times(START), random),
    (random) => number('execution_time_ms', [0, 3, 8], random),
    (random) => number('end_time_ms', times(START), random),
    (random) => `run_id = '${runId(random.integer(4))}'`,
    () => "prompt = 'greet/2'",
    () => "issue.id = 'i-1'",
    (random) =>
      `span.name ${random.pick(["= 'chat'", "!= 'chat'", "LIKE 'a_b'", "ILIKE 'CHAT'", "IN ('tool', 'chat')", "RLIKE '^c.*t$'"])}`,
    (random) => `span.type ${random.pick(["= 'LLM'", "!= 'LLM'", "NOT IN ('LLM')"])}`,
    (random) => `span.status ${random.pick(["= 'ERROR'", "!= 'OK'"])}`,
    (random) => `span.attributes.model ${random.pick(["LIKE '%gpt-4o%'", "ILIKE '%GPT%'", "LIKE '%größe%'"])}`,
    (random) => `span.content ${random.pick(["LIKE '%gpt-5%'", "ILIKE '%TOOL%'"])}`,
    (random) =>
      `feedback.good ${random.pick(["= 'yes'", "!= 'yes'", "= 'true'", 'IS NULL', 'IS NOT NULL', "LIKE '%e%'", '> 1'])}`,
    (random) => `expectation.score ${random.pick(["= '10'", "!= '1'", 'IS NULL', '>= 2.5', '< 2'])}`,
  ],
};

const ORDERS: Readonly<Record<Searched, readonly string[]>> = {
  experiments: ['name', 'experiment_id', 'creation_time'],
  runs: [
    ...['metrics.loss', 'metrics.acc', 'params.lr', 'tags.team', 'start_time', 'end_time', 'status', 'run_id'],
    ...['user_id', 'metric.`val/acc`', 'params.nowhere'],
  ],
  models: ['name', 'creation_timestamp', 'metrics.loss', 'metrics.acc', 'model_id', 'model_type', 'status'],
  traces: [
    ...['timestamp_ms', 'execution_time_ms', 'status', 'request_id', 'experiment_id', 'name', 'run_id'],
    ...['tags.team', 'metadata.`mlflow.trace.user`', 'metadata.`mlflow.trace.session`'],
  ],
};
