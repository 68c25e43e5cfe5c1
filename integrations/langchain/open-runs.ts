import { AttributeKey, type RecordedSpan, type Recorder, type SpanType } from '../../src/integration.ts';
import { isObject, type JsonObject, textIn } from '../shapes/json-object.ts';

/** What langchain tells of every run that starts. */
export interface RunStart {
  readonly type: SpanType;
  readonly serialized: unknown;
  readonly runName: unknown;
  readonly runId: string;
  readonly parentRunId: string | undefined;
  /** True where the program has no callbacks. */
  readonly isLone: boolean;
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
  readonly isLone: boolean;
  chunkCount: number;
}

/** A run that was broken off may get no end event: beyond so many, the oldest are forgotten. */
const MAX_RUNS = 10_000;

/** The runs of all copies of langchain: a run of one may be started from a run of another. */
const openRuns = new Map<string, OpenRun>();

/** What each span's run was called, by the program or else by itself. */
const runNames = new WeakMap<RecordedSpan, string>();

/** Spans of runs whose end the library has not told. */
const underWay = new WeakSet<RecordedSpan>();

const modelSpans = new WeakSet<RecordedSpan>();

/** Number of runs that have started and not ended. */
export function openRunCount(): number {
  return [...openRuns.values()].filter(({ span }) => !span.isEnded).length;
}

/** True for a run whose span the surrounding scope has as its own. */
export function isRunOfScope(recorder: Recorder, runId: string): boolean {
  const span = openRuns.get(runId)?.span;
  return span !== undefined && recorder.scopeSpan() === span;
}

/** The span of a run under way that the library itself would not make, for want of callbacks. */
export function loneSpan(runId: unknown): RecordedSpan | undefined {
  const run = typeof runId === 'string' ? openRuns.get(runId) : undefined;
  return run?.isLone ? run.span : undefined;
}

/** Begins the span of a run, under that of the run above. */
export function startRun(recorder: Recorder, run: RunStart): void {
  const { type, runId, parentRunId, tags, metadata, isLone } = run;
  if (openRuns.has(runId) || !recorder.isRecording()) return;
  const parent = openRuns.get(parentRunId ?? '')?.span ?? runLeft(recorder);
  // The tag is inherited: the model that a hidden chain calls is none of langgraph's inner steps.
  if (type === 'CHAIN' && Array.isArray(tags) && tags.includes('langsmith:hidden')) {
    if (parent !== undefined) remember(runId, { span: parent, isOwn: false, isLone, chunkCount: 0 });
    return;
  }
  const span = recorder.guard('start of a run', () =>
    recorder.startSpan({
      name: nameOf(recorder, run, parent),
      type,
      parent,
      beside: siblingOf(recorder, run),
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
  if (span === undefined) return;
  remember(runId, { span, isOwn: true, isLone, chunkCount: 0 });
  underWay.add(span);
  if (type === 'CHAT_MODEL' || type === 'LLM') modelSpans.add(span);
  const runName = textIn(run.runName);
  if (runName !== undefined) runNames.set(span, runName);
}

/** Ends the span of a run; a second end is ignored. */
export function endRun(recorder: Recorder, runId: string, end: () => Parameters<RecordedSpan['end']>[0]): void {
  const run = openRuns.get(runId);
  openRuns.delete(runId);
  if (!run?.isOwn) return;
  underWay.delete(run.span);
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

/** A graph whose stream the program has left runs on in the background. */
function runLeft(recorder: Recorder): RecordedSpan | undefined {
  const span = recorder.enteredSpan();
  return span?.isEnded && underWay.has(span) ? span : undefined;
}

/** Several conversations of one call stand beside each other. */
function siblingOf(recorder: Recorder, { type }: RunStart): RecordedSpan | undefined {
  const span = type === 'CHAT_MODEL' || type === 'LLM' ? recorder.scopeSpan() : null;
  return span !== null && modelSpans.has(span) ? span : undefined;
}

function nameOf(recorder: Recorder, run: RunStart, parent: RecordedSpan | undefined): string {
  const { name, id } = isObject(run.serialized) ? run.serialized : {};
  const ofClass = textIn(name) ?? textIn(Array.isArray(id) ? id.at(-1) : undefined) ?? run.type.toLowerCase();
  const runName = textIn(run.runName);
  if (runName === undefined) return ofClass;
  // Without callbacks langchain hands the name of a run down to the runs in it.
  const isInherited = run.isLone && [parent, recorder.activeSpan()].some((span) => isNameAbove(runName, span));
  return isInherited ? (ownName(recorder.scopeSubject()) ?? ofClass) : runName;
}

function isNameAbove(runName: string, span: RecordedSpan | null | undefined): boolean {
  for (let above = span; above; above = above.parent) if (runNames.get(above) === runName) return true;
  return false;
}

/** The name that a runnable gives to its runs itself. */
function ownName(runnable: unknown): string | undefined {
  return isObject(runnable) && typeof runnable.getName === 'function' ? textIn(runnable.getName()) : undefined;
}
