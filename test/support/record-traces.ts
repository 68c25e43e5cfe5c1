import type { LogRecord, SpanRecord, TraceRecord } from '../../src/store/log-record.ts';
import { connectTracing } from '../../src/tracing/tracer.ts';

/** What was traced since the last `clear`. */
export interface RecordedTraces {
  readonly spans: readonly SpanRecord[];
  readonly traces: readonly TraceRecord[];
  /** The only span of a name. */
  span(name: string): SpanRecord;
  clear(): void;
}

/** Sends what is traced into a list instead of a store; `onRecord` may throw, as a store may. */
export function recordTraces(onRecord: (record: LogRecord) => void = () => undefined): RecordedTraces {
  const records: LogRecord[] = [];
  const sink = {
    append(record: LogRecord) {
      onRecord(record);
      records.push(record);
    },
  };
  connectTracing(() => ({ sink, experiment: { name: 'test' }, metadata: { 'mlflow.source.name': 'a.js' } }));
  const spans = () => records.filter((record) => record.op === 'span');
  return {
    get spans() {
      return spans();
    },
    get traces() {
      return records.filter((record) => record.op === 'trace');
    },
    span(name) {
      const [span, ...more] = spans().filter((each) => each.name === name);
      if (span === undefined || more.length > 0) throw new Error(`There are ${more.length} more spans '${name}'.`);
      return span;
    },
    clear: () => {
      records.length = 0;
    },
  };
}
