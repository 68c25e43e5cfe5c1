import { autolog } from './index.ts';

autolog();
