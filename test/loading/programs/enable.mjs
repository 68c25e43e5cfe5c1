import { autolog } from 'autolog';

autolog();
