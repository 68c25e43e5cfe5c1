import { createContextSlot } from '../context.ts';

/** Serialises changes; whoever holds it may enter again. */
export interface Lock {
  /** Runs `fn` now when the lock is free or held by this very flow of calls, else after those before it. */
  run<R>(fn: () => R): R | Promise<Awaited<R>>;
}

/** One turn of holding the lock, with the calls that go on in it. */
interface Turn {
  callCount: number;
}

/** Makes a lock that is held until what `fn` returns has settled, with all that was entered meanwhile. */
export function createLock(name: string): Lock {
  const slot = createContextSlot<Turn>(`autolog.lock.${name}`);
  const waiting: (() => void)[] = [];
  let holder: Turn | undefined;

  function enter<R>(turn: Turn, fn: () => R): R {
    turn.callCount += 1;
    const leave = (): void => {
      turn.callCount -= 1;
      if (turn.callCount > 0) return;
      holder = undefined;
      waiting.shift()?.();
    };
    let result: R;
    try {
      result = slot.with(turn, fn);
    } catch (error) {
      leave();
      throw error;
    }
    // A failure belongs to the caller, who has the promise itself; here it only matters that the work is over.
    if (result instanceof Promise) result.then(leave, leave);
    else leave();
    return result;
  }

  function enterNew<R>(fn: () => R): R {
    holder = { callCount: 0 };
    return enter(holder, fn);
  }

  return {
    run<R>(fn: () => R) {
      // What was started in a turn that is over stands in line like others.
      if (holder !== undefined && slot.get() === holder) return enter(holder, fn);
      if (holder === undefined) return enterNew(fn);
      return new Promise<Awaited<R>>((resolve, reject) => {
        waiting.push(() => {
          try {
            resolve(enterNew(fn) as Awaited<R>);
          } catch (error) {
            reject(error);
          }
        });
      });
    },
  };
}
