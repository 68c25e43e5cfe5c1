import { invalidPageToken, type PagePlace, parsePageToken, toPageToken } from '../../search/page-token.ts';
import type { Operation, Row } from '../operation.ts';
import {
  after,
  hasRank,
  orderBy,
  placeOf,
  type Rank,
  ranksOf,
  type SortColumn,
  type SortValue,
  sortSelection,
} from './order.ts';
import type { SearchDialect } from './search-dialect.ts';
import { join, type SqlText, toQuery } from './sql-text.ts';

/** What a page is of. */
export interface PageOptions {
  /** They tell any two rows apart. */
  readonly columns: readonly SortColumn[];
  readonly maxResults: number;
  readonly pageToken: string | null | undefined;
  /** All that the order and the choice of the rows depend on; plain JSON data. */
  readonly request: unknown;
  readonly dialect: SearchDialect;
}

/** The rows of one rank in the first column: they are asked for by themselves, so that an index can give the order. */
export interface PagePart {
  readonly rank: Rank;
  /** What the rows are to have beside their ids: where they stand. */
  readonly selection: SqlText;
  readonly conditions: readonly SqlText[];
  /** Columns that the rows of the part are sorted by. */
  readonly columns: readonly SortColumn[];
  /** The terms of ORDER BY. */
  readonly order: SqlText;
  readonly limit: SqlText;
}

/** Rows of a page, and the token of the next one. */
export interface RowPage {
  readonly rows: readonly Row[];
  readonly nextPageToken: string | null;
}

/** Reads a page: `write` makes the query for a part of it, or none where it is empty. */
export function* readPage(options: PageOptions, write: (part: PagePart) => SqlText | null): Operation<RowPage> {
  const { columns, maxResults, request, dialect } = options;
  const [first, ...others] = columns;
  if (first === undefined) throw new TypeError('A page needs an order.');
  const place = toPlace(parsePageToken(options.pageToken, request), columns);
  const rows: Row[] = [];
  const ranks = ranksOf(first);
  for (const rank of ranks.slice(place === null ? 0 : ranks.indexOf(rankOf(place)))) {
    const isInside = place !== null && rank === rankOf(place);
    const conditions = [hasRank(first, rank, dialect)];
    if (isInside) conditions.push(after(columns, place, dialect));
    const ofPart: readonly SortColumn[] = rank === 'value' ? [ofValues(first), ...others] : others;
    const part = {
      rank,
      selection: join(sortSelection(columns), ', '),
      conditions,
      columns: ofPart,
      order: join(orderBy(ofPart, dialect), ', '),
      limit: dialect.limit(maxResults + 1 - rows.length),
    };
    const query = write(part);
    if (query === null) continue;
    rows.push(...(yield toQuery(query)));
    if (rows.length > maxResults) break;
  }
  const page = rows.slice(0, maxResults);
  const last = page.at(-1);
  const nextPageToken =
    rows.length > maxResults && last !== undefined ? toPageToken(placeOf(last, columns), request) : null;
  return { rows: page, nextPageToken };
}

function rankOf(place: readonly SortValue[]): Rank {
  return place[0]?.[0] ?? 'value';
}

function ofValues({ isNan: _, ...column }: SortColumn): SortColumn {
  return { ...column, nulls: 'none' };
}

/** A place is checked against the order, because a token comes from outside. */
function toPlace(place: PagePlace | null, columns: readonly SortColumn[]): readonly SortValue[] | null {
  if (place === null) return null;
  const isPlace = place.length === columns.length && columns.every((column, at) => isOf(column, place[at]));
  if (!isPlace) throw invalidPageToken('it was changed; take nextPageToken of a page as it is');
  return place as readonly SortValue[];
}

function isOf(column: SortColumn, value: unknown): boolean {
  if (!Array.isArray(value) || !ranksOf(column).includes(value[0])) return false;
  if (value[0] !== 'value') return value.length === 1;
  return (
    value.length === 2 && (column.kind === 'number' ? Number.isFinite(value[1]) : typeof value[1] === 'string')
  );
}
