import type { Page } from '../entities/page.ts';

/** Reads a list to its end, page by page, or up to so many items. */
export async function allPages<T>(
  read: (pageToken: string | null) => Promise<Page<T>>,
  maxItems: number = Number.POSITIVE_INFINITY,
): Promise<readonly T[]> {
  const items: T[] = [];
  let pageToken: string | null = null;
  do {
    const page: Page<T> = await read(pageToken);
    for (const item of page.items) items.push(item);
    pageToken = page.nextPageToken;
  } while (pageToken !== null && items.length < maxItems);
  return items.slice(0, maxItems);
}
