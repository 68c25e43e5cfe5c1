import { TraceKey } from '../../entities/trace-keys.ts';
import { cutText } from '../../entities/validation.ts';
import type { Row, SqlValue } from './operation.ts';
import { toPythonJson } from './span-content.ts';

/** Columns of a trace's tokens, as its metadata names them. */
export const TOKEN_COLUMNS = [
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation_input_tokens_above_1hr',
] as const;
/** Columns of its costs, in US dollars. */
export const COST_COLUMNS = ['input_cost', 'output_cost', 'total_cost'] as const;

/** Columns that newer databases have for what older ones keep as tags and metadata, in the order of their values. */
export const TRACE_COLUMNS = ['trace_name', 'session_id', ...TOKEN_COLUMNS, ...COST_COLUMNS] as const;

/** Values of these columns for a trace's tags and metadata; null keeps what is there. */
export function toTraceColumns(
  tags: Readonly<Record<string, string>>,
  metadata: Readonly<Record<string, string>>,
): readonly SqlValue[] {
  const tokens = parseNumbers(metadata[TraceKey.usage]);
  const costs = parseNumbers(metadata[TraceKey.cost]);
  const name = tags[TraceKey.name];
  const session = metadata[TraceKey.session];
  return [
    name === undefined ? null : cutText(name, 4096),
    session === undefined ? null : cutText(session, 250),
    ...TOKEN_COLUMNS.map((key) => (Number.isSafeInteger(tokens[key]) ? (tokens[key] as number) : null)),
    ...COST_COLUMNS.map((key) => costs[key] ?? null),
  ];
}

/** Numbers of a trace's token usage, by MLflow's keys. */
export function toTokenMetrics(
  metadata: Readonly<Record<string, string>>,
): readonly (readonly [string, number])[] {
  const tokens = parseNumbers(metadata[TraceKey.usage]);
  return TOKEN_COLUMNS.flatMap((key) => (tokens[key] === undefined ? [] : [[key, tokens[key]] as const]));
}

/** Whether a tag or metadata of this key has columns of its own in newer databases. */
export function hasTraceColumn(key: string): boolean {
  return key === TraceKey.name || key === TraceKey.session || key === TraceKey.usage || key === TraceKey.cost;
}

/** Tags that a row's columns stand for. */
export function tagsOfColumns(row: Row): Record<string, string> {
  return typeof row.trace_name === 'string' ? { [TraceKey.name]: row.trace_name } : {};
}

/** Metadata that a row's columns stand for. */
export function metadataOfColumns(row: Row): Record<string, string> {
  const metadata: Record<string, string> = {};
  if (typeof row.session_id === 'string') metadata[TraceKey.session] = row.session_id;
  for (const [key, columns] of [
    [TraceKey.usage, TOKEN_COLUMNS] as const,
    [TraceKey.cost, COST_COLUMNS] as const,
  ]) {
    const known = columns.filter((column) => typeof row[column] === 'number');
    if (known.length > 0)
      metadata[key] = toPythonJson(Object.fromEntries(known.map((column) => [column, row[column]])));
  }
  return metadata;
}

function parseNumbers(json: string | undefined): Readonly<Record<string, number>> {
  try {
    const entries = Object.entries((JSON.parse(json ?? '{}') ?? {}) as object);
    return Object.fromEntries(entries.filter(([, value]) => typeof value === 'number'));
  } catch {
    // A SyntaxError: metadata is free text, and this one is no JSON.
    return {};
  }
}
