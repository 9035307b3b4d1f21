import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../../src/sigma/correlation/coverage.ts';
import type { CorrelationUpdate } from '../../../src/sigma/correlation/drops.ts';
import { evaluateAll } from '../../../src/sigma/correlation/evaluate.ts';
import { extractHits } from '../../../src/sigma/correlation/extract.ts';
import type { Alert } from '../../../src/sigma/correlation/group-state.ts';
import type { CorrelationHit } from '../../../src/sigma/correlation/hit.ts';
import { CorrelationEngine } from '../../../src/sigma/correlation/stream.ts';
import { correlationText, HOUR, link, ruleText, SECOND } from './fixtures.ts';

const RUN = { seed: 20261124, numRuns: 200 };

const common = 'group-by: [user], timespan: 60s';
const LINKED = link(
  ...['x', 'y', 'z'].map(ruleText),
  ...[
    `{type: event_count, rules: [x, y], ${common}, condition: {gte: 3}}`,
    `{type: event_count, rules: [x], ${common}, condition: {lt: 2}}`,
    `{type: event_count, rules: [x, z], ${common}, condition: {gte: 2, lte: 3}}`,
    `{type: value_count, rules: [x, y], ${common}, condition: {field: ip, gte: 2}}`,
    `{type: value_count, rules: [x], ${common}, condition: {field: [ip, n], gt: 2}}`,
    `{type: value_sum, rules: [x], ${common}, condition: {field: n, gt: 3.5}}`,
    `{type: value_avg, rules: [x, y], ${common}, condition: {field: n, gte: 1.5}}`,
    `{type: value_median, rules: [x, y], ${common}, condition: {field: n, lt: 1}}`,
    `{type: value_percentile, rules: [x], ${common}, condition: {field: n, percentile: 90, gte: 2}}`,
    `{type: temporal, rules: [x, y], ${common}}`,
    `{type: temporal, rules: [x, y, z], ${common}, condition: {neq: 2}}`,
    `{type: temporal, rules: [x, y, z], ${common}, condition: x and not y or z and y}`,
    `{type: temporal_ordered, rules: [x, y, z], ${common}}`,
    `{type: temporal_ordered, rules: [z, x, y], ${common}, condition: {gte: 2}}`,
    `{type: temporal_ordered, group-by: [user], timespan: 2m, condition: C12 and z}`,
    `{type: event_count, rules: [C1, C0, C11], group-by: [], timespan: 2m, condition: {gte: 2}}`,
    `{type: new_terms, rules: [x, y], group-by: [user], timespan: 2h, condition: {field: ip, minimum_baseline: 1h}}`,
    `{type: temporal, rules: [C16, y], group-by: [user], timespan: 1h}`,
    `{type: impossible_travel, rules: [x, y], ${common}, condition: {latitude: lat, longitude: lon, same: [ip]}}`,
    `{type: impossible_travel, rules: [x], ${common}, condition: {latitude: lat, longitude: lon, measure: path}}`,
  ].map((text, index) => correlationText(`C${index}`, text)),
);

interface Draft {
  readonly tenant: string;
  readonly at: number;
  readonly rules: readonly string[];
  readonly event: object;
  readonly act: number | null;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  tenant: fc.constantFrom('T1', 'T1', 'T2'),
  at: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => n * 10 * SECOND) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => n * 600 * SECOND) },
  ),
  rules: fc.subarray(['x', 'y', 'z'], { minLength: 1 }),
  act: fc.option(fc.integer({ min: 0, max: 4 })),
  event: fc.record({
    user: fc.constantFrom<unknown>('a', 'A', 'b', ['a', 'b'], null),
    ip: fc.constantFrom<unknown>('1', '2', ['1', '3'], null),
    n: fc.constantFrom<unknown>(0.1, 0.2, 1, 2, 3, -1, '2.5', 'none'),
    lat: fc.constantFrom(48, 40, 1, 48.1),
    lon: fc.constantFrom(11, -74, 103),
  }),
});

function toHits({ tenant, at, rules, event, act }: Draft, id: string): CorrelationHit[] {
  const shared = act === null ? {} : { act: `act ${act}` };
  const identity = { tenant, event: id, at, source: 'test', ...shared };
  return LINKED.flatMap((linked) => rules.flatMap((rule) => extractHits(linked, rule, event, identity).hits));
}

const hole = fc
  .tuple(fc.integer({ min: -100, max: 400 }), fc.integer({ min: 1, max: 20 }))
  .map(([from, length]) => ({ from: from * 10 * SECOND, to: (from + length) * 10 * SECOND }));
