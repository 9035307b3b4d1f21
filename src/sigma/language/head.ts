import type { Node } from 'yaml';
import { isMap } from 'yaml';
import type { Entry, Position, SourceDocument } from './document.ts';
import { checkMetadata } from './metadata.ts';

/** The major version of the specification that a document asks for; null = none that this engine knows. */
export function readVersion(given: unknown): number | null {
  if (given === undefined) return 2;
  const version = typeof given === 'string' && /^[123]$/.test(given) ? Number(given) : given;
  return version === 1 || version === 2 || version === 3 ? version : null;
}

/** What every kind of document begins with. */
export interface DocumentHead {
  readonly id: string | null;
  /** For references from other documents. */
  readonly name: string | null;
  readonly title: string;
  readonly level: string | null;
  readonly status: string | null;
  readonly taxonomy: string | null;
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  readonly description: string | null;
  /** Plain value of the `tenantwatch` map, unchecked; undefined where there is none. */
  readonly custom: unknown;
  /** Plain value of the whole document. */
  readonly document: Record<string, unknown>;
  /** Where a key path stands in the file, or its nearest existing ancestor; both count from 1. */
  readonly position: (path: (string | number)[]) => Position;
  readonly file: string;
  /** Which document of the file, from 0. */
  readonly index: number;
}

export interface LogSource {
  readonly product: string | null;
  readonly category: string | null;
  readonly service: string | null;
}

/** Sigma specification 2.1.0, "Level" and "Status". */
const LEVELS: readonly string[] = ['informational', 'low', 'medium', 'high', 'critical'];
const STATUSES: readonly string[] = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'];
const MAX_TITLE = 256;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** One document, its keys and their plain values, while it is read. */
export interface Reader {
  readonly document: SourceDocument;
  readonly keys: ReadonlyMap<string, Entry>;
  readonly plain: Record<string, unknown>;
}

/** Reads the keys that all kinds share; `ids` are those of the file so far. What is wrong is reported. */
export function readHead(reader: Reader, ids: Set<string>): DocumentHead {
  const { document, keys, plain } = reader;
  checkMetadata(reader);
  return {
    id: readId(reader, ids),
    name: readText(reader, 'name'),
    title: readTitle(reader),
    level: readChoice(reader, 'level', LEVELS),
    status: readChoice(reader, 'status', STATUSES),
    taxonomy: readText(reader, 'taxonomy'),
    description: readText(reader, 'description'),
    tags: readTexts(reader, 'tags'),
    falsepositives: readTexts(reader, 'falsepositives'),
    custom: keys.has('tenantwatch') ? plain['tenantwatch'] : undefined,
    document: plain,
    position: document.position,
    file: document.file,
    index: document.index,
  };
}

function readTitle(reader: Reader): string {
  const { document } = reader;
  const title = readText(reader, 'title');
  if (title === null || title.trim() === '') {
    document.error(reader.keys.get('title')?.keyNode ?? document.root, 'the rule has no title');
    return '';
  }
  if (title.length > MAX_TITLE)
    document.lint(keyOf(reader, 'title'), `the title is longer than ${MAX_TITLE} characters`);
  return title;
}

function readId(reader: Reader, ids: Set<string>): string | null {
  const id = readText(reader, 'id');
  if (id === null) return null;
  if (!UUID.test(id)) reader.document.error(keyOf(reader, 'id'), `id '${id}' is not a UUID`);
  else if (ids.has(id.toLowerCase()))
    reader.document.error(keyOf(reader, 'id'), `id '${id}' is used twice in this file`);
  ids.add(id.toLowerCase());
  return id;
}

export function readText(reader: Reader, key: string): string | null {
  const value = Object.hasOwn(reader.plain, key) ? reader.plain[key] : null;
  if (value === null || typeof value === 'string') return value;
  reader.document.error(keyOf(reader, key), `${key} must be a text; put it in quotes`);
  return null;
}

export function readChoice(reader: Reader, key: string, allowed: readonly string[]): string | null {
  const value = readText(reader, key);
  if (value !== null && !allowed.includes(value)) {
    reader.document.error(keyOf(reader, key), `${key} '${value}' is not one of ${allowed.join(', ')}`);
  }
  return value;
}

export function readTexts(reader: Reader, key: string): string[] {
  const value = Object.hasOwn(reader.plain, key) ? reader.plain[key] : null;
  if (value === null) return [];
  if (typeof value === 'string') {
    reader.document.lint(keyOf(reader, key), `${key} should be a list`);
    return [value];
  }
  if (Array.isArray(value) && value.every((member) => typeof member === 'string')) return value;
  reader.document.error(keyOf(reader, key), `${key} must be a list of texts`);
  return [];
}

/** Reads `logsource`; null where there is none or it is wrong, which was then reported. */
export function readLogSource(reader: Reader): LogSource | null {
  const { document, keys } = reader;
  const entry = keys.get('logsource');
  if (entry === undefined) return null;
  if (!isMap(entry.value)) return document.error(entry.keyNode, 'logsource must be a map');
  const parts = new Map(document.entries(entry.value).map((part) => [part.key, part]));
  const given = reader.plain['logsource'] as Record<string, unknown>;
  const read = (key: keyof LogSource): string | null => {
    const value = Object.hasOwn(given, key) ? given[key] : null;
    if (value === null || (typeof value === 'string' && value !== '')) return value;
    document.error(parts.get(key)?.keyNode ?? entry.keyNode, `logsource.${key} must be a text`);
    return null;
  };
  const logsource = { product: read('product'), category: read('category'), service: read('service') };
  if (Object.values(logsource).every((part) => part === null)) {
    document.error(entry.keyNode, 'logsource needs product, category or service');
  }
  return logsource;
}

/** The node of a top-level key, or of the document: where a problem is shown. */
export function keyOf(reader: Reader, key: string): Node {
  return reader.keys.get(key)?.keyNode ?? reader.document.root;
}
