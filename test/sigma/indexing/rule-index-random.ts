import fc from 'fast-check';
import type { CompiledRule } from '../../../src/sigma/matching/compile.ts';
import { compileRule, parseRules } from '../../../src/sigma/index.ts';

const FIELDS = ['a', 'b', 'a.b', 'b.c', 'a.b.c', 'list', 'list.x', 'A', '__proto__', 'a.constructor'];

/** A modifier, a value under it and texts that it is found in (as YAML and as event values). */
export type Known = readonly [modifiers: string, value: string, examples: readonly unknown[]];

export const KNOWN: readonly Known[] = [
  ['', "'Alpha'", ['alpha', 'ALPHA', 'alphax']],
  ['', "'al*ha'", ['alpha', 'alXXha', 'xalha']],
  ['', "'Al?ha*'", ['alpha', 'alzhaa']],
  ['', "'*Ω*σας'", ['xωyΣΑΣ', 'ωσας']],
  ['', "'*'", ['', 'x', 1]],
  ['', "''", ['', null]],
  ['', '50053', [50053, '50053', 5]],
  ['', '1.50', [1.5, '1.50', '1.5']],
  ['', 'true', [true, 'TRUE', false]],
  ['', 'null', [null, 'x']],
  ['', '[null, x]', [null, 'x', 'y']],
  ['', '[]', [null]],
  ['', "'İx'", ['İX', 'ix']],
  ['|contains', "'PowerShell'", ['run powershell now', 'PowerShellx', 'power']],
  ['|contains', "['enc', 'dec', 'Zip']", ['xENCx', 'unzip', 'none']],
  ['|contains|all', "['enc', 'zip']", ['encode zip', 'zip', 'ENC ZIP']],
  ['|startswith', "['C:\\Win', 'D:']", ['c:\\windows', 'd:x', 'xd:']],
  ['|endswith', "['.EXE', '\\cmd']", ['a.exe', 'x\\cmd', 'a.exe.txt']],
  ['|endswith', "'*.e?e'", ['a.exe', '.eee', 'a.exex']],
  ['|contains', "'\\*lit\\?'", ['a*lit?b', 'lit']],
  ['|cased', "'Alpha'", ['Alpha', 'alpha']],
  ['|contains|cased', "'Key\uD83D\uDE00'", ['aKey😀b', 'akey😀b']],
  ['|contains|cased', '"\\uDC00"', ['x\u{10400}', 'x\u{10428}']],
  ['|neq', "'Alpha'", ['alpha', 'beta']],
  ['|contains|neq', "['enc', 'zip']", ['enc', 'other']],
  ['|exists', 'true', [null, [], 'x']],
  ['|exists', 'false', [null, 'x']],
  ['|gt', '10', [11, '12', 3]],
  ['|lte', '-1', [-1, '-2.5', 0]],
  ['|re', "'b[0-9]+'", ['ab12', 'b', 'B1']],
  ['|re', "'(?i)foo(bar|baz)+'", ['xFOOBAZ', 'foo']],
  ['|re|i', "'task.*kill'", ['TASK then KILL', 'tasſ kill', 'tasK kill']],
  ['|re', "'^(?:one|two)$'", ['one', 'two', 'three']],
  ['|re', "'\\d{3}'", ['a123', '12']],
  ['|re|s', "'a.b'", ['a\nb', 'ab']],
  [
    '|cidr',
    "'10.1.0.0/16'",
    ['10.1.2.3', '010.01.2.3', '[10.1.2.9]', '10.1.1.1:80', '::ffff:10.1.2.3', '10.2.0.1', '::ffff:a01:203'],
  ],
  ['|cidr', "'10.0.0.0/8'", ['10.1.2.3', '010.1.2.3', '11.1.1.1']],
  ['|cidr', "'0.0.0.0/0'", ['1.2.3.4', 'x']],
  ['|cidr', "'192.168.7.0/26'", ['192.168.7.63', '192.168.7.64', '192.168.007.1']],
  ['|cidr', "'192.0.2.1'", ['192.0.2.1', '192.0.2.10']],
  ['|cidr', "'2001:db8::/32'", ['2001:DB8::1', '[2001:db8::1]:443', '::1']],
  ['|windash|contains', "' -enc '", ['x /ENC y', 'x –enc y', 'enc']],
  ['|base64offset|contains', "'http://'", ['xaHR0cDovL3x', 'odHRwOi8v', 'h0dHA6Ly']],
  ['|wide|base64offset|contains', "'ping'", ['cABpAG4AZw', 'none']],
  ['|fieldref', 'b', ['same', 'other']],
  ['|fieldref|startswith', 'a', ['same', 'other']],
  ['|hour|gte', '22', ['2026-11-24T23:10:00Z', '2026-11-24T03:10:00Z']],
];

