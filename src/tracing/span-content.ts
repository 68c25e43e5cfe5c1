import { reportFailure } from '../failures.ts';
import type { SnapshotLimits } from '../json.ts';
import { type AttachmentHolder, replaceBinary } from './extract-attachments.ts';
import type { LiveSpan } from './live-span.ts';
import { tracingConfig } from './tracing-config.ts';

/** Characters in one string of a span's content. */
const STRING_LENGTH = 100_000;

/** Bounds of one value of a span; for a holder, binary content goes there. */
export function contentLimits(holder?: AttachmentHolder): SnapshotLimits {
  const { maxContentCharacters: characters, extractAttachments } = tracingConfig();
  const stringLength = Math.min(STRING_LENGTH, characters);
  if (holder === undefined) return { characters, stringLength };
  return { characters, stringLength, replace: replaceBinary(holder, extractAttachments) };
}

/** What went wrong while a span was looked at. */
export interface ProcessorFailure {
  /** @throws the error in test mode */
  tell(): void;
}

/** Has the configured functions change a span that ends; what is wrong with one is told later. */
export function processSpan(span: LiveSpan): ProcessorFailure | undefined {
  const { spanProcessors } = tracingConfig();
  if (spanProcessors.length === 0) return undefined;
  try {
    for (const processor of spanProcessors) {
      const result: unknown = processor(span);
      // What it would do later comes too late: the span leaves now.
      if (result instanceof Promise) {
        result.catch(() => undefined);
        throw new TypeError('a span processor must not be async: the span is stored when it returns');
      }
    }
    return undefined;
  } catch (error) {
    const where = 'processing a span (its content is not recorded)';
    return { tell: () => reportFailure(where, error) };
  }
}
