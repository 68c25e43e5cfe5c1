import { requireSource } from '../../require-source.ts';
import type { LogRecord, RecordSink } from '../../store/log-record.ts';
import type { ExportCounts, OtlpExporter } from './otlp-exporter.ts';

/** What goes to a collector, beside the store or in its place. */
interface OtlpExport {
  readonly exporter: OtlpExporter;
  readonly isDual: boolean;
}

let known: OtlpExport | null | undefined;

/** The export that the environment asks for, null where it asks for none; the same for the whole program. */
export function otlpExport(): OtlpExport | null {
  if (known !== undefined) return known;
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: base } = process.env;
  known = own || base ? begin() : null;
  return known;
}

/** A sink that hands what it takes to the store and to the collector. */
export function besideStore(store: RecordSink, exporter: RecordSink): RecordSink {
  return {
    append(record: LogRecord) {
      exporter.append(record);
      store.append(record);
    },
    appendBoth(first: LogRecord, second: LogRecord) {
      exporter.append(first);
      exporter.append(second);
      if (store.appendBoth !== undefined) return store.appendBoth(first, second);
      store.append(first);
      store.append(second);
    },
  };
}

/** Sends to the collector what has ended so far, if there is one. */
export async function flushExport(): Promise<void> {
  await known?.exporter.flush();
}

/** How many spans went to the collector; null where there is none. */
export function exportCounts(): ExportCounts | null {
  return known?.exporter.counts ?? null;
}

function begin(): OtlpExport | null {
  const { otlpSettings } = requireSource<typeof import('./otlp-settings.ts')>('tracing/otlp/otlp-settings');
  const settings = otlpSettings();
  if (settings === null) return null;
  const { OtlpExporter } = requireSource<typeof import('./otlp-exporter.ts')>('tracing/otlp/otlp-exporter');
  const exporter = new OtlpExporter(settings);
  process.on('beforeExit', () => void exporter.drain());
  process.on('exit', () => exporter.giveUp());
  return { exporter, isDual: settings.isDual };
}
