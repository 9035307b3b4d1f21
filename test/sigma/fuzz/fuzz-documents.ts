import type { Random } from '../../bench/random.ts';

/** Names that mean something to JavaScript, and others that are unusual as a key. */
export const ODD_NAMES: readonly string[] = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'],
  ...['constructor.prototype.polluted', '__proto__.polluted', 'a.__proto__.polluted', 'length', 'then'],
  ...[
    '',
    ' ',
    '.',
    '..',
    'a.',
    '.a',
    'a..b',
    '*',
    '|',
    'a|',
    'null',
    '0',
    '-1',
    'e\u0301',
    '\ud800',
    '\u202eb',
  ],
  ...['a[any]', 'a[all].b', 'a[0]', 'a[-1].b[none]', 'a[all_or_empty]', '.[any]', 'a\\.b', 'a[', 'a]', 'not'],
];
/** The fields that the events have. */
export const NAMES: readonly string[] = [
  'a',
  'b',
  'a.b',
  'b.a.c',
  'user',
  'ip',
  'lat',
  'lon',
  'n',
  'type',
  'when',
];

/** What makes trouble where it does not belong. */
export const PIECES: readonly string[] = [
  ...[
    '\0',
    '\ufeff',
    '\ud83d',
    '\u2028',
    '\x85',
    '\t',
    '\r',
    '\r\n',
    '\n',
    '\n\n',
    ' ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
  ],
  ...[
    ': ',
    '? ',
    '- ',
    '&a ',
    '*a',
    '!!binary ',
    '!<tag> ',
    '|\n',
    '>-\n',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '#',
    ',',
  ],
  ...[
    '<<: *a\n',
    '\\',
    '%a%',
    '*',
    '?',
    '\u0130',
    '\u00df',
    '\u{1f600}',
    'action: global\n',
    'action: repeat\n',
    '1e999',
  ],
  ...[
    '|re',
    '|all',
    '|expand',
    '|contains',
    '|base64offset',
    '|fieldref',
    '|cidr',
    '|exists',
    '|windash',
    '|nonsense',
  ],
];

function repeat(random: Random, most: number, make: (index: number) => string): string[] {
  return Array.from({ length: random.below(most + 1) }, (_, index) => make(index));
}

/** A field name, an odd one now and then. */
export function makeName(random: Random): string {
  return random.chance(0.2) ? random.pick(ODD_NAMES) : random.pick(NAMES);
}

const MODIFIERS: readonly string[] = [
  ...[
    '',
    '',
    '',
    '|contains',
    '|startswith',
    '|endswith',
    '|contains|all',
    '|all',
    '|neq',
    '|cased',
    '|exists',
    '|re',
  ],
  ...[
    '|re|i',
    '|re|m|s',
    '|base64',
    '|base64offset|contains',
    '|wide|base64',
    '|utf16be|base64offset|contains',
  ],
  ...[
    '|windash|contains',
    '|cidr',
    '|lt',
    '|lte',
    '|gt',
    '|gte',
    '|minute',
    '|hour|gte',
    '|day',
    '|week',
    '|month|neq',
  ],
  ...[
    '|year',
    '|fieldref',
    '|fieldref|contains',
    '|fieldref|startswith|cased',
    '|expand',
    '|contains|expand',
    '|x',
  ],
];

const SCALARS: readonly string[] = [
  ...[
    'x',
    'y',
    'z',
    '1',
    '1.5',
    '-0',
    '0x1F',
    '1e400',
    '.nan',
    '-.inf',
    'true',
    'null',
    '~',
    '""',
    "'*'",
    '"?"',
  ],
  ...[
    '"a*b?c"',
    '"\\\\*"',
    '"%a%"',
    '"%__proto__%-%a%"',
    '10.0.0.0/8',
    '"::/0"',
    '"10.0.0.0/33"',
    '"(a|b)*c"',
  ],
  ...[
    '"(x+x+)+y"',
    '"[a-z]{1,40}$"',
    '"(?<=a)b"',
    '"\\0"',
    '"\\ud800"',
    '"\\u0130"',
    '99999999999999999999',
    '"a.b"',
  ],
  ...['"(?i)\\\\bfoo\\\\b.*"', '" -a /b"', '"\u{1f600}"', '2026-01-01', '"**********a*?*?b"', 'YWI='],
];

function makeScalar(random: Random): string {
  if (random.chance(0.75)) return random.pick(SCALARS);
  if (random.chance(0.5)) return JSON.stringify(random.pick([...ODD_NAMES, ...PIECES]));
  return JSON.stringify(
    repeat(random, 6, () => random.pick(['a', 'b', '*', '?', '\\', '-', '/', '(', '+', '.'])).join(''),
  );
}

/** A value in flow style, `depth` levels deep at most. */
export function makeValue(random: Random, depth: number): string {
  if (depth <= 0 || random.chance(0.6)) return makeScalar(random);
  if (random.chance(0.6)) return `[${repeat(random, 4, () => makeValue(random, depth - 1)).join(', ')}]`;
  return makeMap(random, depth);
}

function makeMap(random: Random, depth: number): string {
  const items = repeat(random, 3, () => {
    const key = makeName(random) + random.pick(MODIFIERS);
    return `${JSON.stringify(key)}: ${random.chance(0.05) ? '&x ' : ''}${makeValue(random, depth - 1)}`;
  });
  return `{${items.join(', ')}}`;
}

