import type { PipelineTimes } from './pipeline.ts';
import { runLimit, runPipeline, signInPages } from './pipeline.ts';
import { measureCorrelations } from './correlation.ts';
import { measurePack } from './pack.ts';
import type { Figure } from './report.ts';
import { measureRules } from './rule-load.ts';

export const PARTS = ['pipeline', 'pack', 'rules', 'correlation'] as const;

export type BenchPart = (typeof PARTS)[number];

export interface BenchOptions {
  /** Sign-ins through the pipeline; rules are matched against a tenth of that at most. */
  readonly records: number;
  readonly rounds: number;
  /** A folder of rule files in place of generated ones, or null. */
  readonly rules: string | null;
  /** Rules to generate. */
  readonly ruleCount: number;
  /** Live groups of correlations: a few, and many. */
  readonly groups: readonly [few: number, many: number];
}

export const DEFAULTS: BenchOptions = {
  records: 30_000,
  rounds: 3,
  rules: null,
  ruleCount: 3000,
  groups: [1000, 100_000],
};

/** Runs one part of the bench. */
export async function runPart(part: BenchPart, options: BenchOptions): Promise<Figure[]> {
  const { records, rounds, rules, ruleCount, groups } = options;
  const share = (most: number): number => Math.max(1, Math.min(most, Math.ceil(records / 10)));
  switch (part) {
    case 'pipeline':
      return measurePipeline(records, rounds);
    case 'pack':
      return measurePack(share(3000), rounds + 2);
    case 'rules':
      return measureRules({ folder: rules, count: ruleCount, events: share(1000), rounds: rounds + 2 });
    case 'correlation': {
      const [few, many] = groups;
      return measureCorrelations({ few, many, rounds });
    }
  }
}

/** Parse, store and detect against the plainest possible insert. */
async function measurePipeline(count: number, rounds: number): Promise<Figure[]> {
  const pages = signInPages(count);
  const size = pages.reduce((sum, page) => sum + page.length, 0) / count;
  // The two take turns, and the best round of each counts: the machine's other work then hits neither more.
  let limit = Infinity;
  let ours: PipelineTimes | null = null;
  for (let round = 0; round < rounds; round += 1) {
    limit = Math.min(limit, runLimit(pages));
    const times = await runPipeline(pages);
    if (ours === null || total(times) < total(ours)) ours = times;
  }
  if (ours === null) throw new Error('bench: no rounds; give --rounds at least 1');
  const us = (name: string, ms: number): Figure => ({
    name,
    value: (ms * 1000) / count,
    unit: 'us',
    goal: null,
  });
  return [
    us(`pipeline: JSON.parse + indexed insert of ${Math.round(size)} characters`, limit),
    us('pipeline: parse (JSON.parse + records/)', ours.parse),
    us('pipeline: store (look up, number, insert)', ours.store),
    us('pipeline: detect (shipped pack, hits, alerts)', ours.detect),
    us('pipeline: parse + store + detect', total(ours)),
    {
      name: 'pipeline: speed of the plainest insert that is reached',
      value: (limit / total(ours)) * 100,
      unit: '%',
      goal: { atLeast: 60 },
    },
  ];
}

function total(times: PipelineTimes): number {
  return times.parse + times.store + times.detect;
}
