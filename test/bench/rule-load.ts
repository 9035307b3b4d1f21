import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledRule } from '../../src/sigma/index.ts';
import { RuleIndex, RuleSet } from '../../src/sigma/index.ts';
import type { Figure } from './report.ts';
import { bestOfRounds } from './report.ts';
import type { SourcedEvents } from './rule-events.ts';
import { eventTexts } from './rule-events.ts';
import { ruleTexts } from './rules.ts';
import { loadRules, usedBytes } from './sigma.ts';

export interface RuleBenchOptions {
  /** A folder of rule files; null: generated ones. */
  readonly folder: string | null;
  /** Generated rules. */
  readonly count: number;
  readonly events: number;
  readonly rounds: number;
}

/** Loads many rules and matches them: what the index makes of them, and what it would cost without it. */
export function measureRules({ folder, count, events, rounds }: RuleBenchOptions): Figure[] {
  const texts = folder === null ? ruleTexts(count) : readFolder(folder);
  if (texts.length === 0)
    throw new Error(`bench: ${folder ?? ''} holds no .yml files; name a folder of rules`);
  const sources = eventTexts(events);
  const before = usedBytes();
  const { rules, refused, parse, compile } = loadRules(texts);
  const start = performance.now();
  const index = new RuleIndex(rules);
  for (const { logsource } of sources) index.matches({}, logsource);
  const seconds = (parse + compile + performance.now() - start) / 1000;
  const memory = (usedBytes() - before) / 2 ** 20;
  const what = `${texts.length} ${folder === null ? 'generated rules' : 'rule files'}`;
  return [
    { name: `load ${what}: parse, compile, index`, value: seconds, unit: 's', goal: { atMost: 10 } },
    { name: `load ${what}: memory`, value: memory, unit: 'MiB', goal: { atMost: 250 } },
    { name: `load ${what}: refused`, value: refused, unit: '', goal: null },
    ...sources.flatMap((source) => measureSource(rules, index, source, rounds)),
  ];
}

function readFolder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

function measureSource(
  rules: readonly CompiledRule[],
  index: RuleIndex,
  { name, logsource, texts }: SourcedEvents,
  rounds: number,
): Figure[] {
  const events = texts.map((text) => JSON.parse(text) as object);
  const own = new RuleSet(rules).candidates(logsource);
  // Every rule on every event takes minutes; a part of the events tells the same.
  const some = events.slice(0, Math.max(1, Math.ceil(events.length / 20)));
  const expected = some.reduce((sum, event) => sum + countMatches(own, event), 0);
  const found = some.reduce((sum, event) => sum + index.matches(event, logsource).length, 0);
  if (expected !== found)
    throw new Error(`bench: the index finds ${found} matches of ${expected} in ${name}`);
  const best = bestOfRounds(rounds, {
    json: () => texts.forEach((text) => JSON.parse(text) as unknown),
    indexed: () => events.forEach((event) => index.matches(event, logsource)),
    routed: () => some.forEach((event) => countMatches(own, event)),
    linear: () => some.forEach((event) => countMatches(rules, event)),
  });
  const json = (best.json * 1000) / events.length;
  const indexed = (best.indexed * 1000) / events.length;
  const linear = (best.linear * 1000) / some.length;
  const routed = (best.routed * 1000) / some.length;
  const ratio = { unit: 'x JSON.parse', goal: null };
  return [
    { name: `rules, ${name}: JSON.parse`, value: json, unit: 'us', goal: null },
    {
      name: `rules, ${name}: through the index`,
      value: indexed / json,
      unit: 'x JSON.parse',
      goal: { atMost: 4 },
    },
    { name: `rules, ${name}: all ${rules.length} one by one`, value: linear / json, ...ratio },
    {
      name: `rules, ${name}: the ${own.length} of the log source one by one`,
      value: routed / json,
      ...ratio,
    },
    {
      name: `rules, ${name}: index faster than all one by one`,
      value: linear / indexed,
      unit: 'x',
      goal: { atLeast: 100 },
    },
  ];
}

function countMatches(rules: readonly CompiledRule[], event: object): number {
  let count = 0;
  for (const rule of rules) if (rule.match(event)) count++;
  return count;
}
