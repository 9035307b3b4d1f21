import type { LinkedCorrelation } from '../../src/sigma/index.ts';
import { CorrelationEngine, extractHits, linkCorrelations, parseRules } from '../../src/sigma/index.ts';
import { Random } from './random.ts';
import type { Figure } from './report.ts';
import { bestOfRounds } from './report.ts';
import { usedBytes } from './sigma.ts';

type Hits = ReturnType<typeof extractHits>['hits'];

const TIMESPAN_MS = 3_600_000;
const BEGIN = Date.UTC(2026, 10, 1);

const CONDITIONS = {
  event_count: '{gte: 20}',
  value_count: '{field: ip, gte: 20}',
};

type Kind = keyof typeof CONDITIONS;

function linkOne(kind: Kind): LinkedCorrelation {
  const text = `title: x
name: x
logsource: {product: test}
detection: {s: {type: x}, condition: s}
---
title: ${kind}
correlation: {type: ${kind}, rules: [x], group-by: [user], timespan: 1h, condition: ${CONDITIONS[kind]}}
`;
  const { rules, correlations } = parseRules(text, 'bench.yml');
  const [linked] = linkCorrelations(correlations, rules).correlations;
  if (linked === undefined) throw new Error('bench: the correlation does not link');
  return linked;
}

/** The record of a group's event, of a sign-in's size, so that JSON.parse of it can be compared. */
function recordOf(random: Random, group: number): object {
  return {
    type: 'x',
    user: `user-${group}@contoso.example`,
    ip: `10.0.${random.below(256)}.${random.below(256)}`,
    rest: Array.from({ length: 60 }, (_, i) => ({
      name: `property ${i}`,
      value: `value ${i} of the record`,
      on: true,
    })),
  };
}

/** An engine with one hit in each group, all within one timespan. */
function fill(linked: LinkedCorrelation, groups: number): CorrelationEngine {
  const random = new Random(1);
  const engine = new CorrelationEngine([linked], { maxHits: 10 * groups + 1_000_000 });
  for (let group = 0; group < groups; group++) {
    engine.insert(hitsOf(linked, group, BEGIN + random.below(TIMESPAN_MS / 2), `first ${group}`, random));
  }
  return engine;
}

function hitsOf(linked: LinkedCorrelation, group: number, at: number, event: string, random: Random): Hits {
  const ip = `10.0.${random.below(256)}.${random.below(256)}`;
  const record = { user: `user-${group}@contoso.example`, ip };
  return extractHits(linked, 'x', record, { tenant: 'T', event, at, source: 'test' }).hits;
}

const ORDERS = ['in order', 'out of order'] as const;

type Order = (typeof ORDERS)[number];

/** The second hit of some groups: each later than all before, or anywhere in the timespan. */
function secondHits(linked: LinkedCorrelation, groups: readonly number[], order: Order): Hits[] {
  const random = new Random(2);
  return groups.map((group, i) => {
    const late = order === 'in order' ? TIMESPAN_MS / 2 + i : random.below(TIMESPAN_MS / 2);
    return hitsOf(linked, group, BEGIN + late, `second ${group}`, random);
  });
}

/** us an insert. */
function timeInserts(engine: CorrelationEngine, hits: readonly Hits[]): number {
  const start = performance.now();
  for (const one of hits) engine.insert(one);
  return ((performance.now() - start) * 1000) / hits.length;
}

export interface CorrelationBenchOptions {
  /** Live groups: a few, and many. */
  readonly few: number;
  readonly many: number;
  readonly rounds: number;
}

/** Time of an insert, one hit at a time, in an engine with few and with many live groups. */
export function measureCorrelations(options: CorrelationBenchOptions): Figure[] {
  const json = timeJson(options);
  return (Object.keys(CONDITIONS) as Kind[]).flatMap((kind) => measureKind(kind, options, json));
}

function timeJson({ few, rounds }: CorrelationBenchOptions): number {
  const random = new Random(1);
  const texts = Array.from({ length: few }, (_, i) => JSON.stringify(recordOf(random, i)));
  const { json } = bestOfRounds(rounds, { json: () => texts.forEach((text) => JSON.parse(text) as unknown) });
  return (json * 1000) / few;
}

function measureKind(kind: Kind, options: CorrelationBenchOptions, json: number): Figure[] {
  const linked = linkOne(kind);
  const figures = ORDERS.flatMap((order) => measureSecondHits(linked, order, options, json));
  return [...figures, ...measureFilling(linked, options), measureMemory(linked, options)];
}

/**
 * Each timed hit is the second of its group, so that groups are equally large in both engines; as many others go
 * before, so that neither engine is cold. Collections of garbage fall out of the best round.
 */
function measureSecondHits(
  linked: LinkedCorrelation,
  order: Order,
  { few, many, rounds }: CorrelationBenchOptions,
  json: number,
): Figure[] {
  const half = Math.max(1, Math.floor(few / 2));
  const best = [Infinity, Infinity];
  let large = fill(linked, many);
  for (let round = 0; round < 3 * rounds; round++) {
    const from = (round * 2 * half) % many;
    if (round > 0 && from < 2 * half) large = fill(linked, many);
    const engines = [
      { engine: fill(linked, few), from: 0, groups: few },
      { engine: large, from, groups: many },
    ];
    for (const [which, { engine, from: first, groups }] of engines.entries()) {
      const some = (begin: number): number[] => Array.from({ length: half }, (_, i) => (begin + i) % groups);
      timeInserts(engine, secondHits(linked, some(first), order));
      const us = timeInserts(engine, secondHits(linked, some(first + half), order));
      best[which] = Math.min(best[which] ?? Infinity, us);
    }
  }
  const [small = NaN, big = NaN] = best;
  const name = `correlation, ${linked.key} ${order}:`;
  return [
    { name: `${name} insert, ${few} groups`, value: small, unit: 'us', goal: null },
    { name: `${name} insert, ${many} groups`, value: big, unit: 'us', goal: null },
    { name: `${name} insert, ${many} groups`, value: big / json, unit: 'x JSON.parse', goal: null },
    { name: `${name} growth`, value: big / small, unit: 'x', goal: { atMost: 2 } },
  ];
}

/** The same number of groups opened in engines of a few and in one of many; collections of garbage included. */
function measureFilling(linked: LinkedCorrelation, { few, many, rounds }: CorrelationBenchOptions): Figure[] {
  const best = bestOfRounds(rounds, {
    few: () => {
      for (let done = 0; done < many; done += few) fill(linked, few);
    },
    many: () => void fill(linked, many),
  });
  const name = `correlation, ${linked.key} opening groups:`;
  const opened = Math.ceil(many / few) * few;
  const [small, large] = [(best.few * 1000) / opened, (best.many * 1000) / many];
  return [
    { name: `${name} up to ${few}`, value: small, unit: 'us', goal: null },
    { name: `${name} up to ${many}`, value: large, unit: 'us', goal: null },
    { name: `${name} growth`, value: large / small, unit: 'x', goal: { atMost: 2 } },
  ];
}

function measureMemory(linked: LinkedCorrelation, { many }: CorrelationBenchOptions): Figure {
  const before = usedBytes();
  const engine = fill(linked, many);
  const bytes = (usedBytes() - before) / many;
  if (engine.alerts().length > 0) throw new Error('bench: one hit is no alert');
  return { name: `correlation, ${linked.key}: a group of one hit`, value: bytes, unit: 'bytes', goal: null };
}
