import type { Random } from '../../bench/random.ts';
import { makeName, NAMES } from './fuzz-documents.ts';

const TEXTS: readonly string[] = [
  ...[
    'x',
    'y',
    'a',
    'b',
    '',
    'ab',
    'foo',
    '10.1.2.3',
    '[::1]:443',
    '2026-01-01T01:00:00Z',
    '-a /b',
    'YWI=',
    '1',
    '2.5',
  ],
  ...[
    '\ud800',
    '\udc00x',
    '\u{1f600}',
    '\u0130',
    '\0',
    '\u202e',
    'e\u0301',
    '__proto__',
    'constructor',
    '*',
    '%a%',
  ],
];
const NUMBERS: readonly string[] = [
  ...[
    '0',
    '-0',
    '1',
    '2',
    '3',
    '1.5',
    '48.1',
    '-74',
    '1e308',
    '-1e308',
    '5e-324',
    '9007199254740993',
    '1e400',
    '-1e400',
  ],
  ...['4624', '123456789012345678901234567890', '180', '-180.0000001'],
];

/** Events as JSON texts, so that `__proto__` becomes a key; some with a key twice, deep, or long. */
export function makeEventText(random: Random): string {
  const kind = random.next();
  if (kind < 0.01) return extremeEvent(random);
  const typical = NAMES.filter(() => random.chance(0.7)).map(
    (name) => `${JSON.stringify(name)}:${makeJson(random, 2)}`,
  );
  const odd = Array.from(
    { length: random.below(4) },
    () => `${JSON.stringify(makeName(random))}:${makeJson(random, 4)}`,
  );
  return `{${[...typical, ...odd].join(',')}}`;
}

function makeJson(random: Random, depth: number): string {
  const kind = depth <= 0 ? random.next() * 0.8 : random.next();
  if (kind < 0.45) return JSON.stringify(random.pick(TEXTS));
  if (kind < 0.68) return random.pick(NUMBERS);
  if (kind < 0.8) return random.pick(['null', 'true', 'false', '[]', '{}', '"a"']);
  const members = Array.from({ length: random.below(4) }, () => makeJson(random, depth - 1));
  if (kind < 0.9) return `[${members.join(',')}]`;
  return `{${members.map((member) => `${JSON.stringify(makeName(random))}:${member}`).join(',')}}`;
}

const EXTREME_EVENTS: readonly ((size: number) => string)[] = [
  (size) => `{"a":${'['.repeat(size)}1${']'.repeat(size)},"type":"x"}`,
  (size) => `{"a":${'{"a":'.repeat(size)}1${'}'.repeat(size)},"type":"x"}`,
  (size) => `{"a":${'[{"a":'.repeat(size)}"x"${'}]'.repeat(size)},"type":"x"}`,
  (size) =>
    `{"a":[${'"ab",'.repeat(size)}null],"b":[${'"ba",'.repeat(size)}1],"user":[${Array.from({ length: size }, (_, i) => i).join()}],"type":"x"}`,
  (size) => `{"a":"${'ab -a'.repeat(size)}","b":"${'ba'.repeat(size)}","type":"x"}`,
  (size) => `{${Array.from({ length: size }, (_, i) => `"k${i}":${i},`).join('')}"type":"x"}`,
  (size) => `{"${'a.'.repeat(size)}b":1,"type":"x"}`,
  (size) => `{"n":[${'1e308,'.repeat(size)}-1e308],"lat":[${'90,'.repeat(size)}1],"lon":180,"type":"x"}`,
];

function extremeEvent(random: Random): string {
  return random.pick(EXTREME_EVENTS)(random.pick([10, 300, 3000]));
}
