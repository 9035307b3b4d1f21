import { describe, expect, it } from 'vitest';
import { link, linkOne, problemsOf, ruleText, correlationText } from './fixtures.ts';
import { parseRules } from '../../../src/sigma/language/rule.ts';
import { linkCorrelations } from '../../../src/sigma/correlation/link.ts';
import { parseTimespan } from '../../../src/sigma/correlation/timespan.ts';

const WRONG: readonly [string, RegExp][] = [
  ['[]', /correlation must be a map/],
  [
    '{type: event_count, rules: [x], timespan: 1m, condition: {gte: 1}, window: 5}',
    /correlation\.window is not a key/,
  ],
  ['{type: event_count, rules: [x], group_by: [u], timespan: 1m, condition: {gte: 1}}', /write 'group-by'/],
  [
    `{type: event_count, rules: [x], group-by: [${'a.'.repeat(300)}a], timespan: 1m, condition: {gte: 1}}`,
    /field name is longer than 512/,
  ],
  [
    `{type: value_sum, rules: [x], timespan: 1m, condition: {gte: 1, field: ${'a.'.repeat(300)}a}}`,
    /field name is longer than 512/,
  ],
  ['{rules: [x], timespan: 1m, condition: {gte: 1}}', /has no type/],
  ['{type: event_count, rules: [], timespan: 1m, condition: {gte: 1}}', /rules is empty/],
  [
    '{type: event_count, rules: [{a: 1}], timespan: 1m, condition: {gte: 1}}',
    /rules must be a list of texts/,
  ],
  ['{type: event_count, rules: [x], timespan: 0s, condition: {gte: 1}}', /timespan '0s'/],
  ['{type: event_count, rules: [x], timespan: 60, condition: {gte: 1}}', /timespan '60'/],
  ['{type: event_count, rules: [x], timespan: 1m, condition: {gte: "1"}}', /condition\.gte must be a number/],
  ['{type: event_count, rules: [x], timespan: 1m, condition: {}}', /condition needs one of/],
  [
    '{type: event_count, rules: [x], timespan: 1m, condition: {gt: 1, lt: 4, neq: 2}}',
    /more than two operators/,
  ],
  [
    '{type: event_count, rules: [x], timespan: 1m, condition: {gte: 1, field: a}}',
    /condition\.field is not a key of event_count/,
  ],
  ['{type: value_sum, rules: [x], timespan: 1m, condition: {gte: 1, field: [a, b]}}', /must be one text/],
  ['{type: value_percentile, rules: [x], timespan: 1m, condition: {gte: 1, field: a}}', /needs percentile/],
  [
    '{type: value_percentile, rules: [x], timespan: 1m, condition: {gte: 1, field: a, percentile: 101}}',
    /between 0 and 100/,
  ],
  [
    '{type: value_avg, rules: [x], timespan: 1m, condition: {gte: 1, field: a, percentile: 5}}',
    /condition\.percentile is not a key/,
  ],
  ['{type: temporal, rules: [x, y], timespan: 1m, condition: x and}', /condition: it ends/],
  ['{type: temporal_ordered, rules: [x, y], timespan: 1m, condition: x or y}', /joins each rule once/],
  ['{type: temporal_ordered, rules: [x, y], timespan: 1m, condition: x and not y}', /joins each rule once/],
  ['{type: temporal_ordered, rules: [x, y], timespan: 1m, condition: {lt: 2}}', /gte 1 to 2/],
  ['{type: temporal, timespan: 1m}', /has no rules/],
  ['{type: temporal, rules: [x], timespan: 1m, generate: 1}', /generate must be true or false/],
  ['{type: temporal, rules: [x], timespan: 1m, aliases: [a]}', /aliases must be a map/],
  ['{type: temporal, rules: [x], timespan: 1m, aliases: {a: b}}', /alias 'a' must be a map/],
  [
    '{type: new_terms, rules: [x], timespan: 30d, condition: {gte: 1}}',
    /condition\.gte is not a key of new_terms/,
  ],
  [
    '{type: new_terms, rules: [x], timespan: 30d, condition: {minimum_baseline: 7d}}',
    /needs condition\.field/,
  ],
  [
    '{type: new_terms, rules: [x], timespan: 30d, condition: {field: a, minimum_baseline: 31d}}',
    /longer than the timespan/,
  ],
  [
    '{type: impossible_travel, rules: [x], timespan: 1d, condition: {latitude: a}}',
    /needs condition\.longitude/,
  ],
  [
    '{type: impossible_travel, rules: [x], timespan: 1d, condition: {latitude: a, longitude: b, minimum_km: -1}}',
    /above 0/,
  ],
  [
    '{type: impossible_travel, rules: [x], timespan: 1d, condition: {latitude: a, longitude: b, measure: line}}',
    /bounding or path/,
  ],
  ['{type: temporal, rules: [x, nope], timespan: 1m}', /'nope' is neither the id nor the name/],
  ['{type: temporal, rules: [C], timespan: 1m}', /circle: C → C/],
];

