import type { TokenUsage, TraceState } from '../entities/trace.ts';
import { TraceKey } from '../entities/trace-keys.ts';
import { cutText } from '../entities/validation.ts';
import type { SpanRecord, TraceRecord } from '../store/log-record.ts';
import type { LiveSpan } from './live-span.ts';
import { requestPreview, responsePreview } from './preview.ts';

/** What of a trace under way the program sets. */
export interface TraceChanges {
  readonly tags?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly clientRequestId?: string;
  readonly requestPreview?: string;
  readonly responsePreview?: string;
  readonly state?: 'OK' | 'ERROR';
}

/** What a trace knows besides its root. */
export interface TraceFacts {
  /** Known at the start: source run, user, source name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly session: string | undefined;
  readonly user: string | undefined;
  readonly changes: TraceChanges | undefined;
}

const SCHEMA_VERSION = '3';

const TRACE_STATE = { OK: 'OK', ERROR: 'ERROR', UNSET: 'STATE_UNSPECIFIED' } as const;

/** Makes the record of a trace as a whole, from its root that has ended. */
export function toTraceRecord(root: LiveSpan, record: SpanRecord, facts: TraceFacts): TraceRecord {
  const { trace } = root;
  const { changes } = facts;
  const durationNano = BigInt(record.endTimeUnixNano) - root.startedAtNano;
  const request = changes?.requestPreview ?? requestPreview(root.inputs);
  const response = changes?.responsePreview ?? responsePreview(root.outputs);
  const state: TraceState = changes?.state ?? TRACE_STATE[record.status.code];
  return {
    op: 'trace',
    experiment: trace.experiment,
    traceId: trace.traceId,
    requestTime: trace.startedAtMs,
    executionDuration: Number(durationNano / 1_000_000n),
    state,
    requestPreview: request,
    responsePreview: response,
    ...(changes?.clientRequestId === undefined ? {} : { clientRequestId: changes.clientRequestId }),
    metadata: metadataOf(facts, request, response, root.usage ?? root.usageBelow),
    tags: { [TraceKey.name]: root.name, ...changes?.tags },
  };
}

function metadataOf(
  { metadata: known, session, user, changes }: TraceFacts,
  request: string | null,
  response: string | null,
  usage: TokenUsage | undefined,
): Record<string, string> {
  const metadata: Record<string, string> = { ...known };
  metadata[TraceKey.schemaVersion] = SCHEMA_VERSION;
  if (request !== null) metadata[TraceKey.inputs] = cutMetadata(request);
  if (response !== null) metadata[TraceKey.outputs] = cutMetadata(response);
  if (session !== undefined) metadata[TraceKey.session] = session;
  if (user !== undefined) metadata[TraceKey.user] = user;
  if (usage !== undefined) metadata[TraceKey.usage] = JSON.stringify(usage);
  return changes === undefined ? metadata : { ...metadata, ...changes.metadata };
}

/** The server guarantees only so many characters of a metadata value. */
const METADATA_LENGTH = 250;

/** Cuts a text to the length that a metadata value may have. */
export function cutMetadata(text: string): string {
  return cutText(text, METADATA_LENGTH);
}
