import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PatternPart } from '../../../src/sigma/language/ast.ts';
import type { ConditionExplanation } from '../../../src/sigma/index.ts';
import { compileRule, explainRule, parseRules } from '../../../src/sigma/index.ts';
import { compileGlob } from '../../../src/sigma/matching/glob.ts';
import { meter } from '../../../src/sigma/matching/meter.ts';
import { isStar, parsePattern } from '../../../src/sigma/language/pattern.ts';
import { event, field, RUN, scalar, selection, text } from '../random.ts';
import { selectionText } from '../rules.ts';

/** The meaning of a pattern, by the book: try every way, one character at a time. */
function naiveMatch(parts: readonly PatternPart[], value: string): boolean {
  const pieces = parts.flatMap<PatternPart>((part) => (typeof part === 'string' ? [...part] : [part]));
  const characters = [...value];
  const seen = new Map<string, boolean>();
  const from = (p: number, c: number): boolean => {
    const key = `${p},${c}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const piece = pieces[p];
    let result: boolean;
    if (piece === undefined) result = c === characters.length;
    else if (isStar(piece)) result = from(p + 1, c) || (c < characters.length && from(p, c + 1));
    else result = c < characters.length && isOne(piece, characters[c] ?? '') && from(p + 1, c + 1);
    seen.set(key, result);
    return result;
  };
  return from(0, 0);
}

function isOne(piece: PatternPart, character: string): boolean {
  if (typeof piece === 'string') return piece === character;
  return 'oneOf' in piece ? piece.oneOf.includes(character) : 'wild' in piece;
}

/** Leaves and keys of an event. */
function sizeOf(node: unknown): number {
  if (typeof node === 'string') return 1 + node.length;
  if (typeof node !== 'object' || node === null) return 1;
  return Object.values(node).reduce<number>((sum, value) => sum + sizeOf(value), 1);
}

describe('any rule and any event', () => {
  it('never crash, always answer the same, and take steps in proportion to both', () => {
    let compiledRules = 0;
    fc.assert(
      fc.property(selection, fc.array(event, { minLength: 1, maxLength: 4 }), (yaml, events) => {
        const { rules, problems } = parseRules(selectionText(yaml), 'random.yml');
        expect(rules.length > 0).toBe(problems.every((problem) => problem.severity === 'lint'));
        for (const rule of rules) {
          compiledRules++;
          const compiled = compileRule(rule, { placeholders: new Map([['a', ['*', 'b?']]]) });
          for (const one of events) {
            const before = JSON.stringify(one);
            meter.steps = 0;
            const answer = compiled.match(one);
            expect(meter.steps).toBeLessThanOrEqual(8 * yaml.length * sizeOf(one));
            expect(compiled.match(one)).toBe(answer);
            expect(JSON.stringify(one)).toBe(before);
          }
        }
      }),
      RUN,
    );
    expect(compiledRules).toBeGreaterThan(100);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('agree that `neq` is the opposite', () => {
    fc.assert(
      fc.property(field, scalar, event, (name, value, one) => {
        const plain = parseRules(selectionText(`{"${name}": ${value}}`), 'a.yml').rules[0];
        const negated = parseRules(selectionText(`{"${name}|neq": ${value}}`), 'a.yml').rules[0];
        if (plain === undefined || negated === undefined) throw new Error('both are valid');
        expect(compileRule(negated).match(one)).toBe(!compileRule(plain).match(one));
      }),
      RUN,
    );
  });
});

/** True if every node of an explanation is what its parts make of it. */
function agrees(node: ConditionExplanation): boolean {
  switch (node.kind) {
    case 'never':
      return !node.matched;
    case 'selection':
      return node.matched === node.of.matched;
    case 'not':
      return node.matched === !node.of.matched && agrees(node.of);
    default: {
      const held = node.of.filter((part) => part.matched).length;
      const wanted = node.kind === 'and' ? held === node.of.length : held > 0;
      return node.matched === wanted && node.of.every(agrees);
    }
  }
}

describe('an explanation', () => {
  it('says of any rule and event what the matcher says, in every part', () => {
    const quantifier = fc.constantFrom('any', 'all', 'all_or_empty', 'none');
    const name = fc.constantFrom('a', 'b', 'a.b', '__proto__', 'constructor');
    const body = fc.tuple(name, quantifier, selection, scalar, fc.integer({ min: -2, max: 2 }));
    let matched = 0;
    fc.assert(
      fc.property(body, fc.array(event, { maxLength: 5 }), ([field, how, inner, value, index], events) => {
        const detection = [`x: {"${field}[${how}]": ${inner}}`, `y: {"${field}[${index}]": ${value}}`];
        const yaml = ['title: t', 'sigma-version: 3', 'logsource: {product: p}', 'detection:'];
        const text = [...yaml, ...detection.map((line) => `  ${line}`), '  condition: x or not y', ''].join(
          '\n',
        );
        const [rule] = parseRules(text, 'random.yml').rules;
        if (rule === undefined) return;
        const compiled = compileRule(rule, { placeholders: new Map([['a', ['b']]]) });
        for (const one of events) {
          const explanation = explainRule(compiled, one);
          expect(explanation.matched).toBe(compiled.match(one));
          expect(explanation.condition.matched).toBe(explanation.matched);
          expect(agrees(explanation.condition)).toBe(true);
          if (explanation.matched) matched++;
        }
      }),
      RUN,
    );
    expect(matched).toBeGreaterThan(100);
  });
});

describe('a glob', () => {
  const part = fc.oneof(
    fc.constantFrom<PatternPart>({ wild: '*' }, { wild: '?' }, { oneOf: 'b-' }),
    fc
      .array(fc.constantFrom('a', 'b', '😀', 'ab'), { minLength: 1, maxLength: 2 })
      .map((all) => all.join('')),
  );
  const value = fc.array(fc.constantFrom('a', 'b', '😀'), { maxLength: 10 }).map((all) => all.join(''));

  it('matches as a naive matcher does', () => {
    let matched = 0;
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), fc.array(value, { maxLength: 8 }), (parts, all) => {
        const glob = compileGlob(parts);
        for (const one of all) {
          const wanted = naiveMatch(parts, one);
          if (wanted) matched++;
          expect(glob(one), JSON.stringify([parts, one])).toBe(wanted);
        }
      }),
      { ...RUN, numRuns: 2000 },
    );
    expect(matched).toBeGreaterThan(500);
  });

  it('takes a pattern apart so that its escapes can be put back', () => {
    fc.assert(
      fc.property(text, (source) => {
        const escape = (one: PatternPart): string =>
          typeof one === 'string'
            ? one.replaceAll(/[\\*?]/g, (character) => `\\${character}`)
            : 'wild' in one
              ? one.wild
              : '';
        const parts = parsePattern(source);
        expect(parsePattern(parts.map(escape).join(''))).toEqual(parts);
      }),
      RUN,
    );
  });

  it('stays linear where a backtracking matcher would not', () => {
    const glob = compileGlob(parsePattern('*a?*a?*a?*a?*a?*a?*b'));
    meter.steps = 0;
    expect(glob('a'.repeat(5000))).toBe(false);
    expect(meter.steps).toBeLessThan(20_000);
  });
});

describe('any text', () => {
  const piece = fc.constantFrom(
    ...[
      'title: t',
      'logsource:',
      '{product: a}',
      'detection:',
      'condition: sel',
      'sel:',
      '  F: 1',
      '\n',
      '\n  ',
      '- ',
    ],
    ...[
      '---\n',
      '...\n',
      '&a ',
      '*a',
      '<<: ',
      '? ',
      ': ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|',
      '>',
      '%YAML 1.1\n',
      '!!str ',
      '!x ',
    ],
    ...[
      '\t',
      '#',
      '\\',
      '\0',
      '\uFEFF',
      '\uD800',
      'F|re: (a+)+',
      'F|contains',
      'tenantwatch: {check: 1}',
      'id: 1',
      '😀',
    ],
  );
  const yaml = fc.oneof(
    fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 6 }).map((pieces) => `${selectionText('{F: 1}')}${pieces.join('\n')}`),
    fc.string({ unit: 'binary', maxLength: 80 }),
  );

  it('is read without an exception, each problem with its place', () => {
    let broken = 0;
    fc.assert(
      fc.property(yaml, (source) => {
        const { rules, problems } = parseRules(source, 'fuzz.yml');
        if (problems.some((problem) => problem.severity === 'error')) broken++;
        if (rules.length === 0) expect(problems.length).toBeGreaterThan(0);
        const lines = source.split(/\r\n|\n|\r/).length;
        for (const { line, column } of problems) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(lines + 1);
          expect(column).toBeGreaterThan(0);
        }
        for (const rule of rules) if (rule.detection !== null) compileRule(rule).match({ F: 1 });
      }),
      RUN,
    );
    expect(broken).toBeGreaterThan(100);
  });
});