describe('a correlation document', () => {
  it.each(WRONG)('is refused when it is %s', (text, reason) => {
    const errors = problemsOf(text).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ message }) => message).join('\n')).toMatch(reason);
    for (const { line } of errors) expect(line).toBeGreaterThan(21);
  });

  it.each([
    ['{type: temporal, rules: [x, x], timespan: 1m}', /rules names one thing twice/],
    ['{type: temporal, rules: [x, y, z], timespan: 1m, condition: x and y}', /rule 'z' is never used/],
    ['{type: temporal, rules: [x], timespan: 1m, condition: x AND x}', /lower case/],
    ['{type: event_count, rules: x, timespan: 1m, condition: {gte: 1}}', /rules should be a list/],
    [
      '{type: event_count, rules: [x], timespan: 1m, condition: {gte: 3, lt: 3}}',
      /no number is in this range/,
    ],
    [
      '{type: temporal, rules: [x], group-by: [a], timespan: 1m, aliases: {a: {y: b}}}',
      /'y', which is not among/,
    ],
    ['{type: temporal, rules: [x], timespan: 1m, aliases: {a: {x: b}}}', /'a' is not used in group-by/],
  ])('gives a lint when it is %s', (text, reason) => {
    const problems = problemsOf(text);
    expect(problems.map(({ severity }) => severity)).toEqual(['lint']);
    expect(problems[0]?.message).toMatch(reason);
  });

  it('has defaults for what our own types leave out', () => {
    const terms = linkOne('{type: new_terms, rules: [x], timespan: 30d, condition: {field: a}}');
    expect(terms.correlation.condition).toEqual({
      kind: 'new_terms',
      fields: ['a'],
      minimumBaselineMs: 604_800_000,
    });
    const travel = linkOne(
      '{type: impossible_travel, rules: [x], timespan: 1d, condition: {latitude: a, longitude: b}}',
    );
    expect(travel.correlation.condition).toMatchObject({
      minimumKm: 500,
      minimumKmPerHour: 900,
      measure: 'bounding',
      same: [],
    });
  });

  it('takes the order of a condition in words for ordered rules', () => {
    const linked = linkOne(
      '{type: temporal_ordered, rules: [x, y, z], timespan: 1m, condition: z and (y and x)}',
    );
    expect(linked.bases.map(({ key }) => key)).toEqual(['z', 'y', 'x']);
  });

  it('may have generate beside the correlation', () => {
    const text = `${ruleText('x')}---\n${correlationText('C', '{type: temporal, rules: [x], timespan: 1m}')}generate: true\n`;
    const { correlations, rules } = parseRules(text, 'a.yml');
    expect([...linkCorrelations(correlations, rules).quiet]).toEqual([]);
  });

  it.each([
    ['60s', 60_000],
    ['2w', 1_209_600_000],
    ['1M', 2_629_746_000],
    ['1y', 31_556_952_000],
    ['1h30m', null],
    ['-1s', null],
    ['1.5h', null],
    ['1H', null],
    ['9999999999s', null],
  ])('reads the timespan %s as %s ms', (text, ms) => {
    expect(parseTimespan(text)).toBe(ms);
  });
});

describe('linking', () => {
  const temporal = (rules: string): string => `{type: temporal, rules: ${rules}, timespan: 1m}`;

  it('puts bases before what stands on them and says which documents are quiet', () => {
    const linked = link(
      correlationText('top', temporal('[middle, x]')),
      correlationText(
        'middle',
        '{type: event_count, rules: [x], timespan: 1m, condition: {gte: 2}, generate: true}',
      ),
      ruleText('x'),
    );
    expect(linked.map(({ key, depth }) => [key, depth])).toEqual([
      ['middle', 1],
      ['top', 2],
    ]);
    expect(linked[1]?.bases.map(({ kind }) => kind)).toEqual(['correlation', 'rule']);
  });

  it('refuses a circle and what stands on it, and keeps the rest', () => {
    const text = [
      ruleText('x'),
      ...[
        ['a', '[b]'],
        ['b', '[a]'],
        ['c', '[a, x]'],
        ['d', '[x]'],
      ].map(([name = '', rules = '']) => correlationText(name, temporal(rules))),
    ];
    const { correlations, rules } = parseRules(text.join('---\n'), 'a.yml');
    const { correlations: linked, problems, quiet } = linkCorrelations(correlations, rules);
    expect(linked.map(({ key }) => key)).toEqual(['d']);
    expect(problems.map(({ message }) => message)).toEqual([
      'the references run in a circle: a → b → a',
      'the references run in a circle: a → b → a',
      "'a' was refused",
    ]);
    expect([...quiet]).toEqual(['x']);
  });

  it('reports one name used by two files, at the second', () => {
    const first = parseRules(ruleText('x'), 'one.yml');
    const second = parseRules(`${correlationText('x', temporal('[y]'))}---\n${ruleText('y')}`, 'two.yml');
    const { correlations, problems } = linkCorrelations(second.correlations, [
      ...first.rules,
      ...second.rules,
    ]);
    expect(correlations).toEqual([]);
    expect(problems).toEqual([
      {
        file: 'two.yml',
        line: 2,
        column: 1,
        message: "name 'x' is already used in one.yml:1",
        severity: 'error',
      },
    ]);
  });

  it.each([
    ['{type: event_count, rules: [x], timespan: 1m, condition: {gte: 2}}', true],
    ['{type: event_count, rules: [x], timespan: 1m, condition: {gte: 2, lte: 3}}', false],
    ['{type: value_avg, rules: [x], timespan: 1m, condition: {gte: 2, field: a}}', false],
    ['{type: temporal, rules: [x, y], timespan: 1m, condition: x or y}', true],
    ['{type: temporal, rules: [x, y], timespan: 1m, condition: x and not y}', false],
    ['{type: temporal_ordered, rules: [x, y], timespan: 1m}', true],
  ])('knows whether more hits can only help %s: %s', (text, monotone) => {
    expect(linkOne(text).monotone).toBe(monotone);
  });
});
