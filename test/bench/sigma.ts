import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CompiledRule } from '../../src/sigma/index.ts';
import { compileRule, parseRules, RuleSet } from '../../src/sigma/index.ts';
import type { IndexStats } from '../../src/sigma/indexing/rule-index.ts';
import { RuleIndex } from '../../src/sigma/indexing/rule-index.ts';
import type { SourcedEvents } from './rule-events.ts';
import { eventTexts } from './rule-events.ts';
import { ruleTexts } from './rules.ts';

export interface LoadTimes {
  readonly rules: CompiledRule[];
  /** Documents that were refused, and why, each reason once. */
  readonly refused: number;
  readonly reasons: readonly string[];
  /** ms. */
  readonly parse: number;
  readonly compile: number;
}

/** Parses and compiles rule files as the catalogue would. */
export function loadRules(texts: readonly string[]): LoadTimes {
  const start = performance.now();
  const files = texts.map((text, i) => parseRules(text, `rule-${i}.yml`));
  const parsed = performance.now();
  const reasons = new Set<string>();
  let refused = 0;
  const rules: CompiledRule[] = [];
  for (const file of files) {
    const error = file.problems.find((problem) => problem.severity === 'error');
    if (error !== undefined) refused++;
    if (error !== undefined) reasons.add(error.message.replaceAll(/'[^']*'/g, "'…'"));
    for (const rule of file.rules) {
      if (rule.detection === null) continue;
      try {
        rules.push(compileRule(rule));
      } catch (problem) {
        refused++;
        reasons.add((problem as Error).message.replaceAll(/'[^']*'/g, "'…'").slice(0, 80));
      }
    }
  }
  return {
    rules,
    refused,
    reasons: [...reasons],
    parse: parsed - start,
    compile: performance.now() - parsed,
  };
}

export interface MatchTimes {
  readonly name: string;
  readonly events: number;
  /** Characters of an event's JSON, on average. */
  readonly size: number;
  /** µs an event: JSON.parse alone, every rule, the rules of the log source, the index's candidates. */
  readonly json: number;
  readonly linear: number;
  readonly routed: number;
  /** The index's candidates, each looking at the event again, and its matches, judged on what the index has read. */
  readonly again: number;
  readonly indexed: number;
  /** The index alone, without matching its candidates. */
  readonly lookup: number;
  /** Rules a log source has, candidates and matches an event. */
  readonly rules: number;
  readonly candidates: number;
  readonly matches: number;
}

/** Measures one kind of events. Throws if the index and the log source's whole list disagree on a match. */
export function measureMatching(
  rules: readonly CompiledRule[],
  index: RuleIndex,
  source: SourcedEvents,
): MatchTimes {
  const { name, logsource, texts } = source;
  const events = texts.map((text) => JSON.parse(text) as object);
  const routed = new RuleSet(rules).candidates(logsource);
  const linearEvents = events.slice(0, Math.max(1, Math.ceil(events.length / 20)));
  const candidates = events.reduce((sum, event) => sum + index.candidates(event, logsource).length, 0);
  const matches = countMatches(events, () => routed);
  const found = countMatches(events, (event) => index.candidates(event, logsource));
  if (found !== matches) throw new Error(`bench: the index finds ${found} matches of ${matches}`);
  const judged = events.reduce((sum, event) => sum + index.matches(event, logsource).length, 0);
  if (judged !== matches) throw new Error(`bench: the index judges ${judged} matches of ${matches}`);
  const count = (event: object, of: readonly CompiledRule[]): number => countMatches([event], () => of);
  return {
    name,
    events: events.length,
    size: texts.reduce((sum, text) => sum + text.length, 0) / texts.length,
    json: perOne(texts, (text) => JSON.parse(text) as unknown),
    linear: perOne(linearEvents, (event) => count(event, rules)),
    routed: perOne(linearEvents, (event) => count(event, routed)),
    again: perOne(events, (event) => count(event, index.candidates(event, logsource))),
    indexed: perOne(events, (event) => index.matches(event, logsource)),
    lookup: perOne(events, (event) => index.candidates(event, logsource)),
    rules: routed.length,
    candidates: candidates / events.length,
    matches: matches / events.length,
  };
}

function countMatches(events: readonly object[], of: (event: object) => readonly CompiledRule[]): number {
  let count = 0;
  for (const event of events) for (const rule of of(event)) if (rule.match(event)) count++;
  return count;
}

/** Events that are timed together: about as long as another process leaves a core alone. */
const SLICE = 40;
const ROUNDS = 15;

/**
 * µs of work on one of the list: each slice at the best of all rounds, for what else the machine does only ever adds.
 * A round goes through the whole list, so that nothing is in a cache because it was just used.
 */
function perOne<T>(list: readonly T[], work: (one: T) => unknown): number {
  const least = new Float64Array(Math.ceil(list.length / SLICE)).fill(Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (let slice = 0; slice < least.length; slice++) {
      const end = Math.min(list.length, (slice + 1) * SLICE);
      const start = performance.now();
      for (let i = slice * SLICE; i < end; i++) work(list[i] as T);
      least[slice] = Math.min(least[slice] as number, performance.now() - start);
    }
  }
  return (least.reduce((sum, ms) => sum + ms, 0) * 1000) / list.length;
}

/** Bytes in use after a collection of garbage. */
export function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function readFolder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

function print({ name, ...times }: MatchTimes): void {
  const us = (value: number): string => `${value.toFixed(1).padStart(9)} us`;
  const ratio = (value: number): string => `${(value / times.json).toFixed(2).padStart(8)} x JSON.parse`;
  console.log(
    `\n${name}: ${times.events} of ${Math.round(times.size)} characters, ${times.rules} rules of the log source`,
  );
  console.log(`JSON.parse                     ${us(times.json)}`);
  console.log(`every rule                     ${us(times.linear)}${ratio(times.linear)}`);
  console.log(`rules of the log source        ${us(times.routed)}${ratio(times.routed)}`);
  console.log(`candidates, each on its own    ${us(times.again)}${ratio(times.again)}`);
  console.log(`matches of the index           ${us(times.indexed)}${ratio(times.indexed)} (goal: at most 4)`);
  console.log(`  of it finding candidates     ${us(times.lookup)}${ratio(times.lookup)}`);
  console.log(
    `index ${(times.linear / times.indexed).toFixed(0)} x faster than every rule (goal: 100), ${(times.routed / times.indexed).toFixed(0)} x than the log source's`,
  );
  console.log(`${times.candidates.toFixed(1)} candidates, ${times.matches.toFixed(2)} matches an event`);
}

function printStats({ rules, indexes, open, never, fields, texts, bytes }: IndexStats): void {
  console.log(
    `index: ${rules} rules, ${indexes} built, ${open} always tried, ${never} never, ${fields} fields, ${texts} texts, tables ${(bytes / 2 ** 20).toFixed(1)} MiB`,
  );
}

/** `node test/bench/sigma.ts [--rules DIR] [--count N] [--records N] [--only TEXT]` */
function main(): void {
  const { values } = parseArgs({
    options: {
      rules: { type: 'string' },
      count: { type: 'string', default: '3000' },
      only: { type: 'string', default: '' },
      records: { type: 'string', default: '2000' },
    },
  });
  const texts =
    values.rules === undefined ? ruleTexts(Number(values.count), 1, values.only) : readFolder(values.rules);
  const sources = eventTexts(Number(values.records)).filter(({ logsource }) =>
    JSON.stringify(logsource).includes(values.only),
  );
  console.log(`${texts.length} rule files, ${cpus().length} cores, Node ${process.version}`);
  const before = usedBytes();
  const { rules, refused, reasons, parse, compile } = loadRules(texts);
  const start = performance.now();
  const index = new RuleIndex(rules);
  for (const { logsource } of sources) index.candidates({}, logsource);
  const built = performance.now() - start;
  const memory = (usedBytes() - before) / 2 ** 20;
  console.log(
    `load: parse ${parse.toFixed(0)} ms, compile ${compile.toFixed(0)} ms, index ${built.toFixed(0)} ms (goal: 10 s together)`,
  );
  console.log(
    `memory: ${memory.toFixed(0)} MiB (goal: at most 250); ${refused} refused${reasons.map((one) => `\n  ${one}`).join('')}`,
  );
  for (const source of sources) print(measureMatching(rules, index, source));
  printStats(index.stats());
}

if (process.argv[1] === import.meta.filename) main();
