import { fileURLToPath } from 'node:url';
import type { Suite } from '../../case.ts';
import { createContext, type TfjsContext } from './context.ts';
import { fitCases } from './fit.ts';
import { otherCases } from './others.ts';

/** TensorFlow.js, from outside; no peer traces it. */
export const suite: Suite<TfjsContext> = {
  name: 'tfjs',
  folder: fileURLToPath(new URL('../..', import.meta.url)),
  libraries: ['@tensorflow/tfjs'],
  createContext,
  // Variables are numbered through.
  blank: (text) => text.replaceAll(/(_\d+)+/g, '_n'),
  cases: { ...fitCases, ...otherCases },
};
