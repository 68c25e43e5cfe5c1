import { expect, it } from 'vitest';
import { randomHex, randomUuidHex, timeOrderedHex } from '../src/random-id.ts';

const count = 2_000;

it('ids are hexadecimal and never the same', () => {
  for (const make of [() => randomHex(8), timeOrderedHex, randomUuidHex]) {
    const ids = new Set(Array.from({ length: count }, make));
    expect(ids.size).toBe(count);
    for (const id of ids) expect(id).toMatch(/^([0-9a-f]{16}){1,2}$/);
  }
});

it('a UUID says that it is one of version 4', () => {
  for (let i = 0; i < count; i++) expect(randomUuidHex()).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
});

it('ids that are ordered by time begin with it', () => {
  const before = Date.now();
  const time = Number.parseInt(timeOrderedHex().slice(0, 12), 16);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});
