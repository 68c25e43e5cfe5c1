import { writeFileSync } from 'node:fs';

const LIMIT_MS = 5000;

// Before any case replaces the timers.
const { setTimeout } = globalThis;

const timers = [];

function limit() {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error('it does not end')), LIMIT_MS);
    timers.push(timer);
  });
}

/**
 * Runs cases one after another and writes what became of each to the file of SPECS, with what it returned; a rejection
 * that nobody handles counts against the case under way.
 */
export async function runCases(cases) {
  const specs = [];
  let unhandled = [];
  process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
  for (const [name, run] of Object.entries(cases)) {
    unhandled = [];
    try {
      const value = await Promise.race([run(), limit()]);
      await new Promise(setImmediate);
      specs.push([name, unhandled.length === 0 ? 'passed' : `unhandled: ${unhandled}`, withoutIds(value)]);
    } catch (error) {
      specs.push([name, `failed: ${error?.message}`]);
    }
  }
  for (const timer of timers) clearTimeout(timer);
  writeFileSync(process.env.SPECS, JSON.stringify(specs));
}

/** Ids are another in each run: the same id becomes the same number. */
function withoutIds(value) {
  const ids = [];
  const text = JSON.stringify(value, (_, each) => (typeof each === 'function' ? 'function' : each)) ?? '';
  return text.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => {
    if (!ids.includes(id)) ids.push(id);
    return `id ${ids.indexOf(id)}`;
  });
}
