import type { Span, TokenUsage, Trace } from '../entities/trace.ts';
import { duration, plain, style } from './terminal.ts';

/** Lines of a trace as a tree: each span with type, time, tokens and status. */
export function printTrace({ info, spans }: Trace): string[] {
  const root = spans.find((span) => span.parentSpanId === null);
  const name = info.tags['mlflow.traceName'] ?? root?.name ?? info.traceId;
  const total = spans.length > 1 ? tokens(json(info.metadata['mlflow.trace.tokenUsage'])) : '';
  const head = [style.heading(plain(name)), total, status(info.state), style.dim(info.traceId)];
  const known = new Set(spans.map((span) => span.spanId));
  const tops = spans.filter((span) => span.parentSpanId === null || !known.has(span.parentSpanId));
  return [
    head.filter((part) => part !== '').join('  '),
    ...preview('asked', info.requestPreview),
    ...preview('answered', info.responsePreview),
    ...tops.flatMap((span, i) => branch(span, spans, '', i === tops.length - 1)),
  ];
}

function preview(label: string, text: string | null): string[] {
  return text === null ? [] : [`  ${style.dim(label)} ${plain(text, 90)}`];
}

function branch(span: Span, spans: readonly Span[], indent: string, isLast: boolean): string[] {
  const children = spans.filter((other) => other.parentSpanId === span.spanId);
  const ms = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6;
  const line = [
    style.name(plain(span.name, 40)),
    style.dim(String(span.attributes['mlflow.spanType'] ?? '')),
    duration(ms),
    tokens(span.attributes['mlflow.chat.tokenUsage'] as TokenUsage | undefined),
    plain(String(span.attributes['mlflow.llm.model'] ?? ''), 30),
    status(span.status.code),
    span.status.code === 'ERROR' ? plain(span.status.message, 60) : '',
  ];
  const below = indent + (isLast ? '   ' : '│  ');
  return [
    `  ${indent}${isLast ? '└─' : '├─'} ${line.filter((part) => part !== '').join('  ')}`,
    ...children.flatMap((child, i) => branch(child, spans, below, i === children.length - 1)),
  ];
}

function tokens(usage: TokenUsage | undefined): string {
  if (usage === undefined) return '';
  const cached = usage.cache_read_input_tokens ? ` (${usage.cache_read_input_tokens} cached)` : '';
  return `${usage.input_tokens ?? 0}${cached} → ${usage.output_tokens ?? 0} tokens`;
}

function status(code: string): string {
  if (code === 'OK') return style.good('OK');
  return code === 'ERROR' ? style.bad('ERROR') : style.dim(code);
}

function json(text: string | undefined): TokenUsage | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as TokenUsage;
  } catch {
    // Metadata may have been written by anyone; what is no JSON is not shown.
    return undefined;
  }
}
