import { describe, expect, it } from 'vitest';
import type { CorrelationUpdate } from '../../../src/sigma/correlation/drops.ts';
import { MAX_EVIDENCE } from '../../../src/sigma/correlation/episode.ts';
import { CorrelationEngine } from '../../../src/sigma/correlation/stream.ts';
import { DueHeap } from '../../../src/sigma/correlation/due-heap.ts';
import { correlationText, hitsOf, link, linkOne, MINUTE, ruleText, SECOND } from './fixtures.ts';

const three = linkOne('{type: event_count, rules: [x], group-by: [user], timespan: 1m, condition: {gte: 3}}');
const absent = linkOne(
  '{type: temporal, rules: [x, y], group-by: [user], timespan: 1m, condition: x and not y}',
);

function kinds(updates: readonly CorrelationUpdate[]): string[] {
  return updates.map((update) =>
    'alert' in update ? `${update.kind} ${update.alert.start / SECOND}` : update.kind,
  );
}

describe('the engine', () => {
  it('fires at the hit that completes a count, and tells what follows as growth', () => {
    const engine = new CorrelationEngine([three]);
    const told = [0, 10, 20, 30].map((second) => kinds(engine.insert(hitsOf(three, 'x', second * SECOND))));
    expect(told).toEqual([[], [], ['fired 0'], ['grown 0']]);
    expect(engine.alerts()).toMatchObject([
      { alert: { start: 0, end: 30_000, firedAt: 20_000, value: 3, count: 4 } },
    ]);
  });

  it('merges two alerts into the older when a late hit bridges them', () => {
    const engine = new CorrelationEngine([three]);
    engine.insert([0, 1, 2, 100, 101, 102].flatMap((second) => hitsOf(three, 'x', second * SECOND)));
    expect(engine.alerts().length).toBe(2);
    const updates = engine.insert(hitsOf(three, 'x', 50 * SECOND));
    expect(kinds(updates)).toEqual(['grown 0', 'merged 100']);
    expect(updates[1]).toMatchObject({ into: 0 });
    expect(engine.alerts()).toMatchObject([{ alert: { start: 0, end: 102_000, count: 7 } }]);
  });

  it('withdraws an alert when an event is detected again and does not match any more', () => {
    const engine = new CorrelationEngine([three]);
    const hits = [0, 1, 2].flatMap((second) => hitsOf(three, 'x', second * SECOND));
    engine.insert(hits);
    const event = hits[1]?.event ?? '';
    expect(kinds(engine.replace('T1', event, []))).toEqual(['withdrawn 0']);
    expect(engine.alerts()).toEqual([]);
    expect(() => engine.replace('T1', event, hits)).toThrow(/belongs to another event/);
    expect(kinds(engine.insert(hits))).toEqual(['fired 0']);
  });

  it('does not judge absence before the watermark, and withdraws when the contradiction comes later', () => {
    const engine = new CorrelationEngine([absent]);
    expect(kinds(engine.insert(hitsOf(absent, 'x', 0)))).toEqual(['waiting 0']);
    expect(kinds(engine.advance('T2', { watermark: 10 * MINUTE, holes: [] }))).toEqual([]);
    expect(kinds(engine.advance('T1', { watermark: MINUTE - 1, holes: [] }))).toEqual([]);
    expect(kinds(engine.advance('T1', { watermark: MINUTE, holes: [] }))).toEqual(['fired 0']);
    expect(kinds(engine.insert(hitsOf(absent, 'y', 30 * SECOND)))).toEqual(['withdrawn 0']);
    expect(engine.alerts()).toEqual([]);
  });

  it('does not assess absence over a hole until it is filled', () => {
    const engine = new CorrelationEngine([absent]);
    engine.insert(hitsOf(absent, 'x', 0));
    const holes = [{ from: 5 * SECOND, to: 6 * SECOND }];
    expect(kinds(engine.advance('T1', { watermark: MINUTE, holes }))).toEqual(['not_assessed 0']);
    expect(kinds(engine.advance('T1', { watermark: MINUTE, holes: [] }))).toEqual(['fired 0']);
    expect(kinds(engine.advance('T1', { watermark: 0, holes: [] }))).toEqual(['withdrawn 0', 'waiting 0']);
  });

  it('keeps tenants apart', () => {
    const engine = new CorrelationEngine([three]);
    for (const tenant of ['T1', 'T2', 'T3']) engine.insert(hitsOf(three, 'x', 0, undefined, { tenant }));
    expect(engine.alerts()).toEqual([]);
  });

  it('shows the first hits and the last of a long episode, after old ones were dropped too', () => {
    const engine = new CorrelationEngine([three], { allowedLatenessMs: MINUTE });
    const ids: string[] = [];
    for (let second = 0; second < 1000; second++) {
      ids.push(`s${second}`);
      engine.insert(hitsOf(three, 'x', second * SECOND, undefined, { event: `s${second}` }));
      engine.advance('T1', { watermark: second * SECOND, holes: [] });
    }
    expect(engine.kept().length).toBeLessThan(200);
    const [only] = engine.alerts();
    expect(only?.alert).toMatchObject({ start: 0, end: 999_000, count: 1000, firedAt: 2000 });
    expect(only?.evidence.map(({ event }) => event)).toEqual([...ids.slice(0, MAX_EVIDENCE), 's999']);
  });

  it('hands fulfilled timespans of a closed correlation on, and takes them back', () => {
    const linked = link(
      ruleText('x'),
      ruleText('y'),
      correlationText(
        'inner',
        '{type: temporal, rules: [x, y], group-by: [user, ip], timespan: 1m, condition: x and not y}',
      ),
      correlationText(
        'outer',
        '{type: event_count, rules: [inner], group-by: [user], timespan: 10m, condition: {gte: 2}}',
      ),
    );
    const [inner] = linked;
    if (inner === undefined) throw new Error('nothing was linked');
    const engine = new CorrelationEngine(linked);
    for (const ip of ['1', '2']) engine.insert(hitsOf(inner, 'x', 0, { user: 'a', ip }));
    const fired = engine.advance('T1', { watermark: MINUTE, holes: [] });
    expect(fired.map((update) => 'alert' in update && update.alert.correlation)).toEqual([
      'inner',
      'inner',
      'outer',
    ]);
    engine.insert(hitsOf(inner, 'y', 1, { user: 'a', ip: '2' }));
    expect(engine.alerts().map(({ alert }) => alert.correlation)).toEqual(['inner']);
  });
});

