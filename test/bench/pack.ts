import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { ruleLogsource } from '../../src/records/index.ts';
import type { CompiledRule, EventLogSource } from '../../src/sigma/index.ts';
import { RuleIndex, RuleSet } from '../../src/sigma/index.ts';
import { generateWorld } from '../../src/simulator/generate/index.ts';
import type { Figure } from './report.ts';
import { bestOfRounds } from './report.ts';

const NOW = Date.UTC(2026, 10, 23, 6, 30);

/** What enrichment adds to a record before rules read it; it takes no part in JSON.parse. */
const CONTEXT = {
  country: 'DE',
  country_allowed: true,
  network_trusted: false,
  person: { privileged: false, break_glass: false, vip: false, leaver: false, account_age_days: 400 },
  target: { outside: false, privileged: false },
  historical: true,
};

interface FeedRecords {
  readonly feed: string;
  readonly logsource: EventLogSource;
  readonly texts: readonly string[];
}

/** The shipped pack on simulated records of its two feeds: matching only, records parsed and enriched before. */
export async function measurePack(count: number, rounds: number): Promise<Figure[]> {
  const rules = await shippedRules();
  return simulatedRecords(count).flatMap((source) => measureFeed(rules, source, rounds));
}

async function shippedRules(): Promise<CompiledRule[]> {
  const { detections, problems } = await loadCatalogue();
  const error = problems.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw new Error(`bench: the shipped pack does not load: ${error.message}`);
  return detections.flatMap(({ parts }) => parts.flatMap(({ rule }) => (rule === null ? [] : [rule])));
}

function simulatedRecords(count: number): FeedRecords[] {
  const { tenants } = generateWorld({ seed: 1, days: 30, to: NOW });
  const lists = [
    { feed: 'sign-ins', records: tenants.flatMap(({ signIns }) => signIns) },
    { feed: 'directory-audits', records: tenants.flatMap(({ directoryAudits }) => directoryAudits) },
  ];
  return lists.map(({ feed, records }) => ({
    feed,
    logsource: ruleLogsource(feed),
    texts: Array.from({ length: count }, (_, i) => JSON.stringify(records[i % records.length]?.record)),
  }));
}

function measureFeed(rules: readonly CompiledRule[], source: FeedRecords, rounds: number): Figure[] {
  const { feed, logsource, texts } = source;
  const events = texts.map((text) => ({ ...(JSON.parse(text) as object), context: CONTEXT }));
  const own = new RuleSet(rules).candidates(logsource);
  const index = new RuleIndex(rules);
  const alone = (): number =>
    events.reduce((sum, event) => sum + own.filter((rule) => rule.match(event)).length, 0);
  const indexed = (): number =>
    events.reduce((sum, event) => sum + index.matches(event, logsource).length, 0);
  if (alone() !== indexed()) throw new Error(`bench: the index finds other matches in ${feed}`);
  const best = bestOfRounds(rounds, {
    json: () => texts.forEach((text) => JSON.parse(text) as unknown),
    alone,
    indexed,
  });
  const size = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  const us = (ms: number): number => (ms * 1000) / texts.length;
  return [
    {
      name: `pack, ${feed}: JSON.parse of ${Math.round(size)} characters`,
      value: us(best.json),
      unit: 'us',
      goal: null,
    },
    {
      name: `pack, ${feed}: ${own.length} rules through the index`,
      value: best.indexed / best.json,
      unit: 'x JSON.parse',
      goal: { atMost: 0.5 },
    },
    {
      name: `pack, ${feed}: ${own.length} rules one by one`,
      value: best.alone / best.json,
      unit: 'x JSON.parse',
      goal: { atMost: 0.5 },
    },
    { name: `pack, ${feed}: matches an event`, value: indexed() / events.length, unit: '', goal: null },
  ];
}
