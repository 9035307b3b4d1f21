import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../../src/sigma/correlation/coverage.ts';
import { coverBaseline } from '../../../src/sigma/correlation/coverage.ts';
import { evaluateGroup } from '../../../src/sigma/correlation/evaluate.ts';
import type { CorrelationHit } from '../../../src/sigma/correlation/hit.ts';
import { CorrelationEngine } from '../../../src/sigma/correlation/stream.ts';
import type { TermSpan } from '../../../src/sigma/correlation/terms.ts';
import { foldTerm } from '../../../src/sigma/correlation/terms.ts';
import { distanceKm } from '../../../src/sigma/correlation/travel.ts';
import { DAY, hitsOf, HOUR, linkOne, MINUTE } from './fixtures.ts';

const ALL: Coverage = { watermark: 1000 * DAY, holes: [] };
const terms = linkOne(
  '{type: new_terms, rules: [x], group-by: [user], timespan: 30d, condition: {field: [app, country], minimum_baseline: 7d}}',
);

function sighting(day: number, app: string): readonly CorrelationHit[] {
  return hitsOf(terms, 'x', day * DAY, { user: 'a', app, country: 'DE' });
}

function states(hits: readonly CorrelationHit[], coverage = ALL): [string | null, number, string][] {
  const episodes = evaluateGroup(terms, hits, coverage, { when: 'closed' });
  return episodes.map(({ term, start, state }) => [term, start / DAY, state]);
}

describe('new terms', () => {
  it('fire when the group has been known long enough, and not while it is young', () => {
    const hits = [
      sighting(0, 'mail'),
      sighting(6, 'files'),
      sighting(8, 'mail'),
      sighting(9, 'admin'),
    ].flat();
    expect(states(hits)).toEqual([
      ['["mail","de"]', 0, 'quiet'],
      ['["files","de"]', 6, 'quiet'],
      ['["admin","de"]', 9, 'fired'],
    ]);
  });

  it('fire again when the term was not seen for longer than the baseline', () => {
    const hits = [0, 10, 40, 71].flatMap((day) => sighting(day, 'mail'));
    expect(states(hits)).toEqual([
      ['["mail","de"]', 0, 'quiet'],
      ['["mail","de"]', 71, 'fired'],
    ]);
  });

  it('stay pending while too little of the baseline was read, and name the gaps', () => {
    const hits = [...sighting(0, 'mail'), ...sighting(40, 'admin')];
    const holes = [{ from: 20 * DAY, to: 22 * DAY }];
    const [, pending] = evaluateGroup(terms, hits, { watermark: 100 * DAY, holes }, { when: 'closed' });
    expect(pending?.state).toBe('pending');
    expect(pending?.reason).toContain('1970-01-21T00:00:00.000Z to 1970-01-23T00:00:00.000Z');
    const engine = new CorrelationEngine([terms]);
    engine.insert(hits);
    engine.advance('T1', { watermark: 100 * DAY, holes });
    expect(engine.alerts()).toEqual([]);
    engine.advance('T1', { watermark: 100 * DAY, holes: [{ from: 20 * DAY, to: 21 * DAY }] });
    expect(engine.alerts().map(({ alert }) => alert.term)).toEqual(['["admin","de"]']);
  });

  it('are judged again by the watermark alone', () => {
    const engine = new CorrelationEngine([terms]);
    engine.insert([...sighting(0, 'mail'), ...sighting(40, 'admin')]);
    // 95 % of 720 hours leave 36.
    engine.advance('T1', { watermark: 40 * DAY - 36 * HOUR - 1, holes: [] });
    expect(engine.alerts()).toEqual([]);
    const told = engine.advance('T1', { watermark: 40 * DAY - 36 * HOUR, holes: [] });
    expect(told.map(({ kind }) => kind)).toEqual(['fired']);
  });

  it('are not new when stored rows know them, and rows outlive the hits', () => {
    const first = new CorrelationEngine([terms], { allowedLatenessMs: 0 });
    first.insert([...sighting(0, 'mail'), ...sighting(10, 'mail')]);
    first.advance('T1', { watermark: 39 * DAY, holes: [] });
    expect(first.kept()).toEqual([]);
    const second = new CorrelationEngine([terms]);
    second.seedTerms(first.termRows());
    second.advance('T1', ALL);
    second.insert([...sighting(39, 'mail'), ...sighting(39, 'admin')]);
    expect(second.alerts().map(({ alert }) => [alert.term, alert.start])).toEqual([
      ['["admin","de"]', 39 * DAY],
    ]);
    second.insert([...sighting(80, 'mail')]);
    expect(second.alerts().length).toBe(2);
    const rows = second.termRows();
    const given = evaluateGroup(terms, [], ALL, { when: 'closed' }, rows);
    expect(given.filter(({ state }) => state === 'fired').map(({ start }) => start / DAY)).toEqual([39, 80]);
  });

  it('fold to the same rows in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 12 }), (times) => {
        const fold = (list: readonly number[]): TermSpan[] =>
          list.reduce<TermSpan[]>((rows, at) => foldTerm(rows, at, 7), []);
        const rows = fold(times);
        expect(fold([...times].reverse())).toEqual(rows);
        for (const [index, row] of rows.entries())
          if (index > 0) expect(row.from - (rows[index - 1]?.to ?? 0)).toBeGreaterThan(7);
        for (const at of times) expect(rows.some(({ from, to }) => from <= at && at <= to)).toBe(true);
      }),
      { seed: 20261124 },
    );
  });
});

