import { nowMs } from '../../clock.ts';
import { TraceKey } from '../../entities/trace-keys.ts';
import { cutText } from '../../entities/validation.ts';
import { AutologError, invalidParameter } from '../../errors.ts';
import { randomUuidHex } from '../../random-id.ts';
import type { PromptVersionRef } from '../trace-store.ts';
import { all, first, type Operation } from './operation.ts';
import { toPythonJson } from './span-content.ts';
import { insertNew } from './statement.ts';
import { requireTrace, UPSERT_TRACE_TAG } from './trace-rows.ts';

/**
 * Links traces to a run; a link that is there stays.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for more than 100 traces.
 */
export function* linkTracesToRun(traceIds: readonly string[], runId: string): Operation<void> {
  if (traceIds.length > MAX_LINKS) {
    throw invalidParameter(
      `Cannot link more than ${MAX_LINKS} traces to a run in a single request. Provided ${traceIds.length} traces; link them in parts.`,
    );
  }
  for (const traceId of traceIds) yield* link(traceId, 'run', runId);
}

/**
 * Links versions of prompts to a trace, and names them in its tag.
 *
 * @throws {AutologError} RESOURCE_DOES_NOT_EXIST for an unknown trace, INVALID_STATE for a tag that is no list.
 */
export function* linkPromptVersions(traceId: string, prompts: readonly PromptVersionRef[]): Operation<void> {
  yield* requireTrace(traceId);
  const tag = (yield* first(SELECT_TAG, traceId))?.value;
  const known = tag === undefined ? [] : parsePrompts(String(tag));
  if (known === undefined) {
    throw new AutologError(
      'INVALID_STATE',
      `Cannot link prompts to the trace ${traceId}: Invalid JSON format for '${TraceKey.linkedPrompts}' tag: ${cutText(String(tag), 200)}; delete the tag.`,
    );
  }
  const isNew = ({ name, version }: PromptVersionRef) =>
    !known.some((prompt) => prompt.name === name && prompt.version === version);
  const added = prompts.filter(isNew).map(({ name, version }) => ({ name, version: String(version) }));
  if (added.length > 0)
    yield* all(UPSERT_TRACE_TAG, TraceKey.linkedPrompts, toPythonJson([...known, ...added]), traceId);
  yield* linkPrompts(traceId, prompts);
}

/** Links what the tag of a trace's prompts names; a tag that names none is passed over. */
export function* linkPromptsOfTag(traceId: string, tag: string): Operation<void> {
  yield* linkPrompts(traceId, parsePrompts(tag) ?? []);
}

const MAX_LINKS = 100;
const SELECT_TAG = `SELECT value FROM trace_tags WHERE request_id = ? AND "key" = '${TraceKey.linkedPrompts}'`;
const INSERT_LINK = insertNew(
  'entity_associations',
  ['association_id', 'source_type', 'source_id', 'destination_type', 'destination_id', 'created_time'],
  ['source_type', 'source_id', 'destination_type', 'destination_id'],
);

function* linkPrompts(traceId: string, prompts: readonly PromptVersionRef[]): Operation<void> {
  for (const { name, version } of prompts) yield* link(traceId, 'prompt_version', `${name}/${version}`);
}

function* link(traceId: string, kind: 'run' | 'prompt_version', id: string): Operation<void> {
  yield* all(INSERT_LINK, randomUuidHex(), 'trace', traceId, kind, id, nowMs());
}

function parsePrompts(tag: string): readonly PromptVersionRef[] | undefined {
  try {
    const prompts: unknown = JSON.parse(tag);
    return Array.isArray(prompts) ? prompts.filter(isPrompt) : undefined;
  } catch {
    // A SyntaxError: a tag is free text.
    return undefined;
  }
}

function isPrompt(value: unknown): value is PromptVersionRef {
  if (typeof value !== 'object' || value === null) return false;
  const { name, version } = value as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && typeof version === 'string';
}
