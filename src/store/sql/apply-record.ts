import { invalidParameter } from '../../errors.ts';
import type { LogRecord } from '../log-record.ts';
import { logInput } from './datasets.ts';
import type { Delivery } from './delivery.ts';
import { createModel, finalizeModel } from './logged-models.ts';
import { logMetric } from './metrics.ts';
import { logModelInput, logModelOutput } from './model-links.ts';
import type { Operation } from './operation.ts';
import { logParam, setTag } from './params-tags.ts';
import { createRun, updateRun } from './runs.ts';
import { logSpan } from './spans.ts';
import { logTrace } from './traces.ts';

/**
 * The operation that stores one record.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a record of a kind that this version does not know.
 */
export function applyRecord(record: LogRecord, delivery: Delivery): Operation<void> {
  switch (record.op) {
    case 'metric':
      return logMetric(record, delivery);
    case 'param':
      return logParam(record, delivery);
    case 'tag':
      return setTag(record, delivery);
    case 'span':
      return logSpan(record, delivery);
    case 'trace':
      return logTrace(record, delivery);
    case 'createRun':
      return createRun(record, delivery);
    case 'updateRun':
      return updateRun(record, delivery);
    case 'input':
      return logInput(record, delivery);
    case 'modelInput':
      return logModelInput(record, delivery);
    case 'modelOutput':
      return logModelOutput(record, delivery);
    case 'createModel':
      return createModel(record, delivery);
    case 'finalizeModel':
      return finalizeModel(record, delivery);
    default:
      throw invalidParameter(
        `Cannot store a record of the kind '${(record as { op?: unknown }).op}': this version does not know it; upgrade autolog.`,
      );
  }
}
