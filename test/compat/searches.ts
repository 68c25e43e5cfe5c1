import fc from 'fast-check';

/** What is searched, as MLflow's judge names it. */
export type Subject = 'experiments' | 'runs' | 'logged_models' | 'traces';

const TEXT = ['=', '!=', 'LIKE', 'ILIKE'];
const NUMERIC = ['=', '!=', '>', '>=', '<', '<='];
const LIST = ['IN', 'NOT IN'];
const PRESENCE = ['IS NULL', 'IS NOT NULL'];
const COMPARATORS = [...TEXT, ...NUMERIC, ...LIST, ...PRESENCE, 'RLIKE'];
const ODD_COMPARATORS = [
  'like',
  'Ilike',
  'in',
  'not in',
  'is null',
  'Is Not Null',
  '==',
  '<>',
  'NOT LIKE',
  'REGEXP',
  '~',
];

const TEXTS = [
  "'x'",
  "'A b'",
  '"y"',
  "''",
  '"it\'s"',
  "'%x_'",
  "'a AND b'",
  "'ünï'",
  "'FINISHED'",
  "'1'",
  "'n/1'",
  "'(x)'",
];
const NUMBERS = ['0', '5', '-1', '0.5', '-.5', '1700000000000', '1e3', '1.5E-3', '007'];
const LISTS = [
  "('a')",
  "('a', 'B')",
  '("x",\'y\',)',
  "( 'a' )",
  "('1','2')",
  "('A','ünï')",
  '()',
  "('a', 5)",
  '(a)',
];
const ODD_VALUES = [
  'x',
  '1e+21',
  '1.',
  'nan',
  'true',
  '`x`',
  '0x10',
  '+5',
  '--1',
  'NULL',
  "'it''s'",
  "'a\\'",
  '((1))',
];

const OWN_KEYS = [
  'loss',
  'a',
  'Loss_2',
  'größe',
  'mlflow.runName',
  '`a b`',
  '`val/loss`',
  '"x-y"',
  '`a.b`',
  "'q'",
  'x.y.z',
];
const ODD_KEYS = ['name', 'status', 'created', 'run_id', 'timestamp', 'order', '1a', '``', 'a-b', '[a]'];
const ODD_ENTITIES = [
  'Metrics',
  '`tags`',
  '`param`',
  'tag',
  'metric',
  'params',
  'attribute',
  'span',
  'dataset',
  '"tags"',
];

/** What stands on both sides of comparators. */
interface Form {
  readonly entities: readonly string[];
  readonly keys: readonly string[];
  readonly comparators: readonly string[];
}

