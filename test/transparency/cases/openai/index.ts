import type { Suite } from '../../case.ts';
import { clients } from './clients.ts';
import { blank, createContext, type OpenAiContext, settle, startServer } from './context.ts';
import { endings } from './endings.ts';
import { errors } from './errors.ts';
import { helperCases } from './helpers.ts';
import { others } from './others.ts';
import { promises } from './promises.ts';
import { requests } from './requests.ts';
import { streams } from './streams.ts';

/** The openai package, from outside. */
export const suite: Suite<OpenAiContext> = {
  name: 'openai',
  remarks:
    'Of autolog, two rows differ. Its promises have an `asResponse` of their own, which does what the class’s does ' +
    '(as `withResponse` and `_thenUnwrap` are with openai 7 itself): a listener beside the promise would cut the ' +
    'function that awaits a call from the stack of its error. And a function that stands for another shows its own ' +
    'source text.',
  startServer,
  createContext,
  settle,
  blank,
  cases: { ...promises, ...streams, ...helperCases, ...requests, ...errors, ...clients, ...others, ...endings },
};
