import type { Patch, Recorder } from '../../src/integration.ts';
import { isObject, type JsonObject } from '../shapes/json-object.ts';
import { isManager, loneManagers } from './callback-manager.ts';
import { runEvents } from './run-events.ts';
import { START_EVENTS, type StartName } from './start-events.ts';

const MODULE = '@langchain/core/callbacks/manager';

/** Events of a run under way, by the class of its manager. */
const EVENTS = {
  BaseRunManager: ['handleText'],
  CallbackManagerForChainRun: ['handleChainEnd', 'handleChainError', 'handleAgentAction', 'handleAgentEnd'],
  CallbackManagerForLLMRun: ['handleLLMEnd', 'handleLLMError', 'handleLLMNewToken'],
  CallbackManagerForToolRun: ['handleToolEnd', 'handleToolError'],
  CallbackManagerForRetrieverRun: ['handleRetrieverEnd', 'handleRetrieverError'],
} as const;

type EventName = (typeof EVENTS)[keyof typeof EVENTS][number];

/** Patches by which managers tell what they tell callbacks; callbacks themselves stay as the program gave them. */
export const managerPatches: readonly Patch[] = [
  ...(Object.keys(START_EVENTS) as StartName[]).map(started),
  ...Object.entries(EVENTS).flatMap(([className, names]) => names.map((name) => underWay(className, name))),
];

function started(name: StartName): Patch {
  return {
    module: MODULE,
    target: `CallbackManager.prototype.${name}`,
    observe: {
      result(run, { self, args }, recorder) {
        if (!isManager(self)) return;
        const events = runEvents(recorder, loneManagers.has(self));
        (Array.isArray(run) ? (run as unknown[]) : [run]).forEach((each, index) => {
          const runId = isObject(each) ? each.runId : undefined;
          if (typeof runId !== 'string') return;
          START_EVENTS[name]({ events, manager: self, args, runId, index });
          if (isObject(each) && bareClasses.has(self.constructor)) watchAlone(each, recorder);
        });
      },
    },
  };
}

function underWay(className: string, name: EventName): Patch {
  return {
    module: MODULE,
    target: `${className}.prototype.${name}`,
    observe: {
      args({ self, args }, recorder) {
        if (isObject(self)) tell(name, args, self, recorder);
        return undefined;
      },
    },
  };
}

/** Classes that were handed over without those of the managers of single runs. */
export const bareClasses = new WeakSet<object>();

/** Has a manager of a single run, whose class is out of reach, tell what it is told itself. */
function watchAlone(run: JsonObject, recorder: Recorder): void {
  const members = run as Record<string, unknown>;
  for (const name of Object.values(EVENTS).flat()) {
    const original = members[name];
    if (typeof original !== 'function') continue;
    members[name] = (...args: unknown[]): unknown => {
      recorder.guard(name, () => tell(name, args, run, recorder));
      return Reflect.apply(original, run, args);
    };
  }
}

function tell(name: EventName, args: readonly unknown[], { runId }: JsonObject, recorder: Recorder): void {
  if (typeof runId !== 'string') return;
  const event = runEvents(recorder, false)[name] as (...told: readonly unknown[]) => void;
  event(...toldArguments(name, args, runId));
}

/** Callbacks are told the id of the run, and what the library was told beside, in places of their own. */
function toldArguments(name: EventName, args: readonly unknown[], runId: string): readonly unknown[] {
  const [subject, second, , , fourth] = args;
  return name === 'handleLLMNewToken' ? [subject, second, runId] : [subject, runId, undefined, undefined, fourth];
}
