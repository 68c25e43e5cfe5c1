import { reportFailure } from '../failures.ts';

/** What is told, and to whom; must not lead to the object, or it would never be collected. */
type Told = () => void;

const collected = new FinalizationRegistry<Told>((told) => {
  try {
    told();
  } catch (error) {
    reportFailure('observing a result', error);
  }
});

/** Calls `told` once the object was collected, unless `notWhenCollected(token)` comes first; keeps no process alive. */
export function whenCollected(object: object, token: object, told: Told): void {
  collected.register(object, told, token);
}

/** Takes back what `whenCollected` was told under a token. */
export function notWhenCollected(token: object): void {
  collected.unregister(token);
}