const coverage: fc.Arbitrary<Coverage> = fc
  .tuple(fc.oneof(fc.integer({ min: -10, max: 500 }), fc.constant(3000)), fc.array(hole, { maxLength: 1 }))
  .map(([watermark, holes]) => ({ watermark: watermark * 10 * SECOND, holes }));

/** Event, an earlier version of it, how often it comes again, and places in the order of arrival. */
const story = fc.array(
  fc.record({ draft, earlier: fc.option(draft), order: fc.integer(), again: fc.option(fc.integer()) }),
  { maxLength: 24 },
);

type Step =
  | { readonly kind: 'insert'; readonly hits: CorrelationHit[] }
  | {
      readonly kind: 'replace';
      readonly tenant: string;
      readonly event: string;
      readonly hits: CorrelationHit[];
    }
  | { readonly kind: 'advance'; readonly tenant: string; readonly coverage: Coverage };

function apply(engine: CorrelationEngine, step: Step): CorrelationUpdate[] {
  if (step.kind === 'insert') return engine.insert(step.hits);
  if (step.kind === 'replace') return engine.replace(step.tenant, step.event, step.hits);
  return engine.advance(step.tenant, step.coverage);
}

interface Told extends Omit<Alert, 'state' | 'pair' | 'reason' | 'count'> {
  readonly count?: number;
}

function keyOf(alert: Told): string {
  const { tenant, correlation, group, term, start, end, firedAt, value, count } = alert;
  return JSON.stringify([tenant, correlation, group, term, start, end, firedAt, value, count]);
}

function wanted(
  hits: readonly CorrelationHit[],
  last: ReadonlyMap<string, Coverage>,
  when: 'closed' | 'insert',
): string[] {
  const none: Coverage = { watermark: -Infinity, holes: [] };
  const episodes = evaluateAll(LINKED, hits, (tenant) => last.get(tenant) ?? none, { when });
  return episodes
    .filter(({ state }) => state === 'fired')
    .map((episode) => keyOf({ ...episode, count: episode.hits.length }))
    .sort();
}

interface Chapter {
  readonly draft: Draft;
  readonly earlier: Draft | null;
  readonly order: number;
  readonly again: number | null;
}

interface Advance {
  readonly tenant: string;
  readonly coverage: Coverage;
  readonly order: number;
}

/** What arrives, in order, and the hits that count in the end. */
function toSteps(
  events: readonly Chapter[],
  advances: readonly Advance[],
): { steps: Step[]; final: CorrelationHit[] } {
  const steps: { order: number; step: Step }[] = advances.map(({ order, ...advance }) => ({
    order,
    step: { kind: 'advance', ...advance },
  }));
  const final: CorrelationHit[] = [];
  for (const [index, { draft: one, earlier, order, again }] of events.entries()) {
    const hits = toHits(one, `e${index}`);
    final.push(...hits);
    if (earlier === null) steps.push({ order, step: { kind: 'insert', hits } });
    else {
      const old = toHits({ ...earlier, tenant: one.tenant }, `e${index}`);
      steps.push({ order: order - 1000, step: { kind: 'insert', hits: old } });
      steps.push({ order, step: { kind: 'replace', tenant: one.tenant, event: `e${index}`, hits } });
    }
    if (again !== null) steps.push({ order: Math.max(again, order), step: { kind: 'insert', hits } });
  }
  steps.sort((a, b) => a.order - b.order);
  return { steps: steps.map(({ step }) => step), final };
}

