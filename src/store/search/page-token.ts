import { hash } from 'node:crypto';
import { invalidParameter } from '../../errors.ts';

/** Where a page ended: what the next one begins after. Plain JSON data. */
export type PagePlace = readonly unknown[];

/** Makes the token that asks for what comes after a place, in the same request. */
export function toPageToken(place: PagePlace, request: unknown): string {
  return Buffer.from(JSON.stringify([VERSION, digest(request), place])).toString('base64url');
}

/**
 * Reads the place of a token that was made for a request; null where there is no token.
 *
 * @throws {AutologError} INVALID_PARAMETER_VALUE for a token of another request, or what is none.
 */
export function parsePageToken(token: string | null | undefined, request: unknown): PagePlace | null {
  if (token === null || token === undefined || token === '') return null;
  const parsed = parseToken(token);
  if (parsed === null) throw invalidPageToken('this is none; take nextPageToken of a page as it is');
  if (parsed.request !== digest(request)) {
    throw invalidPageToken('it belongs to another search; keep the other options as they were');
  }
  return parsed.place;
}

/** The error for a page token, with the reason and what to do. */
export function invalidPageToken(reason: string): Error {
  return invalidParameter(`Cannot go on from this pageToken: ${reason}.`);
}

const VERSION = 1;

function parseToken(token: string): { readonly request: unknown; readonly place: PagePlace } | null {
  try {
    const bytes = Buffer.from(token, 'base64url');
    const [version, request, place] = JSON.parse(bytes.toString()) as unknown[];
    return version === VERSION && Array.isArray(place) ? { request, place } : null;
  } catch {
    // A SyntaxError, or a TypeError for JSON that is no list: the text is no token of ours.
    return null;
  }
}

/** Options that are not given are as good as empty. */
function digest(request: unknown): string {
  return hash('sha256', JSON.stringify(request), 'base64url').slice(0, 16);
}