describe('the coverage of a baseline', () => {
  it('counts the hours that no gap touches, as a slow count does', () => {
    const time = fc.integer({ min: -50, max: 400 }).map((n) => n * 10 * MINUTE);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(time, time), { maxLength: 3 }),
        time,
        fc.option(time),
        (pairs, watermark, from) => {
          const holes = pairs.map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
          const coverage = { watermark, holes, ...(from === null ? {} : { from }) };
          const end = 60 * HOUR;
          const missing = [
            ...holes,
            { from: watermark, to: Infinity },
            { from: -Infinity, to: from ?? -Infinity },
          ];
          let read = 0;
          for (let hour = 0; hour < 60; hour++) {
            const start = hour * HOUR;
            if (!missing.some((hole) => hole.from < hole.to && hole.from < start + HOUR && hole.to > start))
              read++;
          }
          const { enough, enoughFrom } = coverBaseline(coverage, end, 60 * HOUR);
          expect(enough).toBe(read >= 57);
          if (enoughFrom < Infinity)
            expect(coverBaseline({ ...coverage, watermark: enoughFrom }, end, 60 * HOUR).enough).toBe(true);
        },
      ),
      { seed: 20261124, numRuns: 1000 },
    );
  });
});

const PLACES = {
  munich: [48.137, 11.575],
  augsburg: [48.371, 10.898],
  singapore: [1.352, 103.82],
  boston: [42.36, -71.06],
} as const;
type City = keyof typeof PLACES;

function travel(more = ''): ReturnType<typeof linkOne> {
  return linkOne(
    `{type: impossible_travel, rules: [x], group-by: [user], timespan: 1d, condition: {latitude: at.lat, longitude: at.lon${more}}}`,
  );
}

function visits(
  linked: ReturnType<typeof linkOne>,
  list: readonly (readonly [number, City, string?])[],
): CorrelationHit[] {
  return list.flatMap(([hour, city, asn = city], index) => {
    const [lat, lon] = PLACES[city];
    return hitsOf(linked, 'x', hour * HOUR, { user: 'a', asn, at: { lat, lon } }, { event: `v${index}` });
  });
}

