import { AttributeKey, type RecordedSpan, type Recorder, type SpanType } from '../../src/integration.ts';
import { isObject, type JsonObject, textIn } from '../shapes/json-object.ts';

/** What langchain tells of every run that starts. */
export interface RunStart {
  readonly type: SpanType;
  readonly serialized: unknown;
  readonly runName: unknown;
  readonly runId: string;
  readonly parentRunId: string | undefined;
  readonly tags: unknown;
  readonly metadata: unknown;
  readonly inputs: () => unknown;
  readonly attributes?: () => JsonObject;
}

/** A run of langchain under way. */
interface OpenRun {
  readonly span: RecordedSpan;
  /** False for a hidden run, whose children hang where it would. */
  readonly isOwn: boolean;
  chunkCount: number;
}

/** A run that was broken off may get no end event: beyond so many, the oldest are forgotten. */
const MAX_RUNS = 10_000;

/** The runs of all copies of langchain: a run of one may be started from a run of another. */
const openRuns = new Map<string, OpenRun>();

/** Number of runs that have started and not ended. */
export function openRunCount(): number {
  return openRuns.size;
}

/** Begins the span of a run, under that of the run above. */
export function startRun(recorder: Recorder, run: RunStart): void {
  const { type, runId, parentRunId, tags, metadata } = run;
  // A handler that stands among the callbacks twice is told twice.
  if (openRuns.has(runId) || !recorder.isRecording()) return;
  const parent = parentRunId === undefined ? undefined : openRuns.get(parentRunId)?.span;
  // The tag is inherited: the model that a hidden chain calls is none of langgraph's inner steps.
  if (type === 'CHAIN' && Array.isArray(tags) && tags.includes('langsmith:hidden')) {
    if (parent !== undefined) remember(runId, { span: parent, isOwn: false, chunkCount: 0 });
    return;
  }
  const span = recorder.guard('start of a run', () =>
    recorder.startSpan({
      name: nameOf(run),
      type,
      parent,
      fillScope: true,
      inputs: recorder.guard('inputs of a run', run.inputs),
      attributes: {
        ...recorder.guard('attributes of a run', () => run.attributes?.()),
        metadata: isObject(metadata) && Object.keys(metadata).length > 0 ? metadata : undefined,
        tags: Array.isArray(tags) && tags.length > 0 ? tags : undefined,
        'session.id': isObject(metadata) ? metadata.thread_id : undefined,
      },
    }),
  );
  if (span !== undefined) remember(runId, { span, isOwn: true, chunkCount: 0 });
}

/** Ends the span of a run; a second end is ignored. */
export function endRun(recorder: Recorder, runId: string, end: () => Parameters<RecordedSpan['end']>[0]): void {
  const run = openRuns.get(runId);
  openRuns.delete(runId);
  if (!run?.isOwn) return;
  if (run.chunkCount > 0) run.span.setAttributes({ 'langchain.chunk_count': run.chunkCount });
  run.span.end(recorder.guard('end of a run', end));
}

/** Adds an event to the span of a run. */
export function addRunEvent(recorder: Recorder, runId: string, name: string, attributes: () => JsonObject): void {
  const run = openRuns.get(runId);
  if (run?.isOwn) recorder.guard(name, () => run.span.addEvent(name, attributes()));
}

/** Counts a piece of a model's answer; only the first is an event. */
export function countChunk(runId: string): void {
  const run = openRuns.get(runId);
  if (run === undefined) return;
  if (run.chunkCount === 0) run.span.addEvent('first_chunk');
  run.chunkCount += 1;
}

/** Makes the span of a run an agent's: langchain tells it only when the agent acts. */
export function markAgent(runId: string): void {
  const run = openRuns.get(runId);
  if (run?.isOwn) run.span.setAttributes({ [AttributeKey.type]: 'AGENT' });
}

function remember(runId: string, run: OpenRun): void {
  for (const [id, { span }] of openRuns) {
    if (!span.isEnded && openRuns.size < MAX_RUNS) break;
    openRuns.delete(id);
  }
  openRuns.set(runId, run);
}

function nameOf({ runName, serialized, type }: RunStart): string {
  const { name, id } = isObject(serialized) ? serialized : {};
  return (
    textIn(runName) ?? textIn(name) ?? textIn(Array.isArray(id) ? id.at(-1) : undefined) ?? type.toLowerCase()
  );
}
