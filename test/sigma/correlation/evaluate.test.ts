import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../../src/sigma/correlation/coverage.ts';
import { evaluateGroup } from '../../../src/sigma/correlation/evaluate.ts';
import { ExactSum } from '../../../src/sigma/correlation/exact-sum.ts';
import type { CorrelationHit } from '../../../src/sigma/correlation/hit.ts';
import { hitsOf, linkOne, MINUTE, SECOND } from './fixtures.ts';

const RUN = { seed: 20261124, numRuns: 300 };
const ALL: Coverage = { watermark: Infinity, holes: [] };

const spec = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 30 }).map((n) => n * 10 * SECOND),
    base: fc.constantFrom('x', 'y', 'z'),
    ip: fc.constantFrom('1', '2', '3'),
    act: fc.integer({ min: 0, max: 12 }),
    n: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 14 },
);

function hitsFrom(
  linked: ReturnType<typeof linkOne>,
  list: readonly { at: number; base: string; ip: string; act: number; n: number }[],
): CorrelationHit[] {
  return list.flatMap(({ at, base, act, ...event }, index) =>
    hitsOf(linked, base, at, event, { event: `e${String(index).padStart(2, '0')}`, act: `a${act}` }),
  );
}

/** The times at which a timespan of a minute that ends at a hit fulfils a condition: looked at one by one. */
function naive(
  hits: readonly CorrelationHit[],
  holds: (window: readonly CorrelationHit[]) => boolean,
): number[] {
  const times = [...new Set(hits.map(({ at }) => at))].sort((a, b) => a - b);
  return times.filter((t) => holds(hits.filter(({ at }) => at <= t && at >= t - MINUTE)));
}

function firstOfActs(window: readonly CorrelationHit[]): number[] {
  const sorted = [...window].sort((a, b) => a.at - b.at || (a.event < b.event ? -1 : 1));
  const acts = new Map(sorted.reverse().map((hit) => [hit.act, hit]));
  return [...acts.values()].flatMap(({ numbers }) => numbers);
}

function hasOrder(window: readonly CorrelationHit[], rules: readonly string[], since = -Infinity): boolean {
  const [rule, ...rest] = rules;
  if (rule === undefined) return true;
  return window.some(({ at, base }) => base === rule && at >= since && hasOrder(window, rest, at));
}

type Holds = (window: readonly CorrelationHit[]) => boolean;
const NAIVE: readonly [string, Holds][] = [
  [
    '{type: event_count, rules: [x, y], timespan: 1m, condition: {gte: 3}}',
    (w) => new Set(w.map(({ act }) => act)).size >= 3,
  ],
  [
    '{type: event_count, rules: [x], timespan: 1m, condition: {gt: 1, lt: 4}}',
    (w) => [2, 3].includes(new Set(w.map(({ act }) => act)).size),
  ],
  [
    '{type: value_count, rules: [x, y], timespan: 1m, condition: {field: ip, eq: 2}}',
    (w) => new Set(w.flatMap(({ values }) => values)).size === 2,
  ],
  [
    '{type: value_sum, rules: [x, y], timespan: 1m, condition: {field: n, gte: 6}}',
    (w) => firstOfActs(w).reduce((a, b) => a + b, 0) >= 6,
  ],
  [
    '{type: value_avg, rules: [x], timespan: 1m, condition: {field: n, gt: 2}}',
    (w) => firstOfActs(w).reduce((a, b) => a + b, 0) / firstOfActs(w).length > 2,
  ],
  [
    '{type: value_percentile, rules: [x], timespan: 1m, condition: {field: n, percentile: 100, lte: 3}}',
    (w) => Math.max(...firstOfActs(w)) <= 3,
  ],
  [
    '{type: temporal, rules: [x, y, z], timespan: 1m, condition: {gte: 2}}',
    (w) => new Set(w.map(({ base }) => base)).size >= 2,
  ],
  [
    '{type: temporal, rules: [x, y], timespan: 1m, condition: x and not y}',
    (w) => w.some(({ base }) => base === 'x') && w.every(({ base }) => base === 'x'),
  ],
  ['{type: temporal_ordered, rules: [y, x, z], timespan: 1m}', (w) => hasOrder(w, ['y', 'x', 'z'])],
  [
    '{type: temporal_ordered, rules: [y, x, z], timespan: 1m, condition: {gte: 2}}',
    (w) =>
      [
        ['y', 'x'],
        ['y', 'z'],
        ['x', 'z'],
      ].some((pair) => hasOrder(w, pair)),
  ],
];

