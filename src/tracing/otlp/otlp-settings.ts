import fs from 'node:fs';
import { tellOnce } from '../../failures.ts';
import { VERSION } from '../../version.ts';
import { switchOf } from '../tracing-config.ts';

/** Where spans are sent, and how. */
export interface OtlpSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
  /** For one request. */
  readonly timeoutMs: number;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly resource: Readonly<Record<string, unknown>>;
  readonly maxQueueSize: number;
  readonly maxBatchSize: number;
  readonly delayMs: number;
  /** Whether the store of the tracking URI gets the spans too. */
  readonly isDual: boolean;
}

/**
 * Reads OpenTelemetry's and MLflow's variables; null where they name no collector, or one that cannot be spoken to, which
 * is told.
 *
 * Source: OpenTelemetry specification 1.50, OTLP exporter and SDK environment variables; mlflow/tracing/utils/otlp.py, 3.17.
 */
export function otlpSettings(): OtlpSettings | null {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: base } = process.env;
  const url = own || (base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined);
  if (url === undefined || !switchOf('MLFLOW_ENABLE_OTLP_EXPORTER', true) || !isSpoken(url)) return null;
  return {
    url,
    headers: {
      ...listOf(process.env.OTEL_EXPORTER_OTLP_HEADERS),
      ...listOf(process.env.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
    },
    isCompressed: textOf('COMPRESSION') === 'gzip',
    timeoutMs: countOf('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', countOf('OTEL_EXPORTER_OTLP_TIMEOUT', 10_000)),
    tls: tlsOf(),
    resource: resourceOf(),
    maxQueueSize: countOf('OTEL_BSP_MAX_QUEUE_SIZE', 2048),
    maxBatchSize: countOf('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    delayMs: countOf('OTEL_BSP_SCHEDULE_DELAY', 5000),
    isDual: switchOf('MLFLOW_TRACE_ENABLE_OTLP_DUAL_EXPORT', false),
  };
}

function isSpoken(url: string): boolean {
  const protocol = textOf('PROTOCOL') ?? 'http/protobuf';
  if (protocol !== 'http/protobuf') {
    tellOnce(`spans are not sent to the collector: OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}; set http/protobuf`);
    return false;
  }
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return true;
  tellOnce('spans are not sent to the collector: OTEL_EXPORTER_OTLP_ENDPOINT is no http(s) URL');
  return false;
}

/** That of traces goes before that of all signals. */
function textOf(name: string): string | undefined {
  const own = process.env[`OTEL_EXPORTER_OTLP_TRACES_${name}`];
  return own || process.env[`OTEL_EXPORTER_OTLP_${name}`] || undefined;
}

function countOf(variable: string, fallback: number): number {
  const value = Number(process.env[variable] || fallback);
  if (Number.isFinite(value) && value >= 0) return value;
  tellOnce(`${variable} is '${process.env[variable]}' and must be a number; ${fallback} is taken`);
  return fallback;
}

/** `key=value,key=value`, each part percent-encoded. */
function listOf(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [decoded(pair.slice(0, at).trim()), decoded(pair.slice(at + 1).trim())];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign: it means itself.
    return text;
  }
}

function tlsOf(): OtlpSettings['tls'] {
  const [ca, cert, key] = ['CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY'].map((name) => fileOf(name));
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

function fileOf(name: string): Buffer | undefined {
  const file = textOf(name);
  if (file === undefined) return undefined;
  try {
    return fs.readFileSync(file);
  } catch {
    tellOnce(`OTEL_EXPORTER_OTLP_${name} names '${file}', which cannot be read; it is left out`);
    return undefined;
  }
}

function resourceOf(): Record<string, unknown> {
  return {
    'service.name': 'unknown_service:node',
    ...listOf(process.env.OTEL_RESOURCE_ATTRIBUTES),
    ...(process.env.OTEL_SERVICE_NAME ? { 'service.name': process.env.OTEL_SERVICE_NAME } : {}),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'autolog',
    'telemetry.sdk.version': VERSION,
  };
}
