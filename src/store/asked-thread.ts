import {
  MessageChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  SHARE_ENV,
  Worker,
} from 'node:worker_threads';

/** What a thread is asked, and how it answers: by a message, and then by ringing the bell. */
interface Envelope<Question> {
  readonly question: Question;
  readonly bell: Int32Array;
  readonly port: MessagePort;
}

/** What becomes of a thread that does not answer in time. */
export interface AskedThreadOptions {
  /** Whether it is stopped, so that what it was asked to do does not happen later, unheard. */
  readonly isStoppedWhenLate: boolean;
}

/** A thread that is asked while this one stands still; begun with the first question, it keeps no process alive. */
export class AskedThread<Question, Answer> {
  readonly #source: URL;
  readonly #options: AskedThreadOptions;
  #open: Worker | undefined;

  /** `source` is a file that calls `answerQuestions`. */
  constructor(source: URL, options: AskedThreadOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Asks, and returns the answer; undefined when time was up. */
  ask(question: Question, patienceMs: number): Answer | undefined {
    const worker = this.#worker();
    const { port1: own, port2: port } = new MessageChannel();
    const bell = new Int32Array(new SharedArrayBuffer(4));
    try {
      const envelope: Envelope<Question> = { question, bell, port };
      worker.postMessage(envelope, [port]);
      Atomics.wait(bell, 0, 0, patienceMs);
      const answer = receiveMessageOnPort(own)?.message as Answer | undefined;
      if (answer === undefined && this.#options.isStoppedWhenLate) this.#stop();
      return answer;
    } finally {
      own.close();
    }
  }

  #worker(): Worker {
    if (this.#open !== undefined) return this.#open;
    // Hooks and preloads of the program are not for this thread; credentials may change while it lives.
    const worker = new Worker(this.#source, { execArgv: [], env: SHARE_ENV, name: 'autolog' });
    worker.unref();
    const forget = () => {
      if (this.#open === worker) this.#open = undefined;
    };
    worker.once('error', forget);
    worker.once('exit', forget);
    this.#open = worker;
    return worker;
  }

  #stop(): void {
    this.#open?.terminate();
    this.#open = undefined;
  }
}

/** Answers, in a thread that is asked, each question. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  parentPort?.on('message', async ({ question, bell, port }: Envelope<Question>) => {
    port.postMessage(await answer(question));
    port.close();
    Atomics.store(bell, 0, 1);
    Atomics.notify(bell, 0);
  });
}
