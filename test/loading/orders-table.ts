import { LANGUAGES, ORDERS, type Order, type Reach, reachOf } from './orders.ts';

const WORDS: Readonly<Record<Reach, string>> = { all: 'every call', later: 'later calls', none: 'not possible' };

/** Any release with hooks for imports, and the oldest without. */
const FULL = '24.21.0';
const LIMITED = '22.15.0';

/** Writes the orders of the matrix, with how much of each is logged, as a table of Markdown. */
export function ordersTable(): string {
  const header = ['module system', 'order', 'Node with hooks', 'without', 'without, TypeScript', 'without, tsx'];
  const rows = ORDERS.map((order) => [order.system, order.name, fullCell(order), ...limitedCells(order)]);
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function fullCell(order: Order): string {
  return wordsOf(order, FULL)[0] ?? '';
}

function limitedCells(order: Order): string[] {
  return wordsOf(order, LIMITED);
}

/** Plain JavaScript, TypeScript as Node runs it, and tsx. */
function wordsOf(order: Order, version: string): string[] {
  return LANGUAGES.filter(({ system }) => system === order.system).map(
    (language) => WORDS[reachOf(order, language, version)],
  );
}
