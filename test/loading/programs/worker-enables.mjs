import { autolog } from 'autolog';

autolog();
await import('./worker.mjs');