const SELECTIONS = ['s', 's1', 's2', '_s', 'them', '__proto__', 'constructor', 'toString', 'notice'];
const CONDITIONS = [
  's',
  '1 of them',
  'all of s*',
  'not s',
  's and not 1 of s*',
  '(s or s1) and s2',
  'notice',
  '1 of x*',
];

function makeCondition(random: Random): string {
  if (random.chance(0.8)) return random.pick(CONDITIONS);
  const words = [...SELECTIONS, ...CONDITIONS, 'and', 'or', 'not', '(', ')', '1 of', 'all of', '|', 's*'];
  return JSON.stringify(repeat(random, 12, () => random.pick(words)).join(' '));
}

function makeSelections(random: Random, indent: string): string {
  const names = random.chance(0.7) ? ['s'] : [random.pick(SELECTIONS), random.pick(SELECTIONS)];
  const lines = names.map(
    (name) => `${indent}${name}: ${random.chance(0.8) ? makeMap(random, 3) : makeValue(random, 3)}`,
  );
  if (random.chance(0.97))
    lines.push(`${indent}condition: ${random.chance(0.6) ? `"1 of them"` : makeCondition(random)}`);
  return lines.join('\n');
}

/** One to four documents of every kind: the first is a rule, the others may stand on it. */
export function makeDocuments(random: Random): string {
  const count = random.between(1, 4);
  return Array.from({ length: count }, (_, index) => makeDocument(random, index)).join('\n---\n');
}

/** What correlations and filters refer to; other names are made by mutation. */
const REFERENCES = ['x', 'y', 'c0', 'c1', 'c2', 'c3', '__proto__', 'constructor'];

function makeDocument(random: Random, index: number): string {
  const version = random.chance(0.4) ? 'sigma-version: 3\n' : '';
  const head = `title: t${index}\nname: ${JSON.stringify(random.chance(0.9) ? ['x', 'y', 'c2', 'c3'][index] : random.pick(REFERENCES))}\n${version}`;
  const kind = index === 0 ? 0 : random.next();
  if (kind > 0.5) return `${head}correlation:\n${makeCorrelation(random)}`;
  if (kind > 0.4) {
    const rules = random.chance(0.5) ? 'any' : `[${random.pick(REFERENCES)}]`;
    return `${head}logsource: {product: p}\nfilter:\n  rules: ${rules}\n${makeSelections(random, '  ')}`;
  }
  const logsource = random.chance(0.95)
    ? '{product: p}'
    : `{${JSON.stringify(random.pick(ODD_NAMES))}: p, service: s}`;
  const broad = random.chance(0.6);
  const detection = broad ? '  s: {type|exists: true}\n  condition: s' : makeSelections(random, '  ');
  return `${head}logsource: ${logsource}\ndetection:\n${detection}`;
}

const TYPES = [
  ...[
    'event_count',
    'value_count',
    'temporal',
    'temporal_ordered',
    'value_sum',
    'value_avg',
    'value_percentile',
  ],
  ...['value_median', 'new_terms', 'impossible_travel'],
];

function makeCorrelation(random: Random): string {
  const type = random.chance(0.97) ? random.pick(TYPES) : random.pick(ODD_NAMES);
  const field = (): string =>
    JSON.stringify(random.chance(0.1) ? random.pick(ODD_NAMES) : random.pick(NAMES));
  const rules = repeat(random, 3, () =>
    JSON.stringify(random.chance(0.9) ? random.pick(['x', 'x', 'y']) : random.pick(REFERENCES)),
  );
  const groups = repeat(random, 2, field);
  const lines = [
    `type: ${JSON.stringify(type)}`,
    `rules: [${[...new Set(['"x"', ...rules])].join(', ')}]`,
    `group-by: [${groups.join(', ')}]`,
    `timespan: ${random.pick(['60s', '1h', '1d', '5m', '1M', '0s', '99999999999y'])}`,
  ];
  if (random.chance(0.95)) lines.push(`condition: ${makeBounds(random, type, field)}`);
  if (random.chance(0.15))
    lines.push(`aliases: {${groups[0] ?? field()}: {x: ${field()}, ${random.pick(REFERENCES)}: ${field()}}}`);
  if (random.chance(0.2)) lines.push('generate: true');
  return lines.map((line) => `  ${line}`).join('\n');
}

function makeBounds(random: Random, type: string, field: () => string): string {
  if (random.chance(0.05)) return makeValue(random, 2);
  const bound = `${random.pick(['gt', 'gte', 'gte', 'lt', 'lte', 'eq', 'neq'])}: ${random.pick([1, 2, 3, 0, -1, '1e308', '.nan'])}`;
  if (type === 'new_terms')
    return `{field: [${[field(), field()].join(', ')}], minimum_baseline: ${random.pick(['1s', '60s', '1h'])}}`;
  if (type === 'impossible_travel')
    return `{latitude: lat, longitude: lon, measure: ${random.pick(['path', 'bounding'])}, same: [${field()}]}`;
  if (type.startsWith('temporal')) return random.chance(0.5) ? 'x' : `{${bound}}`;
  if (type === 'event_count') return `{${bound}}`;
  if (type === 'value_percentile')
    return `{field: n, percentile: ${random.pick([0, 50, 100, 101])}, ${bound}}`;
  return `{field: ${random.chance(0.6) ? 'n' : field()}, ${bound}}`;
}
