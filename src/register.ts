import './index.ts';
import { autologAtStart } from './autologging/autolog.ts';

autologAtStart();
