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
  remarks: 'Of autolog, one row differs: a function that stands for another shows its own source text.',
  startServer,
  createContext,
  settle,
  blank,
  cases: { ...promises, ...streams, ...helperCases, ...requests, ...errors, ...clients, ...others, ...endings },
};
