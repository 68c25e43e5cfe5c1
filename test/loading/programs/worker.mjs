import { isDeepStrictEqual } from 'node:util';
import { isMainThread, workerData } from 'node:worker_threads';
import { RunnableLambda } from '@langchain/core/runnables';
import OpenAI from 'openai';
import { useLibraries } from './use-libraries.cjs';

if (!isMainThread && !isDeepStrictEqual(workerData, { tasks: [1, 2] })) throw new Error('other data was given');
// In a turn of its own: older releases of Node miss calls while modules are still loading.
setImmediate(() => useLibraries({ OpenAI, RunnableLambda }));
