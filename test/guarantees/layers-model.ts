import type { Foreign } from './foreign-wrappers.ts';

/** What is done to the function: two integrations and a stranger come and go. */
export type Step = 'one comes' | 'one goes' | 'two comes' | 'two goes' | 'stranger comes' | 'stranger goes';

interface Ours {
  readonly of: 'us';
  names: string[];
  /** What was outermost when it became empty, and was called through since then. */
  cover: Layer | undefined;
}

interface Strangers {
  readonly of: 'stranger';
  isOn: boolean;
}

type Layer = Ours | Strangers;

/**
 * What should stand round a function, as layers from the inside out: the rules by which our shells and a stranger's
 * wrappers make way for one another. The function is called after each step.
 */
export class LayersModel {
  #layers: Layer[] = [];
  #before: Layer[] = [];
  /** Empty ones, in the order in which they became so. */
  #left: Ours[] = [];
  #stranger: Strangers | undefined;
  readonly #foreign: Foreign;

  constructor(foreign: Foreign) {
    this.#foreign = foreign;
  }

  /** Who is told of a call. */
  get told(): string[] {
    const names = this.#layers.flatMap((layer) => {
      if (layer.of === 'us') return layer.names;
      return layer.isOn ? ['stranger'] : [];
    });
    return names.sort();
  }

  /** True when nothing is left round the function. */
  get isEmpty(): boolean {
    return this.#layers.length === 0;
  }

  /** True when something of ours is outermost. */
  get isOurs(): boolean {
    return this.#layers.at(-1)?.of === 'us';
  }

  do(step: Step): void {
    const [who, how] = step.split(' ') as [string, 'comes' | 'goes'];
    if (how === 'comes') who === 'stranger' ? this.#strangerComes() : this.#come(who);
    else who === 'stranger' ? this.#strangerGoes() : this.#go(who);
    this.#takeEmptyAway();
  }

  #come(name: string): void {
    const shell = this.#reachable() ?? { of: 'us', names: [], cover: undefined };
    if (!this.#layers.includes(shell)) this.#layers.push(shell);
    shell.names = [...shell.names, name];
    this.#left = this.#left.filter((other) => other !== shell);
  }

  #reachable(): Ours | undefined {
    const top = this.#layers.at(-1);
    const ours = this.#layers.findLast((layer) => layer.of === 'us');
    if (ours === top || this.#foreign.isMarked) return ours;
    return this.#left.findLast((layer) => layer.cover === top && this.#layers.includes(layer));
  }

  #go(name: string): void {
    const shell = this.#layers.find((layer) => layer.of === 'us' && layer.names.includes(name)) as
      | Ours
      | undefined;
    if (shell === undefined) return;
    shell.names = shell.names.filter((other) => other !== name);
    if (shell.names.length > 0) return;
    shell.cover = this.#layers.at(-1);
    this.#left.push(shell);
  }

  #strangerComes(): void {
    this.#before = [...this.#layers];
    this.#stranger = { of: 'stranger', isOn: true };
    this.#layers.push(this.#stranger);
  }

  #strangerGoes(): void {
    const { leaves } = this.#foreign;
    if (this.#stranger !== undefined) this.#stranger.isOn = false;
    if (leaves === 'always') this.#layers = [...this.#before];
    else if (leaves === 'if outermost' && this.#layers.at(-1) === this.#stranger) this.#layers.pop();
  }

  #takeEmptyAway(): void {
    for (let top = this.#layers.at(-1); top?.of === 'us' && top.names.length === 0; top = this.#layers.at(-1)) {
      this.#layers.pop();
    }
  }
}
