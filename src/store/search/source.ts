import { type AutologError, invalidParameter } from '../../errors.ts';

/** A text of the search grammar, and what it is for. */
export interface Source {
  /** What is searched, in the plural: "runs". */
  readonly subject: string;
  readonly part: 'filter' | 'order_by';
  readonly text: string;
  /** Bare names may hold `/` and `-`. */
  readonly hasLooseNames?: boolean;
}

/** The error for what cannot be read at a place of a source; `reason` says why and what to write instead. */
export function unreadable(source: Source, position: number, reason: string): AutologError {
  const place = `at character ${position + 1} of the ${source.part}`;
  return invalidParameter(`Cannot search ${source.subject}: ${place}, ${reason}.`);
}

const SHOWN_CHARACTERS = 60;

/** Shows text in a message: quoted, and not all of a long one. */
export function quote(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? `'${text}'` : `'${text.slice(0, SHOWN_CHARACTERS)}…'`;
}

/** Lists names in a message. */
export function listNames(names: Iterable<string>): string {
  return [...names].join(', ');
}