const RUN_ATTRIBUTE = ['', '', 'attribute', 'attributes', 'attr', 'run'];
const TRACE_ATTRIBUTE = ['', '', 'attribute', 'attributes', 'trace'];
const FORMS: Record<Subject, readonly Form[]> = {
  experiments: [
    { entities: ['', 'attribute'], keys: ['name', '`name`'], comparators: TEXT },
    { entities: ['', 'attribute'], keys: ['experiment_id'], comparators: ['=', '!=', ...LIST] },
    { entities: ['', 'attribute'], keys: ['creation_time', 'last_update_time'], comparators: NUMERIC },
    { entities: ['tag', 'tags'], keys: OWN_KEYS, comparators: [...TEXT, ...PRESENCE] },
  ],
  runs: [
    { entities: RUN_ATTRIBUTE, keys: ['run_id'], comparators: [...TEXT, ...LIST] },
    { entities: RUN_ATTRIBUTE, keys: ['run_name', 'user_id', 'status', 'artifact_uri'], comparators: TEXT },
    { entities: RUN_ATTRIBUTE, keys: ['`Run Name`', '"run name"', '`status`'], comparators: TEXT },
    { entities: RUN_ATTRIBUTE, keys: ['start_time', 'end_time', 'created', 'Created'], comparators: NUMERIC },
    { entities: ['metric', 'metrics'], keys: OWN_KEYS, comparators: NUMERIC },
    { entities: ['metric', 'metrics', '`metrics`'], keys: OWN_KEYS, comparators: NUMERIC },
    {
      entities: ['param', 'params', 'parameter', 'parameters'],
      keys: OWN_KEYS,
      comparators: [...TEXT, ...PRESENCE],
    },
    { entities: ['tag', 'tags'], keys: OWN_KEYS, comparators: [...TEXT, ...PRESENCE] },
    { entities: ['dataset', 'datasets'], keys: ['name', 'digest', 'context'], comparators: [...TEXT, ...LIST] },
  ],
  logged_models: [
    {
      entities: ['', 'attributes'],
      keys: ['name', 'model_id', 'model_type', 'source_run_id'],
      comparators: [...TEXT, ...LIST],
    },
    {
      entities: ['', 'attributes'],
      keys: ['status', 'experiment_id', 'status_message'],
      comparators: [...TEXT, ...LIST],
    },
    {
      entities: [''],
      keys: ['creation_time', 'creation_timestamp', 'last_updated_timestamp'],
      comparators: NUMERIC,
    },
    { entities: ['attributes'], keys: ['creation_time', 'creation_timestamp'], comparators: NUMERIC },
    { entities: ['metrics'], keys: OWN_KEYS, comparators: NUMERIC },
    { entities: ['params', 'tags'], keys: OWN_KEYS, comparators: [...TEXT, ...LIST] },
  ],
  traces: [
    {
      entities: TRACE_ATTRIBUTE,
      keys: ['timestamp', 'timestamp_ms', 'execution_time', 'end_time'],
      comparators: NUMERIC,
    },
    { entities: TRACE_ATTRIBUTE, keys: ['execution_time_ms', 'end_time_ms'], comparators: NUMERIC },
    {
      entities: TRACE_ATTRIBUTE,
      keys: ['status', 'request_id', 'client_request_id'],
      comparators: [...TEXT, 'RLIKE', ...LIST],
    },
    { entities: TRACE_ATTRIBUTE, keys: ['name', 'run_id'], comparators: [...TEXT, 'RLIKE', ...LIST, ...PRESENCE] },
    { entities: TRACE_ATTRIBUTE, keys: ['prompt'], comparators: ['='] },
    { entities: TRACE_ATTRIBUTE, keys: ['text'], comparators: ['LIKE', 'ILIKE'] },
    {
      entities: ['tag', 'tags'],
      keys: [...OWN_KEYS, '`mlflow.traceName`'],
      comparators: [...TEXT, 'RLIKE', ...PRESENCE],
    },
    { entities: ['metadata', 'request_metadata'], keys: OWN_KEYS, comparators: [...TEXT, 'RLIKE', ...PRESENCE] },
    {
      entities: ['metadata'],
      keys: ['`mlflow.sourceRun`', '`mlflow.trace.session`'],
      comparators: [...TEXT, ...PRESENCE],
    },
    {
      entities: ['span'],
      keys: ['name', 'type', 'status', 'attributes.model'],
      comparators: [...TEXT, 'RLIKE', ...LIST],
    },
    { entities: ['span'], keys: ['content', 'attributes.`a.b`'], comparators: ['LIKE', 'ILIKE'] },
    {
      entities: ['feedback', 'expectation'],
      keys: OWN_KEYS,
      comparators: [...TEXT, ...NUMERIC, 'RLIKE', ...PRESENCE],
    },
    { entities: ['issue'], keys: ['id'], comparators: ['='] },
  ],
};
/** Forms whose values are numbers, by a comparator that takes text too. */
const NUMBER_KEY = /^(metrics?|`metrics`)\.|time|created/i;

