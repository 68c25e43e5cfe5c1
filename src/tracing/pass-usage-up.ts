import type { TokenUsage } from '../entities/trace.ts';
import type { LiveSpan } from './live-span.ts';

/**
 * Hands the tokens of a span that has ended, and of those below, on to the next span above that is under way; they are
 * dropped where a span above has counted the same tokens already, or does so when it ends.
 */
export function passUsageUp(span: LiveSpan): void {
  const usage = span.usage ?? span.usageBelow;
  if (usage === undefined || Object.keys(usage).length === 0) return;
  for (let above = span.parent; above !== null; above = above.parent) {
    if (!above.isEnded) {
      above.usageBelow = sumOf(above.usageBelow, usage);
      return;
    }
    if (above.usage !== undefined) return;
  }
}

function sumOf(total: TokenUsage = {}, usage: TokenUsage): TokenUsage {
  const sum: Record<string, number> = { ...total };
  for (const [key, count] of Object.entries(usage)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}
