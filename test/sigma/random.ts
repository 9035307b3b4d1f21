import fc from 'fast-check';

/** One seed for all, so that a failure can be run again. */
export const RUN = { seed: 20261117, numRuns: 500 };

const letter = fc.constantFrom('a', 'b', 'A', '*', '?', '\\', '.', '😀', 'İ', '\n', '-', '/', ' ', '%');
export const text = fc.array(letter, { maxLength: 12 }).map((letters) => letters.join(''));
export const field = fc.constantFrom(
  'a',
  'b',
  'a.b',
  'b.a.c',
  '__proto__',
  'constructor',
  'a.__proto__',
  'toString',
);
export const scalar = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom('1', '1.5', '007', 'true', 'false', 'null', '~', '0x1F', '.nan', '""', '"10.0.0.0/8"'),
);
const modifiers = fc.constantFrom(
  ...[
    '',
    '|contains',
    '|startswith',
    '|endswith',
    '|contains|all',
    '|neq',
    '|cased',
    '|contains|cased',
    '|re',
  ],
  ...['|re|i', '|cidr', '|exists', '|gt', '|lte', '|all', '|contains|neq', '|nonsense'],
  ...['|base64', '|base64offset|contains', '|wide|base64', '|utf16|base64offset|contains', '|utf16be'],
  ...['|windash', '|windash|contains|all', '|fieldref', '|fieldref|contains', '|fieldref|startswith|cased'],
  ...['|expand', '|contains|expand', '|hour', '|week|gte', '|year|neq'],
);
const values = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }).map((list) => `[${list.join(', ')}]`),
);
export const item = fc
  .tuple(field, modifiers, values)
  .map(([name, mods, value]) => `"${name}${mods}": ${value}`);
export const selection = fc.oneof(
  fc
    .uniqueArray(item, { minLength: 1, maxLength: 3, selector: (one) => one.split(':')[0] })
    .map((all) => `{${all.join(', ')}}`),
  fc
    .array(
      fc.oneof(
        scalar,
        item.map((one) => `{${one}}`),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((all) => `[${all.join(', ')}]`),
);
const leaf = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, true, false, 0, 1, 1.5, -1, '', '10.1.2.3', '[::1]:443', 'a.b'),
  fc.constantFrom<unknown>('2026-01-01T01:00:00Z', '-a /b', 'YWI=', 'b\u2014a'),
);
export const event = fc.letrec<{ value: unknown; object: object }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'a.b', '__proto__', 'constructor'), tie('value')), {
      maxLength: 4,
    })
    .map(
      (pairs) =>
        JSON.parse(
          `{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`,
        ) as object,
    ),
})).object;
