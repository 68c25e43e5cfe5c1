import { setTimeout as startTimer } from 'node:timers';
import { steadyMs } from '../clock.ts';
import { reportFailure } from '../failures.ts';
import { inNoContext } from '../no-context.ts';
import type { LiveSpan } from './live-span.ts';
import type { LiveTrace } from './live-trace.ts';

/** Bounds of what is kept under way. */
interface OpenTraceLimits {
  /** Beyond, the oldest traces are ended as they are. @default 10_000, or AUTOLOG_MAX_OPEN_TRACES */
  readonly count: number;
  /** A trace in which nothing has begun or ended for so long is ended as it is. @default 1 hour, or AUTOLOG_OPEN_TRACE_TTL */
  readonly ttlMs: number;
}

/** A trace's spans under way; beyond, those that began first are ended as they are, the root last. */
export const MAX_OPEN_SPANS = 10_000;

/** Traces are looked through as often, or more often where the time limit is shorter. */
const MAX_SWEEP_MS = 60_000;
const MIN_SWEEP_MS = 50;

const openTraces = new Set<LiveTrace>();

let known: OpenTraceLimits | undefined;
let isSweepDue = false;
let sweptAtMs = Number.NEGATIVE_INFINITY;

/** Takes a trace into the table of those under way, and ends others where there are too many, or too old ones. */
export function keepOpen(trace: LiveTrace): void {
  const { count, ttlMs } = limits();
  sweep(steadyMs() - Math.min(ttlMs, MAX_SWEEP_MS));
  for (const oldest of openTraces) {
    if (openTraces.size < count) break;
    evict(oldest, `more than ${count} traces were under way`);
  }
  openTraces.add(trace);
  if (isSweepDue) return;
  isSweepDue = true;
  inNoContext(() => startTimer(onTimer, sweepMs()).unref());
}

/** Takes a trace out of the table. */
export function forgetOpen(trace: LiveTrace): void {
  openTraces.delete(trace);
}

/** Ends all that is still under way, children first. */
export function endOpenTraces(): void {
  for (const trace of openTraces) endTrace(trace, 'the program did not end it');
}

/** Ends a span as it is, because nobody else does. */
export function endAsItIs(span: LiveSpan, why: string): void {
  try {
    span.end({ incomplete: why, attributes: { 'autolog.abandoned': true } });
  } catch (error) {
    reportFailure('recording a span', error);
  }
}

/** Tells, once, that something was ended to keep within bounds. */
export function tellEviction(what: string, advice: string): void {
  try {
    reportFailure(what, new Error(advice));
  } catch {
    // In test mode this is counted only: it is the program's doing, and no failure of ours.
  }
}

function onTimer(): void {
  isSweepDue = false;
  sweep(Number.POSITIVE_INFINITY);
  if (openTraces.size === 0) return;
  isSweepDue = true;
  startTimer(onTimer, sweepMs()).unref();
}

/** Ends the traces past their time, unless the last sweep came after `sinceMs`. */
function sweep(sinceMs: number): void {
  if (sweptAtMs > sinceMs) return;
  sweptAtMs = steadyMs();
  const { ttlMs } = limits();
  const limit = sweptAtMs - ttlMs;
  for (const trace of openTraces) {
    if (trace.touchedAtMs <= limit) evict(trace, `nothing happened in it for ${ttlMs / 1000} seconds`);
  }
}

function evict(trace: LiveTrace, why: string): void {
  endTrace(trace, why);
  const advice = `${why}; AUTOLOG_MAX_OPEN_TRACES and AUTOLOG_OPEN_TRACE_TTL (seconds) set the bounds`;
  tellEviction('ending a trace that the program did not end', advice);
}

function endTrace(trace: LiveTrace, why: string): void {
  openTraces.delete(trace);
  for (const span of trace.openSpans()) endAsItIs(span, why);
}

function sweepMs(): number {
  return Math.max(MIN_SWEEP_MS, Math.min(limits().ttlMs, MAX_SWEEP_MS));
}

function limits(): OpenTraceLimits {
  known ??= {
    count: positive('AUTOLOG_MAX_OPEN_TRACES', 10_000),
    ttlMs: positive('AUTOLOG_OPEN_TRACE_TTL', 3_600) * 1000,
  };
  return known;
}

function positive(variable: string, fallback: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  tellEviction(`reading ${variable}`, `it is '${text}' and must be a positive number; ${fallback} is taken`);
  return fallback;
}
