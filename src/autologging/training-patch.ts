import type { RunStatus } from '../entities/run.ts';
import { errorMessage, invalidParameter } from '../errors.ts';
import { isTesting } from '../failures.ts';
import type { Call, Interceptor, Observer } from '../patching/interceptor.ts';
import type { ActiveRun } from '../tracking/runs/active-run.ts';
import { activeRun, createRunScope } from '../tracking/runs/run-context.ts';
import { automaticRun, earlierRun, forgetRun } from './automatic-runs.ts';
import { passBroken } from './broken-patch.ts';
import { checkAutomaticRun } from './check-run.ts';
import type { Config, TrainingHooks, TrainingStart } from './definition.ts';
import { type CallEvent, emitCall } from './event-logger.ts';
import { statusOfFailure } from './outcome-status.ts';
import type { PatchContext } from './patch-context.ts';
import { RunTraining } from './run-training.ts';
import { type CallFrame, closeFrame, isInsideAny, openFrame, withFrame } from './session.ts';
import { beginTraining, endTraining, isTrained, type TrainingNotes } from './training.ts';

/** Makes the interceptor that records each call of a function as a training. */
export function createTrainingInterceptor(
  context: PatchContext,
  target: string,
  hooks: TrainingHooks,
): Interceptor {
  const { integration } = context;
  return {
    name: `${integration} ${target}`,
    begin(call) {
      const config = context.config();
      if (config === undefined || !context.mayLog() || isInsideAny(integration)) return undefined;
      const place = context.attempt(target, () => findPlace(call, config, hooks));
      if (place === undefined) return undefined;
      const frame = openFrame(integration, target);
      const event = { session: frame.session, target, args: call.args };
      emitCall('patchStart', event);
      const { subject, token, outer } = place;
      let run: ActiveRun;
      try {
        run = outer ?? automaticRun(integration, subject, token, config);
      } catch (error) {
        return passBroken(context, frame, event, error);
      }
      return observeTraining({ ...place, call, config, hooks, context, run, frame, event });
    },
  };
}

/** Where a training is logged. */
interface Place {
  readonly subject: object;
  readonly token: unknown;
  /** The run that is active; without one, autologging begins a run and ends it too. */
  readonly outer: ActiveRun | undefined;
  /** Status that the run keeps: the call only adds to what an earlier training has ended, as an evaluation does. */
  readonly statusBefore: RunStatus | undefined;
}

/** Returns undefined for a call that is not to be logged. */
function findPlace(call: Call, config: Config<object>, hooks: TrainingHooks): Place | undefined {
  if (hooks.skip?.(call, config)) return undefined;
  const subject = hooks.subject(call);
  if (Object(subject) !== subject) {
    throw invalidParameter(
      `Cannot log a training: its subject is ${typeof subject}; name the object that is trained.`,
    );
  }
  if (isTrained(subject)) return undefined;
  const token = hooks.continues?.(call);
  const outer = activeRun();
  const onlyInRun = typeof hooks.onlyInRun === 'function' ? hooks.onlyInRun(config) : hooks.onlyInRun === true;
  if (outer !== undefined || !onlyInRun) return { subject, token, outer, statusBefore: undefined };
  const earlier = earlierRun(subject, token);
  return earlier === undefined ? undefined : { subject, token, outer, statusBefore: earlier.status };
}

interface TrainingCall extends Place {
  readonly call: Call;
  readonly config: Config<object>;
  readonly hooks: TrainingHooks;
  readonly context: PatchContext;
  readonly run: ActiveRun;
  readonly frame: CallFrame;
  readonly event: CallEvent;
}

function observeTraining(training: TrainingCall): Observer {
  const { call, config, hooks, context, subject, run, frame, event, outer, statusBefore } = training;
  const isOwnRun = outer === undefined;
  let failure: { readonly error: unknown } | undefined;
  const report = (error: unknown, at = ''): void => {
    failure ??= { error };
    context.report(`${frame.target}${at}`, error);
  };
  const log = new RunTraining(run, subject, () => hooks.subjectName?.(call), report);
  const scope = isOwnRun ? createRunScope(run) : undefined;
  const within = <R>(fn: () => R): R => withFrame(frame, () => (scope === undefined ? fn() : scope.call(fn)));
  beginTraining(subject, log);
  const start = attempt<TrainingStart>(() => hooks.begin?.(call, config, log));
  return {
    args: start?.args,
    run(fn) {
      emitCall('originalStart', event);
      return within(fn);
    },
    resolved(value) {
      emitCall('originalSuccess', event);
      attempt<TrainingNotes>(() => hooks.end?.(value, call, config, log));
      close('FINISHED');
    },
    rejected(error) {
      closeFrame(frame, 'failed');
      emitCall('originalError', { ...event, error });
      if (isOwnRun && statusBefore === undefined) {
        attempt(() => ({ tags: { [`${frame.integration}.error`]: errorText(error) } }));
        forgetRun(subject);
      }
      finish(statusOfFailure(error));
    },
    // What the training gave is not known, and how it ended only if it ended well.
    abandoned(state) {
      emitCall('originalSuccess', event);
      close(state === 'fulfilled' ? 'FINISHED' : 'KILLED');
    },
  };

  function close(outcome: 'FINISHED' | 'KILLED'): void {
    finish(outcome);
    closeFrame(frame, failure === undefined ? 'succeeded' : 'failed');
    emitCall(failure === undefined ? 'patchSuccess' : 'patchError', { ...event, ...failure });
  }

  /** Notes what a hook says, which may come from another flow of calls than the training's own. */
  function attempt<Notes extends TrainingNotes>(hook: () => Notes | undefined): Notes | undefined {
    try {
      const notes = within(hook);
      if (notes !== undefined) log.note(notes);
      return notes;
    } catch (error) {
      report(error);
      return undefined;
    }
  }

  /** By the outcome of the program's own call, whatever became of the logging. */
  function finish(outcome: RunStatus): void {
    endTraining(subject);
    log.writeHeld();
    const status = statusBefore ?? outcome;
    // The program may have ended the run itself, from within the training.
    if (!isOwnRun || status === 'RUNNING' || run.isEnded) return;
    try {
      run.end(status);
      if (isTesting()) checkAutomaticRun(run, frame.integration, status);
    } catch (error) {
      report(error);
    }
  }
}

/** At most as long as MLflow shows in a list of tags. */
const MAX_ERROR_TEXT = 500;

function errorText(error: unknown): string {
  const message = errorMessage(error);
  return (error instanceof Error ? `${error.name}: ${message}` : message).slice(0, MAX_ERROR_TEXT);
}