const known = fc.constantFrom(...KNOWN);
const field = fc.constantFrom(...FIELDS);
export const item = fc.tuple(field, known);
const keywords = fc.constantFrom(
  "['powershell', 'ENC']",
  "'alpha'",
  "['al*ha', '?lpha b']",
  "{'|all': ['alpha', 'same']}",
  "{'|re': 'b[0-9]+'}",
  "{'|startswith': 'alp'}",
  '[50053]',
);
export const selection = fc.oneof(
  { weight: 6, arbitrary: fc.array(item, { minLength: 1, maxLength: 3 }).map(toMap) },
  {
    weight: 2,
    arbitrary: fc
      .array(item, { minLength: 1, maxLength: 3 })
      .map((all) => `[${all.map((one) => toMap([one])).join(', ')}]`),
  },
  { weight: 1, arbitrary: keywords },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('list[any]', 'list[all]', 'list[none]', 'list[0]', 'list[all_or_empty]', 'a.b[any]'),
        known,
      )
      .map(([name, [modifiers, value]]) => `{"${name}.x${modifiers}": ${value}}`),
  },
);
const condition = fc.constantFrom(
  ...['s0', 's0 and s1', 's0 or s1', 'not s0', 's0 and not s1', 's1 and not 1 of s*', '1 of s*', 'all of s*'],
  ...[
    '(s0 or s1) and s2',
    's0 and s1 or s2 and not s0',
    'not (s0 and s1)',
    '1 of s* and s2',
    '1 of none* or s0',
  ],
);
export const rule = fc
  .tuple(
    fc.array(selection, { minLength: 3, maxLength: 3 }),
    condition,
    fc.constantFrom('p', 'q'),
    fc.boolean(),
  )
  .map(([selections, text, product, arrays]) =>
    [
      'title: t',
      ...(arrays ? ['sigma-version: 3'] : []),
      `logsource: {product: ${product}}`,
      'detection:',
      ...selections.map((one, i) => `  s${i}: ${one}`),
      `  condition: ${text}`,
    ].join('\n'),
  );

/** Values that rules know of, put where they look. */
const value = fc.oneof(
  { weight: 8, arbitrary: known.chain(([, , examples]) => fc.constantFrom(...examples)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>('same', 'alpha', 50053, {}, [], null, 'powershell enc zip'),
  },
);
const placed = fc.tuple(
  field,
  fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.array(value, { maxLength: 3 }) }),
  fc.constantFrom('flat', 'nested', 'listed'),
);
export const event = fc.array(placed, { minLength: 1, maxLength: 7 }).map((all) => {
  const made: Record<string, unknown> = {};
  for (const [name, given, style] of all) place(made, name, given, style);
  return made;
});

export function toMap(items: readonly (readonly [string, Known])[]): string {
  const keys = new Map(items.map(([name, [modifiers, given]]) => [`"${name}${modifiers}"`, given]));
  return `{${[...keys].map(([key, given]) => `${key}: ${given}`).join(', ')}}`;
}

/** As JSON.parse does: `__proto__` is a key like any other. */
function put(into: Record<string, unknown>, name: string, given: unknown): void {
  Object.defineProperty(into, name, { value: given, enumerable: true, writable: true, configurable: true });
}

function place(into: Record<string, unknown>, name: string, given: unknown, style: string): void {
  const dot = name.indexOf('.');
  if (style === 'flat' || dot < 0) {
    put(into, name, given);
    return;
  }
  const head = name.slice(0, dot);
  const before = Object.hasOwn(into, head) ? into[head] : undefined;
  const inner: Record<string, unknown> =
    typeof before === 'object' && before !== null && !Array.isArray(before)
      ? (before as Record<string, unknown>)
      : {};
  place(inner, name.slice(dot + 1), given, style);
  put(into, head, style === 'listed' ? [{}, inner, 'x'] : inner);
}

export function compileAll(texts: readonly string[]): CompiledRule[] {
  return texts.flatMap((text) => {
    const { rules } = parseRules(text, 'random.yml');
    try {
      return rules.map((one) => compileRule(one));
    } catch {
      return [];
    }
  });
}
