/**
 * What a rule says, independent of YAML and of how it is matched. Everything here was checked at load:
 * a tree that exists can be compiled.
 */

/** `*` = any run of characters, `?` = exactly one character (code point). */
export interface Wildcard {
  readonly wild: '*' | '?';
}

/** Exactly one of these characters: what `windash` makes of a dash. */
export interface CharacterClass {
  readonly oneOf: string;
}

/** `%name%` under `expand`, until the tenant's values are put in its place. */
export interface Placeholder {
  readonly placeholder: string;
}

export type PatternPart = string | Wildcard | CharacterClass | Placeholder;

export interface Pattern {
  readonly kind: 'pattern';
  /** Literals (escapes removed) and wildcards in order; no parts = the empty string. */
  readonly parts: readonly PatternPart[];
  readonly cased: boolean;
}

/** Equal to the number, or to its decimal text, or to the text the author wrote (`1.50`). */
export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  readonly source: string;
}

export interface BooleanValue {
  readonly kind: 'boolean';
  readonly value: boolean;
}

/** The field is absent, null, or holds nothing but nulls. */
export interface NullValue {
  readonly kind: 'null';
}

/** An unanchored search; `flags` is a subset of `ims` in that order. */
export interface RegexValue {
  readonly kind: 'regex';
  readonly source: string;
  readonly flags: string;
}

/** `address` has 4 or 16 bytes, host bits zero; `bits` is the prefix length. */
export interface NetworkValue {
  readonly kind: 'network';
  readonly address: readonly number[];
  readonly bits: number;
}

export type Comparison = 'lt' | 'lte' | 'gt' | 'gte';

export interface CompareValue {
  readonly kind: 'compare';
  readonly operator: Comparison;
  readonly value: number;
}

/** Presence only: a field that is there and null exists. */
export interface ExistsValue {
  readonly kind: 'exists';
  readonly value: boolean;
}

/** One written value that stands for several patterns (`base64offset`, `windash`): one must match, also under `all`. */
export interface AlternativesValue {
  readonly kind: 'alternatives';
  readonly of: readonly Pattern[];
}

/** The value of another field; `before`/`after` allow anything before or after it. Absent on either side = no match. */
export interface FieldReferenceValue {
  readonly kind: 'fieldref';
  readonly field: string;
  /** As in `Item`: the steps where the name holds an index or an escape. */
  readonly steps?: readonly PathStep[];
  readonly before: boolean;
  readonly after: boolean;
  readonly cased: boolean;
}

export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** A part of a timestamp, in UTC; `week` is the ISO 8601 week. */
export interface TimePartValue {
  readonly kind: 'time';
  readonly part: TimePart;
  readonly operator: Comparison | 'eq';
  readonly value: number;
}

export type Value =
  | Pattern
  | NumberValue
  | BooleanValue
  | NullValue
  | RegexValue
  | NetworkValue
  | CompareValue
  | ExistsValue
  | AlternativesValue
  | FieldReferenceValue
  | TimePartValue;

/** One step of a field path under `sigma-version: 3`; a negative index counts from the end. */
export type PathStep = { readonly key: string } | { readonly index: number };

/** `field|modifiers: values`; `field` null = keywords, which look at every leaf of the event. */
export interface Item {
  /** As written. `.` inside an element body is the element itself. */
  readonly field: string | null;
  /** The field's steps where it holds an index or an escape (`sigma-version: 3`); absent = a dotted name. */
  readonly steps?: readonly PathStep[];
  readonly link: 'or' | 'and';
  readonly negated: boolean;
  /** Keywords without `startswith`/`endswith` are found anywhere in a leaf. */
  readonly substring: boolean;
  /** Empty = the rule gave an empty list, which means null. */
  readonly values: readonly Value[];
}

/** How many elements of an array must hold (SEP #212). `all_or_empty` and `none` hold for an absent or empty array. */
export type Quantifier = 'any' | 'all' | 'all_or_empty' | 'none';

export type Selection =
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Selection[] }
  /** `field[any]: …`: the body is judged on each element of the array by itself. */
  | {
      readonly kind: 'elements';
      readonly field: string;
      readonly steps: readonly PathStep[];
      readonly quantifier: Quantifier;
      readonly body: Detection;
    };

/** Quantifiers are resolved to names at load; a quantifier without names is `never`. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'selection'; readonly name: string }
  | { readonly kind: 'never' };

export interface Detection {
  readonly selections: ReadonlyMap<string, Selection>;
  readonly condition: Condition;
}