describe('limits of the engine', () => {
  it('drop what comes later than allowed, and count it', () => {
    const engine = new CorrelationEngine([three], { allowedLatenessMs: MINUTE });
    engine.advance('T1', { watermark: 10 * MINUTE, holes: [] });
    const hit = hitsOf(three, 'x', 9 * MINUTE - 1);
    expect(engine.insert(hit)).toEqual([
      { kind: 'late', tenant: 'T1', correlation: 'C', group: null, hits: 1 },
    ]);
    expect(kinds(engine.replace('T1', hit[0]?.event ?? '', hit))).toEqual(['late']);
    expect(engine.insert(hitsOf(three, 'x', 9 * MINUTE))).toEqual([]);
    expect(engine.drops()).toEqual([{ kind: 'late', tenant: 'T1', correlation: 'C', hits: 2 }]);
    expect(engine.kept().length).toBe(1);
  });

  it('say that a hit belongs to no correlation', () => {
    const engine = new CorrelationEngine([]);
    expect(kinds(engine.insert(hitsOf(three, 'x', 0)))).toEqual(['unknown']);
  });

  it('give up the groups with the least progress, so that a flood does not push a slow attack out', () => {
    const engine = new CorrelationEngine([three], { maxHits: 100 });
    engine.insert([0, 1].flatMap((second) => hitsOf(three, 'x', second * SECOND, { user: 'victim' })));
    engine.insert([0, 1, 2].flatMap((second) => hitsOf(three, 'x', second * SECOND, { user: 'fired' })));
    let evicted = 0;
    for (let index = 0; index < 1000; index++) {
      for (const update of engine.insert(hitsOf(three, 'x', 2 * SECOND, { user: `flood ${index}` }))) {
        if (update.kind === 'evicted') evicted += update.hits;
      }
      expect(engine.kept().length).toBeLessThanOrEqual(100);
    }
    expect(engine.drops()).toEqual([{ kind: 'evicted', tenant: 'T1', correlation: 'C', hits: evicted }]);
    expect(engine.kept().length).toBe(1005 - evicted);
    expect(kinds(engine.insert(hitsOf(three, 'x', 2 * SECOND, { user: 'victim' })))).toEqual(['fired 0']);
    expect(engine.alerts().length).toBe(2);
  });

  it('cut the oldest hits of a single hot group, whose alert stays', () => {
    const engine = new CorrelationEngine([three], { maxHits: 100 });
    const told = Array.from({ length: 1000 }, (_, index) =>
      engine.insert(hitsOf(three, 'x', index * SECOND)),
    ).flat();
    expect(engine.kept().length).toBeLessThanOrEqual(100);
    expect(told.some(({ kind }) => kind === 'evicted')).toBe(true);
    expect(engine.alerts()).toMatchObject([{ alert: { start: 0, end: 999_000, count: 1000 } }]);
  });

  it('hold for a group whose hits are all of one moment, and for one open timespan', () => {
    for (const linked of [three, absent]) {
      const engine = new CorrelationEngine([linked], { maxHits: 50 });
      for (let index = 0; index < 120; index++) engine.insert(hitsOf(linked, 'x', 0));
      expect(engine.kept().length).toBeLessThanOrEqual(50);
      expect(engine.drops()[0]?.hits).toBe(120 - engine.kept().length);
    }
  });

  it('count per tenant and correlation', () => {
    const engine = new CorrelationEngine([three], { maxHits: 10 });
    for (let index = 0; index < 50; index++)
      engine.insert(hitsOf(three, 'x', 0, { user: index }, { tenant: 'loud' }));
    engine.insert([0, 1].flatMap((at) => hitsOf(three, 'x', at, { user: 'a' }, { tenant: 'still' })));
    expect(engine.drops().map(({ tenant }) => tenant)).toEqual(['loud']);
    expect(kinds(engine.insert(hitsOf(three, 'x', 2, { user: 'a' }, { tenant: 'still' })))).toEqual([
      'fired 0',
    ]);
  });
});

describe('a heap of due times', () => {
  it('gives the earliest first and nothing before its time', () => {
    const heap = new DueHeap<number>();
    const times = [5, 3, 9, 1, 7, 3, 8, 2];
    for (const time of times) heap.push(time, time);
    const taken: number[] = [];
    for (let next = heap.pop(7); next !== null; next = heap.pop(7)) taken.push(next.item);
    expect(taken).toEqual([1, 2, 3, 3, 5, 7]);
    expect(heap.pop(100)?.item).toBe(8);
  });
});
