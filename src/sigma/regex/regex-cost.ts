import type { CharacterSet, RegexNode } from './regex-syntax.ts';
import { ANY_CHARACTER, NO_CHARACTER } from './regex-syntax.ts';

/**
 * How far a backtracking engine may go on the worst input of length n, from one starting place: it can take about
 * `ways` × n to the power `degree` ways through the expression, and `ways` × n to the power `work` steps on all of
 * them together. Infinity = exponential.
 */
export interface RegexCost {
  readonly ways: number;
  readonly degree: number;
  readonly work: number;
}

const CHEAP: RegexCost = { ways: 1, degree: 0, work: 0 };
const EXPONENTIAL: RegexCost = { ways: 1, degree: Infinity, work: Infinity };
const COMPARED_LENGTH = 64;

/**
 * An upper bound, told from the shape alone. A choice costs nothing where the next character decides it: a repetition
 * whose body cannot begin with what may follow it, alternatives that differ in a fixed place. Every other choice
 * multiplies; one that stands inside an unbounded repetition is exponential.
 */
export function regexCost(node: RegexNode): RegexCost {
  return cost(node, NO_CHARACTER);
}

/**
 * False if a search that begins at every place of the value still reads each place only a bounded number of times
 * (the size of the expression): no unbounded repetition runs over a place where the expression could begin, except
 * one at its very end, where the search has already succeeded.
 */
export function rereads(node: RegexNode): boolean {
  return rereadsFrom(node, first(node), true);
}

function rereadsFrom(node: RegexNode, starts: CharacterSet, last: boolean): boolean {
  switch (node.kind) {
    case 'set':
    case 'empty':
      return false;
    case 'look':
      return rereadsFrom(node.body, ANY_CHARACTER, false);
    case 'choice':
      return node.of.some((branch) => rereadsFrom(branch, starts, last));
    case 'sequence':
      return node.of.some((part, i) => rereadsFrom(part, starts, last && i === node.of.length - 1));
    case 'repeat':
      if (node.max === Infinity && !last && (anyOf(node.body) & starts) !== NO_CHARACTER) return true;
      return rereadsFrom(node.body, starts, last && node.max === 1);
  }
}

/** Every character that some step of the node may take. */
function anyOf(node: RegexNode): CharacterSet {
  switch (node.kind) {
    case 'set':
      return node.set;
    case 'empty':
      return NO_CHARACTER;
    case 'look':
    case 'repeat':
      return anyOf(node.body);
    case 'sequence':
    case 'choice':
      return node.of.reduce((set, part) => set | anyOf(part), NO_CHARACTER);
  }
}

/** Steps of the expression when its counts are written out: `(a{10}){10}` has 100. */
export function regexSize(node: RegexNode): number {
  switch (node.kind) {
    case 'set':
    case 'empty':
      return 1;
    case 'look':
      return regexSize(node.body);
    case 'sequence':
    case 'choice':
      return node.of.reduce((sum, part) => sum + regexSize(part), 1);
    case 'repeat':
      return regexSize(node.body) * Math.max(1, node.min, node.max === Infinity ? 1 : node.max);
  }
}

/** `follow` = the characters that may come right after the node. */
function cost(node: RegexNode, follow: CharacterSet): RegexCost {
  switch (node.kind) {
    case 'set':
    case 'empty':
      return CHEAP;
    case 'look':
      return cost(node.body, ANY_CHARACTER);
    case 'sequence':
      return sequenceCost(node.of, follow);
    case 'choice':
      return choiceCost(node.of, follow);
    case 'repeat':
      return repeatCost(node.body, node.min, node.max, follow);
  }
}

function sequenceCost(parts: readonly RegexNode[], follow: CharacterSet): RegexCost {
  let next = follow;
  let total = CHEAP;
  for (const part of parts.toReversed()) {
    total = inOrder(cost(part, next), total);
    next = first(part) | (nullable(part) ? next : NO_CHARACTER);
  }
  return total;
}