describe('the streaming engine', () => {
  it('ends in the alerts of the set of hits for any order, batch, repetition, revision and restart', () => {
    const kinds = new Set<string>();
    const property = fc.property(
      story,
      fc.array(fc.record({ tenant: fc.constantFrom('T1', 'T2'), coverage, order: fc.integer() }), {
        maxLength: 4,
      }),
      fc.array(fc.nat({ max: 40 }), { maxLength: 2 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom<'closed' | 'insert'>('closed', 'insert'),
      (events, advances, restarts, batch, when) => {
        const { steps, final } = toSteps(events, advances);
        let engine = new CorrelationEngine(LINKED, { when });
        const last = new Map<string, Coverage>();
        let held: CorrelationHit[] = [];
        for (const [index, step] of steps.entries()) {
          if (step.kind === 'insert') held.push(...step.hits);
          if (step.kind !== 'insert' || held.length > batch * 20) {
            engine.insert(held);
            held = [];
            if (step.kind !== 'insert') apply(engine, step);
          }
          if (step.kind === 'advance') last.set(step.tenant, step.coverage);
          if (!restarts.includes(index)) continue;
          const kept = engine.kept();
          engine = new CorrelationEngine(LINKED, { when });
          engine.insert(kept);
          for (const [tenant, one] of last) engine.advance(tenant, one);
        }
        engine.insert(held);
        const given = engine.alerts().map(({ alert }) => keyOf(alert));
        for (const { alert } of engine.alerts()) kinds.add(alert.correlation);
        expect(given.sort()).toEqual(wanted(final, last, when));
      },
    );
    fc.assert(property, RUN);
    expect([...kinds].sort()).toEqual(LINKED.map(({ key }) => key).sort());
  });

  it('tells updates that add up to its alerts', () => {
    fc.assert(
      fc.property(story, fc.array(coverage, { minLength: 1, maxLength: 4 }), (events, coverages) => {
        const engine = new CorrelationEngine(LINKED);
        const told = new Map<string, Alert>();
        const id = (alert: Alert, start: number): string =>
          JSON.stringify([alert.tenant, alert.correlation, alert.group, alert.term, start]);
        const follow = (updates: readonly CorrelationUpdate[]): void => {
          for (const update of updates) {
            if (!('alert' in update)) throw new Error(`unexpected ${update.kind}`);
            const { kind, alert, was } = update;
            if (kind === 'merged' || kind === 'withdrawn') told.delete(id(alert, alert.start));
            if (kind === 'grown') expect(told.delete(id(alert, was ?? NaN))).toBe(true);
            if (kind === 'fired') expect(told.has(id(alert, alert.start))).toBe(false);
            if (kind === 'fired' || kind === 'grown') told.set(id(alert, alert.start), alert);
          }
        };
        for (const [index, { draft: one, earlier }] of events.entries()) {
          follow(engine.insert(toHits(one, `e${index}`)));
          const over = coverages[index % 7];
          if (over !== undefined) follow(engine.advance(one.tenant, over));
          if (earlier === null) continue;
          const revised = toHits({ ...earlier, tenant: one.tenant }, `e${index}`);
          follow(engine.replace(one.tenant, `e${index}`, revised));
        }
        const given = engine.alerts().map(({ alert }) => keyOf(alert));
        expect([...told.values()].map(keyOf).sort()).toEqual(given.sort());
      }),
      RUN,
    );
  });

  it('drops old hits without changing an alert, as long as none comes later than allowed', () => {
    const lateness = 90 * SECOND;
    let retired = 0;
    const property = fc.property(
      fc.array(fc.tuple(draft, fc.integer({ min: 0, max: lateness })), { maxLength: 40 }),
      fc.array(hole, { maxLength: 1 }),
      fc.constantFrom<'closed' | 'insert'>('closed', 'insert'),
      (events, holes, when) => {
        const arrivals = events.map(([one, delay], index) => ({
          at: one.at + delay,
          hits: toHits(one, `e${index}`),
          one,
        }));
        arrivals.sort((a, b) => a.at - b.at);
        const engine = new CorrelationEngine(LINKED, { when, allowedLatenessMs: lateness });
        const done: Alert[] = [];
        let watermark = 0;
        const follow = (updates: readonly CorrelationUpdate[]): void => {
          for (const update of updates) {
            expect(update.kind).not.toBe('late');
            if (update.kind === 'retired') done.push(update.alert);
          }
        };
        const pass = (): void => {
          for (const tenant of ['T1', 'T2']) follow(engine.advance(tenant, { watermark, holes }));
        };
        pass();
        for (const { hits, one } of arrivals) {
          follow(engine.insert(hits));
          watermark = Math.max(watermark, one.at);
          pass();
        }
        watermark += 10 * HOUR;
        pass();
        retired += done.length;
        const given = [...done, ...engine.alerts().map(({ alert }) => alert)];
        const plain = ({ count: _count, ...alert }: Alert): string => keyOf(alert);
        const last = { watermark, holes };
        const all = evaluateAll(
          LINKED,
          arrivals.flatMap(({ hits }) => hits),
          () => last,
          { when },
        );
        const fired = all.filter(({ state }) => state === 'fired').map((episode) => keyOf(episode));
        expect(given.map(plain).sort()).toEqual(fired.sort());
      },
    );
    fc.assert(property, RUN);
    expect(retired).toBeGreaterThan(500);
  });
});
