/**
 * What a rule says, independent of YAML and of how it is matched. Everything here was checked at load:
 * a tree that exists can be compiled.
 */

/** `*` = any run of characters, `?` = exactly one character (code point). */
export interface Wildcard {
  readonly wild: '*' | '?';
}

export type PatternPart = string | Wildcard;

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

export type Value =
  Pattern | NumberValue | BooleanValue | NullValue | RegexValue | NetworkValue | CompareValue | ExistsValue;

/** `field|modifiers: values`; `field` null = keywords, which look at every leaf of the event. */
export interface Item {
  readonly field: string | null;
  readonly link: 'or' | 'and';
  readonly negated: boolean;
  /** Keywords without `startswith`/`endswith` are found anywhere in a leaf. */
  readonly substring: boolean;
  /** Empty = the rule gave an empty list, which means null. */
  readonly values: readonly Value[];
}

export type Selection =
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Selection[] };

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
