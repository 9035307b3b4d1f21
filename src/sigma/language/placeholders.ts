import type { AlternativesValue, Detection, Item, Pattern, PatternPart, Selection, Value } from './ast.ts';
import { parsePattern } from './pattern.ts';

/** The values of each placeholder; they may hold wildcards. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

/** Patterns that the placeholders of one rule may become: several in one value multiply. */
export const MAX_PLACEHOLDER_PATTERNS = 10_000;
/** Characters of these patterns: a long text around a placeholder is repeated for each of its values. */
const MAX_PLACEHOLDER_CHARACTERS = 4_194_304;

/** A name as pySigma reads it; a percent sign behind a backslash is only itself. */
const PLACEHOLDER = /(?<!\\)%([\p{L}\p{N}_]+)%/gu;

/** Finds `%name%` in a pattern and takes the backslash from `\%`. */
export function splitPlaceholders(parts: readonly PatternPart[]): PatternPart[] {
  return parts.flatMap((part) => (typeof part === 'string' ? splitLiteral(part) : [part]));
}

function splitLiteral(text: string): PatternPart[] {
  const parts: PatternPart[] = [];
  let from = 0;
  const literal = (to: number): void => {
    const between = text.slice(from, to).replaceAll('\\%', '%');
    if (between !== '') parts.push(between);
  };
  for (const match of text.matchAll(PLACEHOLDER)) {
    literal(match.index);
    parts.push({ placeholder: match[1] ?? '' });
    from = match.index + match[0].length;
  }
  literal(text.length);
  return parts;
}

/** Names of the placeholders of a detection, each once, in order of first use. */
export function placeholdersIn(detection: Detection): string[] {
  const names = new Set<string>();
  mapPatterns(detection, (pattern) => {
    for (const part of pattern.parts) if (isPlaceholder(part)) names.add(part.placeholder);
    return pattern;
  });
  return [...names];
}

/**
 * Puts values in the place of placeholders. Every name of `placeholdersIn` must be in `values`; a name with an empty
 * list is a value that nothing is equal to. Returns the reason where the patterns would be too many.
 */
export function resolvePlaceholders(detection: Detection, values: Placeholders): Detection | string {
  let left = MAX_PLACEHOLDER_PATTERNS;
  let characters = MAX_PLACEHOLDER_CHARACTERS;
  const resolved = mapPatterns(detection, (pattern) => {
    if (!pattern.parts.some(isPlaceholder)) return pattern;
    const choices = pattern.parts.map((part) => choicesOf(part, values));
    const count = choices.reduce((product, choice) => product * choice.length, 1);
    left -= count;
    characters -= count * choices.reduce((sum, choice) => sum + longestOf(choice), 0);
    if (left < 0 || characters < 0) return pattern;
    return { kind: 'alternatives', of: combine(choices).map((parts) => ({ ...pattern, parts })) };
  });
  if (left >= 0 && characters < 0)
    return `its placeholders make more than ${MAX_PLACEHOLDER_CHARACTERS} characters; shorten the text around them`;
  if (left >= 0) return resolved;
  return `its placeholders make more than ${MAX_PLACEHOLDER_PATTERNS} patterns; give them fewer values`;
}

function isPlaceholder(part: PatternPart): part is { readonly placeholder: string } {
  return typeof part === 'object' && 'placeholder' in part;
}

function choicesOf(part: PatternPart, values: Placeholders): readonly (readonly PatternPart[])[] {
  if (!isPlaceholder(part)) return [[part]];
  return (values.get(part.placeholder) ?? []).map(parsePattern);
}

function longestOf(choice: readonly (readonly PatternPart[])[]): number {
  return choice.reduce((most, parts) => Math.max(most, charactersOf(parts)), 0);
}

function charactersOf(parts: readonly PatternPart[]): number {
  return parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 1), 0);
}

function combine(choices: readonly (readonly (readonly PatternPart[])[])[]): PatternPart[][] {
  const rows = choices.reduce<PatternPart[][]>(
    (all, choice) => all.flatMap((before) => choice.map((parts) => [...before, ...parts])),
    [[]],
  );
  return rows.map(joinLiterals);
}

/** Two literals side by side are one, so that the matcher sees a whole text where there is one. */
function joinLiterals(parts: readonly PatternPart[]): PatternPart[] {
  const joined: PatternPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

type MapPattern = (pattern: Pattern) => Pattern | AlternativesValue;

function mapPatterns(detection: Detection, map: MapPattern): Detection {
  const selections = new Map(
    [...detection.selections].map(([name, selection]) => [name, mapSelection(selection, map)]),
  );
  return { selections, condition: detection.condition };
}

function mapSelection(selection: Selection, map: MapPattern): Selection {
  if (selection.kind === 'item') return { kind: 'item', item: mapItem(selection.item, map) };
  if (selection.kind === 'elements') return { ...selection, body: mapPatterns(selection.body, map) };
  return { kind: selection.kind, of: selection.of.map((one) => mapSelection(one, map)) };
}

function mapItem(item: Item, map: MapPattern): Item {
  const values = item.values.map((value): Value => {
    if (value.kind === 'pattern') return map(value);
    if (value.kind !== 'alternatives') return value;
    const of = value.of.flatMap((pattern) => {
      const mapped = map(pattern);
      return mapped.kind === 'pattern' ? [mapped] : mapped.of;
    });
    return { kind: 'alternatives', of };
  });
  return { ...item, values };
}
