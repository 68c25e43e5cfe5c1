import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../package/packed-package.ts';
import { LANGUAGES, ORDERS, reachOf } from './orders.ts';
import { ordersTable } from './orders-table.ts';

it('docs/loading.md has the table of the orders that are tested', () => {
  const text = fs.readFileSync(path.join(ROOT, 'docs/loading.md'), 'utf8');
  expect(text).toContain(ordersTable());
});

it('with hooks for imports every order is logged wholly, in every language', () => {
  const reaches = LANGUAGES.flatMap((language) => ORDERS.map((order) => reachOf(order, language, '24.21.0')));
  expect(new Set(reaches)).toEqual(new Set(['all']));
});
