import { type ContextEntry, captureContext, createContextSlot } from '../context.ts';
import type { LiveSpan } from './live-span.ts';

/** Holds the active span of a context. */
interface SpanHolder {
  span: LiveSpan | null;
  /** Waits for the first span that asks to be the active one here. */
  isOpen: boolean;
  /** Whether the first that asks may follow the call of this context; then what it told. */
  follower?: object | null;
  readonly subject?: unknown;
}

/** A context whose active span a library's event brings, after the context was entered. */
export interface SpanScope {
  /** The span that was brought, or null as long as there is none. */
  readonly filledBy: LiveSpan | null;
  /** What `followScope` was given in it. */
  readonly follower: object | null;
  run<R>(fn: () => R): R;
}

const holderSlot = createContextSlot<SpanHolder>('autolog.activeSpan');

let foreignSpan: (() => LiveSpan | null) | undefined;

/** Has the active span looked for in the context of another tracer too; null stops that. */
export function lookForForeignSpan(find: (() => LiveSpan | null) | null): void {
  foreignSpan = find ?? undefined;
}

/** The span that new spans of this context become children of. */
export function activeSpan(): LiveSpan | null {
  let span = enteredSpan();
  if (foreignSpan !== undefined) span = deeperSpan(span, foreignSpan());
  while (span?.isEnded) span = span.parent;
  return span;
}

/** The span that this context was entered with, be it ended. */
export function enteredSpan(): LiveSpan | null {
  return holderSlot.get()?.span ?? null;
}

/** Runs a function, and all that it starts, with a span as the active one (null: none). */
export function withActiveSpan<R>(span: LiveSpan | null, fn: () => R): R {
  return holderSlot.with({ span, isOpen: false }, withTwin(span, fn));
}

/** A function as it is, or with the span of another tracer that goes with ours as the active one there. */
export function withTwin<R>(span: LiveSpan | null, fn: () => R): () => R {
  const twin = span?.twin;
  return twin?.enter === undefined ? fn : () => twin.enter?.(fn) as R;
}

/** What `withBoth` sets to make a span the active one; `withTwin` does what else is due. */
export function activeSpanEntry(span: LiveSpan): ContextEntry {
  return holderSlot.entry({ span, isOpen: false });
}

/** How a scope begins. */
export interface SpanScopeOptions {
  /** Lets `followScope` say what is to be told of the call. @default false */
  readonly isFollowed?: boolean;
  /** What is called. */
  readonly subject?: unknown;
  /** The span above, where the active one does not lie deeper. */
  readonly above?: LiveSpan | undefined;
}

/** Makes a scope that has the present active span until `fillActiveSpan` is called in it. */
export function createSpanScope({ isFollowed, subject, above }: SpanScopeOptions = {}): SpanScope {
  const follower = isFollowed ? null : undefined;
  const span = above === undefined ? enteredSpan() : deeperSpan(above, activeSpan());
  const holder: SpanHolder = { span, isOpen: true, follower, subject };
  return {
    get filledBy() {
      return holder.isOpen ? null : holder.span;
    },
    get follower() {
      return holder.follower ?? null;
    },
    run: holderSlot.with(holder, captureContext),
  };
}

/**
 * Makes a span the active one of the surrounding scope, if it is the first that asks: a scope belongs to one call, and
 * what the call starts in its turn must not take its place.
 */
export function fillActiveSpan(span: LiveSpan): void {
  const holder = holderSlot.get();
  if (!holder?.isOpen) return;
  holder.span = span;
  holder.isOpen = false;
}

/** Sets the follower of the surrounding scope, if it has none yet, and returns the one it has; null outside of one. */
export function followScope(follower: object): object | null {
  const holder = holderSlot.get();
  if (holder?.follower === null) holder.follower = follower;
  return holder?.follower ?? null;
}

/** The span that was brought to the surrounding scope; null outside of one, and as long as there is none. */
export function scopeSpan(): LiveSpan | null {
  const holder = holderSlot.get();
  return holder !== undefined && 'subject' in holder && !holder.isOpen ? holder.span : null;
}

/** What the surrounding scope was made for. */
export function scopeSubject(): unknown {
  return holderSlot.get()?.subject;
}

/** The deeper of two spans when one lies within the other, else the first. */
export function deeperSpan(span: LiveSpan | null, other: LiveSpan | null): LiveSpan | null {
  if (span === null || other === null) return span ?? other;
  for (let each: LiveSpan | null = other; each !== null; each = each.parent) if (each === span) return other;
  return span;
}