function choiceCost(branches: readonly RegexNode[], follow: CharacterSet): RegexCost {
  const costs = branches.map((branch) => cost(branch, follow));
  const degree = Math.max(...costs.map((c) => c.degree));
  const work = Math.max(...costs.map((c) => c.work));
  if (decided(branches, follow)) return { ways: Math.max(...costs.map((c) => c.ways)), degree, work };
  return { ways: costs.reduce((sum, c) => sum + c.ways, 0), degree, work };
}

/** True if at most one branch can go all the way for any input. */
function decided(branches: readonly RegexNode[], follow: CharacterSet): boolean {
  const firsts = branches.map((branch) => first(branch) | (nullable(branch) ? follow : NO_CHARACTER));
  const fixed = branches.map(fixedSets);
  return firsts.every((set, i) =>
    firsts
      .slice(i + 1)
      .every((other, j) => (set & other) === NO_CHARACTER || differ(fixed[i], fixed[i + 1 + j])),
  );
}

function differ(
  a: readonly CharacterSet[] | null | undefined,
  b: readonly CharacterSet[] | null | undefined,
): boolean {
  if (!a || !b) return false;
  return a.some((set, i) => b[i] !== undefined && (set & b[i]) === NO_CHARACTER);
}

/** The set of each place where the node always takes the same number of characters, else null. */
function fixedSets(node: RegexNode): readonly CharacterSet[] | null {
  if (node.kind === 'set') return [node.set];
  if (node.kind === 'empty') return [];
  if (node.kind !== 'sequence') return null;
  const sets: CharacterSet[] = [];
  for (const part of node.of) {
    const some = fixedSets(part);
    if (some === null || sets.length > COMPARED_LENGTH) return null;
    sets.push(...some);
  }
  return sets;
}

function repeatCost(body: RegexNode, min: number, max: number, follow: CharacterSet): RegexCost {
  if (max === 0) return CHEAP;
  const again = max > 1 ? first(body) : NO_CHARACTER;
  const inner = cost(body, again | follow);
  const free = inner.ways === 1 && inner.degree === 0;
  if (max > 1 && (!free || nullable(body))) {
    if (max === Infinity) return EXPONENTIAL;
    const ways = (inner.ways + (nullable(body) ? 1 : 0)) ** max;
    const work = inner.degree * (max - 1) + inner.work;
    return ownChoice({ ways, degree: inner.degree * max, work }, min, max, first(body), follow);
  }
  return ownChoice(inner, min, max, first(body), follow);
}

/** Adds the choice between one more round and going on. */
function ownChoice(
  inner: RegexCost,
  min: number,
  max: number,
  starts: CharacterSet,
  follow: CharacterSet,
): RegexCost {
  const work = max === Infinity ? Math.max(1, inner.work) : inner.work;
  if (min === max || (starts & follow) === NO_CHARACTER) return { ...inner, work };
  if (max === Infinity) return { ways: inner.ways, degree: inner.degree + 1, work };
  return { ways: inner.ways * (max - min + 1), degree: inner.degree, work };
}

/** Each way through `a` may try all of `b`. */
function inOrder(a: RegexCost, b: RegexCost): RegexCost {
  const work = Math.max(a.work, a.degree + b.work);
  return { ways: a.ways * b.ways, degree: a.degree + b.degree, work };
}

function first(node: RegexNode): CharacterSet {
  switch (node.kind) {
    case 'set':
      return node.set;
    case 'empty':
    case 'look':
      return NO_CHARACTER;
    case 'choice':
      return node.of.reduce((set, branch) => set | first(branch), NO_CHARACTER);
    case 'repeat':
      return node.max === 0 ? NO_CHARACTER : first(node.body);
    case 'sequence': {
      let set = NO_CHARACTER;
      for (const part of node.of) {
        set |= first(part);
        if (!nullable(part)) break;
      }
      return set;
    }
  }
}

function nullable(node: RegexNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'empty':
    case 'look':
      return true;
    case 'choice':
      return node.of.some(nullable);
    case 'repeat':
      return node.min === 0 || nullable(node.body);
    case 'sequence':
      return node.of.every(nullable);
  }
}
