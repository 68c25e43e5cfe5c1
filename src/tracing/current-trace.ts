import { TraceKey } from '../entities/trace-keys.ts';
import { cutText } from '../entities/validation.ts';
import { invalidParameter } from '../errors.ts';
import { tellOnce } from '../failures.ts';
import { activeSpan } from './active-span.ts';
import type { TraceChanges } from './trace-record.ts';

/** What of the trace under way is set; what is left out stays as it is. */
export interface UpdateCurrentTraceOptions extends Pick<TraceChanges, 'clientRequestId' | 'state'> {
  /** Can be changed later too. */
  readonly tags?: Readonly<Record<string, unknown>>;
  /** Is fixed once the trace has ended. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The conversation that the trace belongs to. */
  readonly sessionId?: string;
  /** Who uses the program. */
  readonly user?: string;
  /** Id of the logged model that the trace is of. */
  readonly modelId?: string;
  /** Stands for the inputs in lists; at most 1000 characters. */
  readonly requestPreview?: string;
  /** Stands for the outputs in lists; at most 1000 characters. */
  readonly responsePreview?: string;
}

/** Length of a preview in MLflow's open-source server, characters. */
const PREVIEW_LENGTH = 1000;

/**
 * Sets tags, metadata and the like of the trace that the active span belongs to; they are stored with the end of its root
 * span. Without an active span, nothing happens, and it is told once.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a state other than OK and ERROR, or a preview that is no text.
 */
export function updateCurrentTrace(options: UpdateCurrentTraceOptions): void {
  const { tags = {}, metadata = {}, sessionId, user, modelId, clientRequestId, state } = options;
  if (state !== undefined && state !== 'OK' && state !== 'ERROR') {
    throw invalidParameter(`Cannot update the trace: its state is '${String(state)}'; it must be OK or ERROR.`);
  }
  const requestPreview = checkPreview('requestPreview', options.requestPreview);
  const responsePreview = checkPreview('responsePreview', options.responsePreview);
  const trace = activeSpan()?.trace;
  if (trace === undefined) {
    tellOnce('updateCurrentTrace: there is no active span; call it within withSpan or a traced function');
    return;
  }
  const keyed = { [TraceKey.session]: sessionId, [TraceKey.user]: user, [TraceKey.modelId]: modelId };
  trace.update({
    tags: toTexts(tags),
    metadata: toTexts({ ...metadata, ...keyed }),
    ...(clientRequestId === undefined ? {} : { clientRequestId: String(clientRequestId) }),
    ...(requestPreview === undefined ? {} : { requestPreview }),
    ...(responsePreview === undefined ? {} : { responsePreview }),
    ...(state === undefined ? {} : { state }),
  });
}

function checkPreview(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text === null) return undefined;
  if (typeof text !== 'string') {
    throw invalidParameter(`Cannot update the trace: ${name} is a ${typeof text}; it must be a string.`);
  }
  return cutText(text, PREVIEW_LENGTH);
}

function toTexts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(
    given.map(([key, value]) => [
      key,
      typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)),
    ]),
  );
}