const SOUP = [
  ...[
    'metrics',
    'params',
    'tags',
    'attributes',
    'status',
    'loss',
    '.',
    '.',
    '=',
    '=',
    '>',
    '!=',
    'LIKE',
    'IN',
    'NOT',
    'IS',
  ],
  ...[
    'NULL',
    'AND',
    'AND',
    'OR',
    '(',
    ')',
    ',',
    "'x'",
    '"y"',
    '`k`',
    '5',
    '0.5',
    '-1',
    ' ',
    ' ',
    ' ',
    ';',
    '--',
    '/*',
    '*',
  ],
];

/** Filters as people write them, with slips here and there. */
export function filters(subject: Subject): fc.Arbitrary<string> {
  const clause = fc.oneof(...FORMS[subject].map(clauseOf));
  const joint = usually(
    fc.constantFrom(' AND ', ' and ', '\n AND\t'),
    fc.constantFrom(' ', ' OR ', ' AND AND ', ', '),
  );
  const whole = fc.tuple(clause, fc.array(fc.tuple(joint, clause), { maxLength: 3 })).map(([first, rest]) => {
    return first + rest.flat().join('');
  });
  const soup = fc.array(fc.constantFrom(...SOUP), { minLength: 1, maxLength: 12 }).map((words) => words.join(''));
  return fc.oneof(
    { weight: 8, arbitrary: whole },
    { weight: 3, arbitrary: broken(clause) },
    { weight: 1, arbitrary: soup },
  );
}

/** Sort keys as people write them, with slips here and there. */
export function orders(subject: Subject): fc.Arbitrary<string> {
  const direction = usually(
    fc.constantFrom('', ' ASC', ' DESC', ' desc', ' Asc'),
    fc.constantFrom(' up', ' ASC x', ' 5'),
  );
  const path = fc.oneof(...FORMS[subject].map(pathOf));
  const whole = fc.tuple(path, direction).map((parts) => parts.join(''));
  return fc.oneof({ weight: 5, arbitrary: whole }, { weight: 1, arbitrary: broken(whole) });
}

function pathOf({ entities, keys }: Form): fc.Arbitrary<string> {
  const entity = usually(fc.constantFrom(...entities), fc.constantFrom(...ODD_ENTITIES));
  const key = usually(fc.constantFrom(...keys), fc.constantFrom(...ODD_KEYS));
  return fc.tuple(entity, key).map(([name, rest]) => (name === '' ? rest : `${name}.${rest}`));
}

function clauseOf(form: Form): fc.Arbitrary<string> {
  const comparator = usually(
    fc.constantFrom(...form.comparators),
    fc.constantFrom(...COMPARATORS, ...ODD_COMPARATORS),
  );
  return fc.tuple(pathOf(form), comparator).chain(([path, sign]) => {
    return fittingValue(path, sign).map((value) => `${path} ${sign} ${value}`.trimEnd());
  });
}

function fittingValue(path: string, comparator: string): fc.Arbitrary<string> {
  const isNumber = NUMBER_KEY.test(path) || (/^[<>]/.test(comparator) && /^(feedback|expectation)/.test(path));
  let fitting = fc.constantFrom(...(isNumber ? NUMBERS : TEXTS));
  if (/^is/i.test(comparator)) fitting = fc.constant('');
  if (/in$/i.test(comparator)) fitting = fc.constantFrom(...LISTS);
  return usually(fitting, fc.constantFrom(...TEXTS, ...NUMBERS, ...LISTS, ...ODD_VALUES));
}

function usually(common: fc.Arbitrary<string>, rare: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 30, arbitrary: common }, { weight: 1, arbitrary: rare });
}

function broken(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const character = fc.constantFrom(...' \'"`().,=<>-_;AND5x\\/%:$#@[]');
  return fc
    .tuple(text, fc.nat(), fc.constantFrom('insert', 'remove', 'replace'), character)
    .map(([whole, at, how, it]) => {
      const place = at % (whole.length + 1);
      const rest = whole.slice(how === 'insert' ? place : place + 1);
      return whole.slice(0, place) + (how === 'remove' ? '' : it) + rest;
    });
}
