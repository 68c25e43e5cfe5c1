import { logMetric, withRun } from 'autolog';

withRun({ runName: 'by hand' }, () => logMetric('loss', 1));
