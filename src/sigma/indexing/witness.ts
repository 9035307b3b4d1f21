import type {
  Condition,
  Detection,
  Item,
  NetworkValue,
  Pattern,
  PatternPart,
  PathStep,
  Selection,
  Value,
} from '../language/ast.ts';
import { fold } from '../matching/fold.ts';
import { compileRegex } from '../regex/regex.ts';
import { requiredLiterals } from '../regex/regex-literals.ts';
import { parseRegex } from '../regex/regex-syntax.ts';

/**
 * What an event must hold so that a rule can match it.
 *
 * A need is a list of witnesses of which at least one must be found in the event. Claim: if `detection` matches an
 * event, every need of `needsOf(detection)` is met. No need at all = open, the rule must always be tried. Every step
 * below only weakens what the matcher asks, so the claim follows by induction over the tree:
 *
 * - Leaves. A value matches when some leaf at the field (for keywords: any leaf of the event) passes its test. Where the
 *   test asks that the whole folded text is equal, the witness asks the same. A pattern that matches holds each of its
 *   literals, so it holds the longest; folding works on each character by itself and keeps the length, so
 *   "raw text holds literal" implies "folded text holds folded literal" (a literal that begins or ends with half a
 *   surrogate pair is the exception and counts for nothing). At the start or end it is asked for there only if the
 *   pattern has nothing outside of it. An expression holds one of its required literals. Whatever else a leaf must be
 *   (number, time, another field's value), there must be one: the field is present. Leaves and presence are
 *   read by the same descent as the matcher's (path.ts).
 *   An address is looked for by the way it can be written.
 * - And (maps, `|all`, `all of`): every branch matches, so every need of every branch is met. Needs may be dropped.
 * - Or (values, alternatives, lists, `1 of`): some branch matches, and all its needs are met. A union that takes at
 *   least one need of each branch is therefore met, whichever branch it was; an open branch leaves no such union.
 * - What can match without holding anything is open: not, neq, null, exists: false, a pattern without literals among
 *   keywords, `none` and `all_or_empty` over elements, and everything this file does not know.
 * - Elements (`any`, `all`): one element passes the body, so the array is present. Indexes: what stands before is.
 * - Looking. Of a text a part is looked for at the same place (source-index.ts), which only weakens; and every text that
 *   stands in a folded leaf is found (text-finder.ts): a prefix or suffix is a path from the root of its trie, a short
 *   text a path of the automaton, and a long one holds its gram at a known offset, equal grams set equal bits, so the
 *   place where the text stands is looked at. What is found is compared unit by unit, so a text looked for whole and
 *   anywhere is found exactly when a folded leaf holds it: slot-tests.ts takes that for the verdict.
 * - A condition that can never hold has a need without witnesses, which is never met.
 */
export type Witness =
  /** The field (null: any leaf) holds the text, folded. */
  | { readonly field: string | null; readonly text: string; readonly place: TextPlace }
  /** Something is at the field, null and empty included. */
  | { readonly field: string; readonly text: null };

export type TextPlace = 'whole' | 'prefix' | 'suffix' | 'infix';

/** One of these must be found. */
export type Need = readonly Witness[];

/** All of these must be met; none = open. */
export type Needs = readonly Need[];

/** Judges how often a witness is found, as a share of events; only for speed. */
export type Rarity = (witness: Witness) => number;

/** More needs are not kept: three tell almost every event apart, and each is looked for. */
export const MAX_NEEDS = 3;

const OPEN: Needs = [];

/** What every event that the detection matches meets: the rarest first, at most MAX_NEEDS. */
export function needsOf(detection: Detection, rarity: Rarity): Needs {
  const known = new Map<string, Needs>();
  const ofSelection = (name: string): Needs => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const selection = detection.selections.get(name);
    const found = selection === undefined ? [[]] : selectionNeeds(selection, rarity);
    known.set(name, found);
    return found;
  };
  return conditionNeeds(detection.condition, ofSelection, rarity);
}

function conditionNeeds(condition: Condition, ofSelection: (name: string) => Needs, rarity: Rarity): Needs {
  switch (condition.kind) {
    case 'never':
      return [[]];
    case 'not':
      return OPEN;
    case 'selection':
      return ofSelection(condition.name);
    case 'or':
      return either(condition.of.map((part) => conditionNeeds(part, ofSelection, rarity)));
    case 'and':
      return all(
        condition.of.map((part) => conditionNeeds(part, ofSelection, rarity)),
        rarity,
      );
  }
}

function selectionNeeds(selection: Selection, rarity: Rarity): Needs {
  switch (selection.kind) {
    case 'item':
      return itemNeeds(selection.item, rarity);
    case 'any':
      return either(selection.of.map((part) => selectionNeeds(part, rarity)));
    case 'all':
      return all(
        selection.of.map((part) => selectionNeeds(part, rarity)),
        rarity,
      );
    case 'elements': {
      const { quantifier, steps } = selection;
      return quantifier === 'any' || quantifier === 'all' ? leadingPresence(steps) : OPEN;
    }
  }
}

/** The keys before the first index are one dotted name, as the matcher reads them. */
function leadingPresence(steps: readonly PathStep[]): Needs {
  const keys: string[] = [];
  for (const step of steps) {
    if (!('key' in step)) break;
    keys.push(step.key);
  }
  return keys.length === 0 ? OPEN : [[{ field: keys.join('.'), text: null }]];
}

