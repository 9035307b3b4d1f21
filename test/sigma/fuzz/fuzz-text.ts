import { readdirSync, readFileSync } from 'node:fs';
import type { Random } from '../../bench/random.ts';
import { ruleTexts } from '../../bench/rules.ts';
import { readCases, textOf } from '../conformance/cases.ts';
import { makeDocuments, makeValue, ODD_NAMES, PIECES } from './fuzz-documents.ts';
import { EXTREMES } from './fuzz-extremes.ts';

const FILES = ['strings', 'types', 'modifiers', 'structure', 'conditions', 'arrays', 'filters', 'errors'];

/** Good and bad documents to begin with: the conformance cases, the shipped pack, generated rules. */
export function seedTexts(): readonly string[] {
  const pack = new URL('../../../detections/', import.meta.url);
  const shipped = readdirSync(pack, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml') && !name.endsWith('.cases.yml'))
    .sort()
    .map((name) => readFileSync(new URL(name, pack), 'utf8'));
  const cases = [...FILES, 'correlations', 'correlations'].flatMap(readCases).map(textOf);
  return [...cases, ...shipped, ...ruleTexts(60)];
}

/** A text that may be read as rules: a seed changed here and there, one made from the grammar, or an extreme. */
export function makeText(random: Random, seeds: readonly string[]): string {
  const kind = random.next();
  if (kind < 0.006) return extreme(random);
  if (kind < 0.55) return makeDocuments(random);
  let text = random.pick(seeds);
  for (let left = random.below(5); left > 0; left--) text = mutate(random, text, seeds);
  return text;
}

const MUTATIONS: readonly ((random: Random, text: string, seeds: readonly string[]) => string)[] = [
  (random, text) => splice(random, text, 1, String.fromCharCode(random.below(0x10000))),
  (random, text) => splice(random, text, 1, String.fromCharCode(random.below(128))),
  (random, text) => splice(random, text, 0, random.pick(PIECES)),
  (random, text) => splice(random, text, random.below(20), ''),
  (random, text) => text.slice(0, random.below(text.length + 1)),
  (random, text) => swapWord(random, text, random.pick(ODD_NAMES)),
  (random, text) => swapWord(random, text, JSON.stringify(random.pick(ODD_NAMES))),
  (random, text) => swapWord(random, text, makeValue(random, 2)),
  (random, text) => changeLine(random, text, (line) => [line, line]),
  (random, text) => changeLine(random, text, () => []),
  (random, text) => changeLine(random, text, (line) => [line.replace(/^ */, ' '.repeat(random.below(9)))]),
  (random, text) => changeLine(random, text, (line) => [line, random.pick(text.split('\n'))]),
  (random, text, seeds) => `${text}\n---\n${random.pick(seeds)}`,
  (_random, text) => text.replace(/: (\S)/, ': &x $1').replace(/: (\w+)$/m, ': *x'),
];

function mutate(random: Random, text: string, seeds: readonly string[]): string {
  return random.pick(MUTATIONS)(random, text, seeds);
}

function splice(random: Random, text: string, removed: number, added: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + added + text.slice(at + removed);
}

function changeLine(random: Random, text: string, change: (line: string) => string[]): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  lines.splice(at, 1, ...change(lines[at] ?? ''));
  return lines.join('\n');
}

function swapWord(random: Random, text: string, word: string): string {
  const words = [...text.matchAll(/[\w.-]+/g)];
  if (words.length === 0) return word;
  const { 0: old, index } = random.pick(words);
  return text.slice(0, index) + word + text.slice(index + old.length);
}

function extreme(random: Random): string {
  return random.pick(EXTREMES)(random.pick([10, 100, 1000, 3000]));
}
