import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AutologError } from '../../../src/errors.ts';
import type { Clause } from '../../../src/store/search/clause.ts';
import { parseExperimentFilter } from '../../../src/store/search/experiment-grammar.ts';
import { parseLoggedModelFilter } from '../../../src/store/search/logged-model-grammar.ts';
import { parseRunFilter, parseRunOrderBy } from '../../../src/store/search/run-grammar.ts';
import { parseTraceFilter } from '../../../src/store/search/trace-grammar.ts';

const word = fc.constantFrom(
  ...[
    'metrics',
    'tags',
    'span',
    'status',
    'run_id',
    'loss',
    '.',
    '=',
    '!=',
    '>',
    'LIKE',
    'IN',
    'NOT',
    'IS',
    'NULL',
    'AND',
  ],
  ...[
    'OR',
    '(',
    ')',
    ',',
    "'",
    '"',
    '`',
    "'x'",
    '"y"',
    '`k`',
    '5',
    '-0.5',
    '1e',
    ' ',
    '\n',
    ';',
    '--',
    '\0',
    '\ud800',
    '🦉',
  ],
);
const text = fc.oneof(
  fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
  fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

describe.each([
  ['experiments', parseExperimentFilter],
  ['runs', parseRunFilter],
  ['logged models', parseLoggedModelFilter],
  ['traces', parseTraceFilter],
])('any text as a filter of %s', (_subject, parse) => {
  test('is read or refused with one clear error', () => {
    fc.assert(
      fc.property(text, (filter) => {
        const outcome = parsed(() => parse(filter));
        expect(outcome instanceof AutologError ? outcome.code : 'INVALID_PARAMETER_VALUE').toBe(
          'INVALID_PARAMETER_VALUE',
        );
      }),
      { numRuns: 3000 },
    );
  });

  test('with a key and a value of any characters gives them back', () => {
    const characters = fc.string({ unit: 'grapheme', minLength: 1 }).filter((it) => !/[`'\0]/.test(it));
    fc.assert(
      fc.property(characters, characters, fc.constantFrom('=', '!=', 'LIKE'), (key, value, comparator) => {
        const [clause] = parse(`tags.\`${key}\` ${comparator} '${value}'`) as readonly Clause[];
        expect(clause).toEqual({ entity: 'tag', key, comparator, value });
      }),
    );
  });
});

test('any number reads as JavaScript writes it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(parseRunFilter(`metrics.a >= ${value}`)[0]?.value).toBe(Object.is(value, -0) ? 0 : value);
    }),
  );
});

test('any text as a sort key is read or refused with one clear error', () => {
  fc.assert(
    fc.property(text, (key) => {
      const outcome = parsed(() => parseRunOrderBy([key]));
      expect(outcome instanceof AutologError ? outcome.code : 'INVALID_PARAMETER_VALUE').toBe(
        'INVALID_PARAMETER_VALUE',
      );
    }),
    { numRuns: 3000 },
  );
});

function parsed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AutologError) return error;
    throw error;
  }
}