describe('impossible travel', () => {
  const place = (city: City): { latitude: number; longitude: number; same: [] } => ({
    latitude: PLACES[city][0],
    longitude: PLACES[city][1],
    same: [],
  });

  it('measures great circles', () => {
    expect(distanceKm(place('munich'), place('munich'))).toBe(0);
    // A quarter of the mean circumference, 40,030.2 km.
    const pole = { latitude: 90, longitude: 0, same: [] };
    expect(distanceKm(pole, { latitude: 0, longitude: 77, same: [] })).toBeCloseTo(10_007.557, 2);
    const east = { latitude: 0, longitude: 179.5, same: [] };
    expect(distanceKm(east, { latitude: 0, longitude: -179.5, same: [] })).toBeCloseTo(111.195, 2);
  });

  it.each<[string, string, readonly (readonly [number, City, string?])[], string]>([
    [
      'fires when nobody flies that fast',
      '',
      [
        [0, 'munich'],
        [2, 'singapore'],
      ],
      'fired',
    ],
    [
      'lets an aircraft pass',
      '',
      [
        [0, 'munich'],
        [12, 'singapore'],
      ],
      'quiet',
    ],
    [
      'does not mind a short hop however fast',
      '',
      [
        [0, 'munich'],
        [0, 'augsburg'],
      ],
      'quiet',
    ],
    [
      'fires on two far places at one moment',
      '',
      [
        [0, 'munich'],
        [0, 'singapore'],
      ],
      'fired',
    ],
    [
      'ignores ends of one network',
      ', same: [asn]',
      [
        [0, 'munich', 'vpn'],
        [2, 'singapore', 'VPN'],
      ],
      'quiet',
    ],
    [
      'does not take two unknown networks for one',
      ', same: [carrier]',
      [
        [0, 'munich'],
        [2, 'singapore'],
      ],
      'fired',
    ],
    [
      'compares every place in between',
      '',
      [
        [0, 'munich'],
        [2, 'singapore'],
        [3, 'augsburg'],
      ],
      'fired',
    ],
    [
      'compares what lies within the timespan only',
      ', minimum_kmh: 1',
      [
        [0, 'munich'],
        [25, 'singapore'],
      ],
      'quiet',
    ],
    [
      'has a threshold of distance',
      ', minimum_km: 50, minimum_kmh: 500',
      [
        [0, 'munich'],
        [0.1, 'augsburg'],
      ],
      'fired',
    ],
  ])('%s', (_name, more, list, state) => {
    const linked = travel(more);
    expect(evaluateGroup(linked, visits(linked, list), ALL, { when: 'closed' })[0]?.state).toBe(state);
  });

  it('along the path compares the first place with the last only', () => {
    const path = travel(', measure: path, minimum_km: 5000');
    // Boston at noon is impossible after Singapore half an hour before, but not after Munich at 0.
    const hits = visits(path, [
      [0, 'munich'],
      [11.5, 'singapore'],
      [12, 'boston'],
    ]);
    expect(evaluateGroup(path, hits, ALL, { when: 'closed' })[0]?.state).toBe('quiet');
    const any = travel(', minimum_km: 5000');
    const found = evaluateGroup(
      any,
      visits(any, [
        [0, 'munich'],
        [11.5, 'singapore'],
        [12, 'boston'],
      ]),
      ALL,
      { when: 'closed' },
    );
    expect(found[0]?.pair).toMatchObject({ from: 'v1', to: 'v2' });
  });

  it('names the two ends, and a speed without end for one moment', () => {
    const linked = travel();
    const [episode] = evaluateGroup(
      linked,
      visits(linked, [
        [0, 'munich'],
        [0, 'singapore'],
      ]),
      ALL,
      { when: 'closed' },
    );
    expect(episode?.pair?.kmPerHour).toBe(Infinity);
    expect(episode?.pair?.km).toBeCloseTo(10_095, -2);
  });

  it('stays bounded when one account is used from everywhere', () => {
    const linked = travel(', minimum_kmh: 100000000');
    const hits = Array.from({ length: 20_001 }, (_, index) =>
      hitsOf(linked, 'x', index * 1000, {
        user: 'a',
        at: { lat: (index % 90) + index / 1e5, lon: index % 180 },
      }),
    ).flat();
    const [episode] = evaluateGroup(linked, hits, ALL, { when: 'closed' });
    expect(episode?.state).toBe('quiet');
    expect(episode?.reason).toBe(
      'more than 100 places in one timespan: 19900 sightings were forgotten early',
    );
    const engine = new CorrelationEngine([linked]);
    const told = hits.flatMap((hit) => engine.insert([hit]));
    expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['places']));
    expect(engine.drops()).toEqual([{ kind: 'places', tenant: 'T1', correlation: 'C', hits: 19_900 }]);
  });
});