function itemNeeds(item: Item, rarity: Rarity): Needs {
  if (item.negated || item.values.length === 0) return OPEN;
  const each = item.values.map((value): Needs => {
    const found = valueWitnesses(item, value);
    return found === null ? OPEN : [found];
  });
  const needs = item.link === 'and' ? all(each, rarity) : either(each);
  return item.steps === undefined || needs.length === 0 ? needs : leadingPresence(item.steps);
}

/** One of them is found if the value matches; null = the value may match without. */
type Witnesses = Need | null;

function valueWitnesses(item: Item, value: Value): Witnesses {
  const { field } = item;
  switch (value.kind) {
    case 'pattern':
      return patternWitnesses(item, value);
    case 'alternatives':
      return union(value.of.map((pattern) => patternWitnesses(item, pattern)));
    case 'number':
      return union([String(value.value), value.source].map((text) => wholeText(item, text)));
    case 'boolean':
      return wholeText(item, String(value.value));
    case 'regex':
      return regexWitnesses(item, value.source, value.flags);
    case 'exists':
      return value.value ? presence(field) : null;
    case 'network':
      return networkWitnesses(field, value);
    case 'compare':
    case 'time':
    case 'fieldref':
      return presence(field);
    // Null, and what is added to the language later.
    default:
      return null;
  }
}

function presence(field: string | null): Witnesses {
  return field === null ? null : [{ field, text: null }];
}

/**
 * A text that is an address (network.ts) and has no colon is four decimal numbers with dots between, perhaps in
 * brackets: it begins with the network's whole bytes, unless one of these is written with a leading zero. With a colon
 * it may be anything.
 */
function networkWitnesses(field: string | null, { address, bits }: NetworkValue): Witnesses {
  if (field === null) return null;
  const withColon: Witness = { field, text: ':', place: 'infix' };
  if (address.length !== 4) return [withColon];
  const fixed = address.slice(0, Math.floor(bits / 8)).map((byte) => `${byte}`);
  if (fixed.length === 0) return [{ field, text: null }];
  const start = fixed.length === 4 ? fixed.join('.') : `${fixed.join('.')}.`;
  const padded: Witness[] = fixed.length === 1 ? [] : [{ field, text: '.0', place: 'infix' }];
  return [
    { field, text: start, place: 'prefix' },
    { field, text: '0', place: 'prefix' },
    { field, text: '[', place: 'prefix' },
    withColon,
    ...padded,
  ];
}

/** Keywords are found inside a leaf, fields are compared whole. */
function wholeText(item: Item, text: string): Witnesses {
  if (item.field !== null && !item.substring)
    return [{ field: item.field, text: fold(text), place: 'whole' }];
  return heldText(item, text, 'infix');
}

function heldText(item: Item, text: string, place: TextPlace): Witnesses {
  if (text === '') return presence(item.field);
  return [{ field: item.field, text: fold(text), place }];
}

function patternWitnesses(item: Item, pattern: Pattern): Witnesses {
  const { parts, cased } = pattern;
  const [only = ''] = parts;
  if (parts.length <= 1 && typeof only === 'string' && !(cased && isHalved(only))) {
    return wholeText(item, only);
  }
  const usable = parts
    .map((part, at) => ({ part, at }))
    .filter((one): one is { part: string; at: number } => isUsable(one.part, cased));
  if (usable.length === 0) return presence(item.field);
  const { part, at } = usable.reduce((longest, one) =>
    one.part.length > longest.part.length ? one : longest,
  );
  return heldText(item, part, placeOf(item, at, parts.length));
}

function isUsable(part: PatternPart, cased: boolean): boolean {
  return typeof part === 'string' && !(cased && isHalved(part));
}

function placeOf(item: Item, at: number, count: number): TextPlace {
  if (item.substring) return 'infix';
  if (at === 0) return 'prefix';
  return at === count - 1 ? 'suffix' : 'infix';
}

/** Half a surrogate pair at an end may be part of a character in the value, which folding would then change. */
function isHalved(text: string): boolean {
  return /^[\udc00-\udfff]|[\ud800-\udbff]$/.test(text);
}

function regexWitnesses(item: Item, source: string, flags: string): Witnesses {
  const compiled = compileRegex(source, flags);
  if (typeof compiled === 'string') return presence(item.field);
  const { regexp } = compiled;
  const literals = requiredLiterals(parseRegex(regexp.source, regexp.flags));
  if (literals === null) return presence(item.field);
  return union(literals.map((text) => heldText(item, text, 'infix')));
}

function union(parts: readonly Witnesses[]): Witnesses {
  const together: Witness[] = [];
  for (const part of parts) {
    if (part === null) return null;
    together.push(...part);
  }
  return together;
}

/** Union by rank: the best need of each branch, then the second best; a branch with fewer gives its last again. */
function either(branches: readonly Needs[]): Needs {
  if (branches.some((branch) => branch.length === 0)) return OPEN;
  const ranks = Math.max(0, ...branches.map((branch) => branch.length));
  // No branch at all can never match.
  if (ranks === 0) return [[]];
  return Array.from({ length: ranks }, (_, rank) =>
    branches.flatMap((branch) => branch[Math.min(rank, branch.length - 1)] as Need),
  );
}

function all(branches: readonly Needs[], rarity: Rarity): Needs {
  const judged = branches.flat().map((need) => ({ need, share: shareOf(need, rarity) }));
  return judged
    .sort((a, b) => a.share - b.share)
    .slice(0, MAX_NEEDS)
    .map(({ need }) => need);
}

/** The share of events that meet a need, as far as witnesses can tell. */
export function shareOf(need: Need, rarity: Rarity): number {
  return need.reduce((sum, witness) => sum + rarity(witness), 0);
}
