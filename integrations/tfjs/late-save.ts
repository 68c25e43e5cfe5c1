import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';

/** A model as it is after a training. */
export interface ModelState {
  readonly model: object;
  readonly runId: string;
  save(): Promise<void>;
  /** Is told when the program ends before the state could be saved. */
  lost(): void;
}

/** When the model of a run was saved, while the same model is trained again and again. */
interface Saves {
  readonly runId: string;
  readonly firstAtMs: number;
  lastAtMs: number;
  /** Saves the state that was passed over. */
  late: ModelState | undefined;
  timer: NodeJS.Timeout | undefined;
}

const MIN_INTERVAL_MS = 10_000;
/** A tenth of the training's age: a training of any length makes some dozens of models, not thousands. */
const INTERVAL_PER_AGE = 0.1;
const IDLE_MS = 1_000;

const savesByModel = new WeakMap<object, Saves>();
const waiting = new Set<Saves>();
let isListening = false;

/**
 * Saves a model after a training: the first one of a run at once, as the returned promise tells.
 *
 * Further ones in the same run are saved at once when the last save lies 10 s and a tenth of the training's age back.
 * Else the state is saved once the model has not been trained for a second, or before the process ends by itself;
 * `process.exit()` within that second loses it, which is told, and the state saved before remains.
 */
export function saveNowOrLater(state: ModelState): Promise<void> | undefined {
  const { model, runId } = state;
  const now = performance.now();
  const known = savesByModel.get(model);
  const saves = known?.runId === runId ? known : createSaves(runId, now);
  savesByModel.set(model, saves);
  cancel(saves);
  const age = now - saves.firstAtMs;
  if (known !== saves || now - saves.lastAtMs >= Math.max(MIN_INTERVAL_MS, age * INTERVAL_PER_AGE)) {
    saves.lastAtMs = now;
    return state.save();
  }
  saves.late = state;
  saves.timer = setTimeout(() => void saveLate(saves), IDLE_MS).unref();
  waiting.add(saves);
  listen();
  return undefined;
}

function createSaves(runId: string, now: number): Saves {
  return { runId, firstAtMs: now, lastAtMs: now, late: undefined, timer: undefined };
}

function cancel(saves: Saves): void {
  clearTimeout(saves.timer);
  saves.late = undefined;
  waiting.delete(saves);
}

async function saveLate(saves: Saves): Promise<void> {
  const state = saves.late;
  cancel(saves);
  saves.lastAtMs = performance.now();
  await state?.save();
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  process.on('beforeExit', () => {
    for (const saves of [...waiting]) void saveLate(saves);
  });
  process.on('exit', () => {
    for (const saves of waiting) saves.late?.lost();
  });
}
