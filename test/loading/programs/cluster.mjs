import cluster from 'node:cluster';
import { autolog } from 'autolog';
import { useLibraries } from './use-libraries.cjs';

autolog();
const { default: OpenAI } = await import('openai');
if (cluster.isPrimary) {
  for (let count = 0; count < 2; count++) cluster.fork();
} else {
  cluster.worker.disconnect();
}
await useLibraries({ OpenAI });
