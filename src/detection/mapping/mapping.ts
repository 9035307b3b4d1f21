import { createHash } from 'node:crypto';
import { logSources } from '../../records/index.ts';
import { compileExpression, pathOf, type Reader } from './extract.ts';
import { mappingFile, vocabularyFile, type Expression, type MappingSource } from './schema.ts';
import mappingJson from './sigma-mapping.json' with { type: 'json' };
import vocabulariesJson from './vocabularies.json' with { type: 'json' };

/** How one field name of a rule is read from Graph's records. */
export interface MappedField {
  readonly read: Reader;
  /** Graph paths behind it; empty for a constant. Each must be carried for the field to be known. */
  readonly paths: readonly string[];
  /** Whether a property behind it is in beta only. */
  readonly beta: boolean;
  /** Whether it takes more than another name: a list, text that is JSON, a table of values. */
  readonly projected: boolean;
  /** Every value that can occur; null = anything. */
  readonly vocabulary: ReadonlySet<string> | null;
  /** It holds sentences that Microsoft promises nowhere: any value, or a whole one, matches by luck alone. */
  readonly wording: 'any' | 'whole' | null;
}

/** One log source of Sigma's in Microsoft Graph. */
export interface SourceMapping {
  /** `product/service`. */
  readonly name: string;
  /** Feed whose records it means; null when there is none. */
  readonly feed: string | null;
  readonly reads: readonly string[];
  /** Changes with anything that decides what its rules match. */
  readonly digest: string;
  readonly cannot: { readonly status: 'no_source' | 'state'; readonly why: string } | null;
  /** Null for a field that Graph does not have. */
  field(name: string): MappedField | null;
}

const file = mappingFile.parse(mappingJson);
const words = new Map(
  Object.entries(vocabularyFile.parse(vocabulariesJson)).map(([name, one]) => [name, new Set(one.words)]),
);

/** Words of documentation that stand in rules where a value should. */
export const documentationWords: ReadonlySet<string> = new Set(
  file.documentation_words.map((word) => word.toLowerCase()),
);

const mappings = new Map<string, SourceMapping>(
  Object.entries(file.sources).map(([name, source]) => [name, makeMapping(name, source)]),
);

/** Every log source of the mapping. */
export function mappedSources(): SourceMapping[] {
  return [...mappings.values()];
}

/** The mapping of a rule's log source, case aside; null when the mapping does not know it. */
export function mappingOf(logsource: {
  readonly product: string | null;
  readonly service: string | null;
}): SourceMapping | null {
  const name = `${logsource.product ?? ''}/${logsource.service ?? ''}`.toLowerCase();
  return mappings.get(name) ?? null;
}

function makeMapping(name: string, source: MappingSource): SourceMapping {
  const known = new Map<string, MappedField | null>();
  const listed = new Map(Object.entries(source.fields));
  const folded = new Map(Object.entries(source.fields).map(([key, value]) => [key.toLowerCase(), value]));
  const find = (field: string): MappedField | null => {
    const expressions =
      listed.get(field) ??
      folded.get(field.toLowerCase()) ??
      matchingRest(source, field) ??
      ownProperty(source.feed, field);
    return expressions === null ? null : toField(source, field, expressions);
  };
  return {
    name,
    feed: source.feed ?? null,
    reads: source.reads ?? [],
    digest: createHash('sha256').update(JSON.stringify(source)).digest('hex').slice(0, 16),
    cannot: source.cannot ?? null,
    field(field) {
      const before = known.get(field);
      if (before !== undefined) return before;
      const found = find(field);
      known.set(field, found);
      return found;
    },
  };
}

/** A listed name that ends in `*`, the longest first, with the rest put in. */
function matchingRest(source: MappingSource, field: string): Expression[] | null {
  const open = Object.keys(source.fields)
    .filter((name) => name.endsWith('*') && field.length >= name.length)
    .filter((name) => field.toLowerCase().startsWith(name.slice(0, -1).toLowerCase()))
    .sort((a, b) => b.length - a.length)[0];
  if (open === undefined) return null;
  const rest = field.slice(open.length - 1);
  return (source.fields[open] ?? []).map((one): Expression => {
    if ('kv' in one) return { ...one, name: one.name.replace('*', () => rest) };
    return 'path' in one ? { ...one, path: one.path.replace('*', () => rest) } : one;
  });
}

/** Graph's own property of that name, in any case and also behind `properties.`, as Log Analytics and Sentinel write it. */
function ownProperty(feed: string | undefined, field: string): Expression[] | null {
  const origins = Object.values(logSources.get(feed ?? '')?.origins ?? {}).sort((a, b) => b.rank - a.rank);
  const [richest] = origins;
  if (richest === undefined) return null;
  const name = field.replace(/^properties\./i, '').toLowerCase();
  for (const declared of richest.fields) {
    const path = declaredPath(declared, name, field);
    if (path === null) continue;
    const beta = origins.some((origin) => !origin.carries(path)) ? { beta: true as const } : {};
    const whole = path === declared;
    return [
      whole ? { path, ...beta } : isInside(declared, path) ? { path, ...beta } : { leaves: path, ...beta },
    ];
  }
  return null;
}

/** The declared path, one inside its open object, or an object on the way to it; null for another one. */
function declaredPath(declared: string, name: string, field: string): string | null {
  const plain = declared.replace(/\.\*$/, '');
  const low = plain.toLowerCase();
  if (low === name || low.startsWith(`${name}.`)) return plain.slice(0, name.length);
  if (!declared.endsWith('.*') || !name.startsWith(`${low}.`)) return null;
  return plain + field.slice(field.length - (name.length - low.length));
}

function isInside(declared: string, path: string): boolean {
  return declared.endsWith('.*') && path.length > declared.length - 2;
}

/** Readers by what they do: one property goes by many names, and an event reads it once for all of them. */
const readers = new Map<string, Reader>();

function sharedReader(expressions: readonly Expression[]): Reader {
  const key = JSON.stringify(expressions);
  const known = readers.get(key);
  if (known !== undefined) return known;
  const each = expressions.map(compileExpression);
  const [only] = each;
  const reader: Reader =
    only !== undefined && each.length === 1 ? only : (record) => each.flatMap((read) => read(record));
  readers.set(key, reader);
  return reader;
}

function wordingOf(source: MappingSource, field: string): 'any' | 'whole' | null {
  const found = Object.entries(source.wording).find(([name]) => name.toLowerCase() === field.toLowerCase());
  return found === undefined ? null : found[1];
}

function toField(source: MappingSource, field: string, expressions: readonly Expression[]): MappedField {
  const paths = expressions.flatMap((one) => pathOf(one) ?? []);
  const vocabularies = paths.map((path) => source.vocabularies[path]);
  const [vocabulary] = vocabularies;
  return {
    read: sharedReader(expressions),
    paths,
    beta: expressions.some((one) => one.beta === true),
    projected: expressions.some(isProjected),
    vocabulary: vocabulary !== undefined && paths.length === 1 ? (words.get(vocabulary) ?? null) : null,
    wording: wordingOf(source, field),
  };
}

function isProjected(one: Expression): boolean {
  if (one.values !== undefined || one.default !== undefined || one.unquote === true) return true;
  return !('path' in one || 'outcome' in one || 'const' in one);
}