describe('timespans that end at hits', () => {
  it.each(NAIVE)('are judged as one by one: %s', (text, holds) => {
    const linked = linkOne(text);
    let fired = 0;
    fc.assert(
      fc.property(spec, (list) => {
        const hits = hitsFrom(
          linked,
          list.filter(({ base }) => linked.bases.some(({ key }) => key === base)),
        );
        const episodes = evaluateGroup(linked, [...hits, ...hits].reverse(), ALL, { when: 'insert' });
        const moments = episodes.flatMap((episode) => episode.moments.map(({ at }) => at));
        fired += moments.length;
        expect(moments).toEqual(naive(hits, holds));
        expect(episodes.flatMap((episode) => episode.hits.map(({ event }) => event)).sort()).toEqual(
          hits.map(({ event }) => event).sort(),
        );
        for (const [index, { start }] of episodes.entries()) {
          if (index > 0) expect(start - (episodes[index - 1]?.end ?? 0)).toBeGreaterThan(MINUTE);
        }
      }),
      RUN,
    );
    expect(fired).toBeGreaterThan(50);
  });

  it('count an act once, however many records show it', () => {
    const linked = linkOne('{type: event_count, rules: [x], timespan: 1m, condition: {gte: 2}}');
    const twice = ['feed one', 'feed two'].flatMap((source) =>
      hitsOf(linked, 'x', 0, {}, { act: 'act', source }),
    );
    expect(evaluateGroup(linked, twice, ALL, { when: 'closed' })[0]?.state).toBe('quiet');
    const other = hitsOf(linked, 'x', 5, {}, { act: 'another' });
    expect(evaluateGroup(linked, [...twice, ...other], ALL, { when: 'closed' })[0]).toMatchObject({
      state: 'fired',
      firedAt: 5,
      value: 2,
    });
  });

  it('find an order among ten thousand hits of each rule in linear time', () => {
    const linked = linkOne('{type: temporal_ordered, rules: [x, y, z], timespan: 1d}');
    const hits = Array.from({ length: 30_000 }, (_, index) =>
      hitsOf(linked, ['z', 'y', 'x'][Math.floor(index / 10_000)] ?? '', index),
    ).flat();
    expect(evaluateGroup(linked, hits, ALL, { when: 'closed' })[0]?.state).toBe('quiet');
  });
});

describe('closed timespans', () => {
  const linked = linkOne('{type: temporal, rules: [x, y], timespan: 1m, condition: x and not y}');
  const x = hitsOf(linked, 'x', 100 * SECOND);
  const y = hitsOf(linked, 'y', 130 * SECOND);

  it.each<[string, readonly CorrelationHit[], Coverage, string, number | null]>([
    ['wait for the watermark', x, { watermark: 159_999, holes: [] }, 'waiting', null],
    ['fire when the watermark reaches their end', x, { watermark: 160_000, holes: [] }, 'fired', 160_000],
    [
      'are not assessed when something in them was not read',
      x,
      { watermark: 160_000, holes: [{ from: 159_000, to: 159_001 }] },
      'not_assessed',
      null,
    ],
    [
      'do not mind a hole that ends where they begin',
      x,
      { watermark: 160_000, holes: [{ from: 0, to: 100_000 }] },
      'fired',
      160_000,
    ],
    [
      'are not assessed before the beginning of coverage',
      x,
      { from: 100_001, watermark: 160_000, holes: [] },
      'not_assessed',
      null,
    ],
    [
      'stay quiet when the contradiction is there',
      [...x, ...y],
      { watermark: 160_000, holes: [] },
      'quiet',
      null,
    ],
  ])('%s', (_name, hits, coverage, state, firedAt) => {
    expect(evaluateGroup(linked, hits, coverage, { when: 'closed' })).toMatchObject([{ state, firedAt }]);
  });

  it('follow each other, the next opened by the first hit after the last', () => {
    const count = linkOne('{type: event_count, rules: [x], timespan: 1m, condition: {eq: 2}}');
    const hits = [0, 30, 60, 70, 120, 131].flatMap((second) => hitsOf(count, 'x', second * SECOND));
    const [episode] = evaluateGroup(count, hits, ALL, { when: 'closed' });
    // 0-60 holds three, 70-130 two, 131-191 one.
    expect(episode?.moments.map(({ at }) => at)).toEqual([130 * SECOND]);
  });
});

describe('an exact sum', () => {
  it('forgets what was taken away', () => {
    const number = fc.double({ noNaN: true, min: -1e100, max: 1e100 });
    fc.assert(
      fc.property(fc.array(number, { maxLength: 20 }), fc.array(number, { maxLength: 20 }), (kept, gone) => {
        const sum = new ExactSum();
        const plain = new ExactSum();
        for (const one of [...gone, ...kept]) sum.add(one);
        for (const one of gone) sum.add(-one);
        for (const one of [...kept].reverse()) plain.add(one);
        expect(sum.value()).toBe(plain.value());
      }),
      RUN,
    );
  });

  it('rounds once', () => {
    const tenths = new ExactSum();
    for (let index = 0; index < 10; index++) tenths.add(0.1);
    expect(tenths.value()).toBe(1);
  });
});
