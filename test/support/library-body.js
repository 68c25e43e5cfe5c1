import { EventEmitter } from 'node:events';

// As query builders are: a thenable of its own class.
class LazyGreeting {
  startCount = 0;

  constructor(work) {
    this.work = work;
  }

  // biome-ignore lint/suspicious/noThenProperty: libraries have such objects.
  then(onFulfilled, onRejected) {
    this.startCount += 1;
    return Promise.resolve(this.work()).then(onFulfilled, onRejected);
  }
}

/** Greets in every way in which a library may answer. */
export class Greeter {
  constructor(word = 'Hello') {
    this.word = word;
  }

  static create(word) {
    return new Greeter(word);
  }

  greet(name) {
    return `${this.word}, ${name}`;
  }

  greetTwice(name) {
    return [this.greet(name), this.greet(name)];
  }

  again(times, name) {
    return times <= 1 ? this.greet(name) : this.again(times - 1, name);
  }

  async greetLater(name) {
    await null;
    return this.greet(name);
  }

  /** Starts its work when asked, each time anew. */
  greetLazily(name) {
    return new LazyGreeting(() => this.greet(name));
  }

  async *stream(...names) {
    for (const name of names) {
      await null;
      if (name instanceof Error) throw name;
      yield this.greet(name);
    }
  }

  /** Tells each greeting, then the end, in later turns. */
  announce(...names) {
    const emitter = new EventEmitter();
    const all = names.map((name) => this.greet(name));
    setImmediate(() => {
      for (const greeting of all) emitter.emit('greeting', greeting);
      emitter.emit('end', all);
    });
    return emitter;
  }

  get greetByGetter() {
    return (name) => this.greet(name);
  }

  run(fn) {
    return fn();
  }

  refuse(error) {
    throw error;
  }

  async refuseLater(error) {
    await null;
    throw error;
  }
}

/** Inherits all of it. */
export class PoliteGreeter extends Greeter {}

/** Something that is trained: tells a loss after each epoch. */
export class Model {
  name = 'model';
  weights = [1, 2];

  fit(data, { epochs = 2, onEpoch } = {}) {
    const losses = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      losses.push(data.length / (epoch + 1));
      onEpoch?.(epoch, losses[epoch]);
    }
    return losses;
  }

  async fitLater(data, options) {
    await null;
    return this.fit(data, options);
  }

  async fitWith(fn) {
    await null;
    return await fn();
  }

  evaluate() {
    return 0.25;
  }
}

export function greet(name) {
  return new Greeter().greet(name);
}
