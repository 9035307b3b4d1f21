import type { Node } from 'yaml';
import { isMap } from 'yaml';
import type { Detection } from './ast.ts';
import { readDetection } from './detection.ts';
import type { Entry, Position, SourceDocument } from './document.ts';
import { readDocuments } from './document.ts';
import type { SigmaProblem } from './problem.ts';

/** One document of a rule file, checked. A document with `tenantwatch.check` in place of a detection has none. */
export interface SigmaRule {
  id: string | null;
  title: string;
  level: string | null;
  status: string | null;
  taxonomy: string | null;
  tags: string[];
  falsepositives: string[];
  description: string | null;
  logsource: LogSource | null;
  /** Plain value of the `tenantwatch` map, unchecked; undefined where there is none. */
  custom: unknown;
  /** Plain value of the whole document. */
  document: Record<string, unknown>;
  /** Where a key path stands in the file, or its nearest existing ancestor; both count from 1. */
  position: (path: (string | number)[]) => Position;
  detection: Detection | null;
  file: string;
  /** Which document of the file, from 0. */
  index: number;
}

export interface LogSource {
  product: string | null;
  category: string | null;
  service: string | null;
}

/** Sigma specification 2.1.0, "Level" and "Status". */
const LEVELS: readonly string[] = ['informational', 'low', 'medium', 'high', 'critical'];
const STATUSES: readonly string[] = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'];
const MAX_TITLE = 256;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Kinds of document that this engine does not have. */
const UNSUPPORTED_DOCUMENTS: Readonly<Record<string, string>> = {
  correlation: 'correlation documents are not supported by this version',
  filter: 'filter documents are not supported by this version',
  action: "'action' documents are not part of Sigma any more; write each rule out",
};

/**
 * Reads every rule of a file's text. Never throws: a document that is refused has an `error` among the problems, and
 * the others are still returned. `lint` problems belong to rules that are returned.
 */
export function parseRules(text: string, file: string): { rules: SigmaRule[]; problems: SigmaProblem[] } {
  const { documents, problems } = readDocuments(text, file);
  const rules: SigmaRule[] = [];
  const ids = new Set<string>();
  for (const document of documents) {
    const rule = readRule(document, ids);
    problems.push(...document.problems);
    if (rule !== null) rules.push(rule);
  }
  if (rules.length === 0 && problems.length === 0) {
    problems.push({ file, line: 1, column: 1, message: 'the file holds no rule', severity: 'lint' });
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return { rules, problems };
}

function readRule(document: SourceDocument, ids: Set<string>): SigmaRule | null {
  if (!isMap(document.root)) return document.error(document.root, 'a rule must be a map of keys');
  const keys = new Map(document.entries(document.root).map((entry) => [entry.key, entry]));
  if (refuseUnsupported(document, keys)) return null;
  const plain = document.plain as Record<string, unknown>;
  const reader: Reader = { document, keys, plain };
  const rule: SigmaRule = {
    ...readHead(reader),
    id: readId(reader, ids),
    logsource: readLogSource(reader),
    custom: keys.has('tenantwatch') ? plain['tenantwatch'] : undefined,
    document: plain,
    position: document.position,
    detection: readDetectionPart(reader),
    file: document.file,
    index: document.index,
  };
  return document.problems.some((problem) => problem.severity === 'error') ? null : rule;
}

interface Reader {
  readonly document: SourceDocument;
  readonly keys: ReadonlyMap<string, Entry>;
  readonly plain: Record<string, unknown>;
}

function refuseUnsupported(document: SourceDocument, keys: ReadonlyMap<string, Entry>): boolean {
  for (const [key, message] of Object.entries(UNSUPPORTED_DOCUMENTS)) {
    const entry = keys.get(key);
    if (entry !== undefined) document.error(entry.keyNode, message);
  }
  const version = keys.get('sigma-version');
  const given = (document.plain as Record<string, unknown>)['sigma-version'];
  if (version !== undefined && given !== 1 && given !== 2) {
    document.error(
      version.keyNode,
      `sigma-version ${String(given)} is not supported by this version; 1 and 2 are`,
    );
  }
  return document.problems.length > 0;
}

type Head = Pick<
  SigmaRule,
  'title' | 'level' | 'status' | 'taxonomy' | 'description' | 'tags' | 'falsepositives'
>;

function readHead(reader: Reader): Head {
  return {
    title: readTitle(reader),
    level: readChoice(reader, 'level', LEVELS),
    status: readChoice(reader, 'status', STATUSES),
    taxonomy: readText(reader, 'taxonomy'),
    description: readText(reader, 'description'),
    tags: readTexts(reader, 'tags'),
    falsepositives: readTexts(reader, 'falsepositives'),
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

function readText(reader: Reader, key: string): string | null {
  const value = Object.hasOwn(reader.plain, key) ? reader.plain[key] : null;
  if (value === null || typeof value === 'string') return value;
  reader.document.error(keyOf(reader, key), `${key} must be a text; put it in quotes`);
  return null;
}

function readChoice(reader: Reader, key: string, allowed: readonly string[]): string | null {
  const value = readText(reader, key);
  if (value !== null && !allowed.includes(value)) {
    reader.document.error(keyOf(reader, key), `${key} '${value}' is not one of ${allowed.join(', ')}`);
  }
  return value;
}

function readTexts(reader: Reader, key: string): string[] {
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

function readLogSource(reader: Reader): LogSource | null {
  const { document, keys } = reader;
  const entry = keys.get('logsource');
  if (entry === undefined) {
    if (keys.has('detection') || !hasCheck(reader))
      document.error(document.root, 'the rule has no logsource');
    return null;
  }
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

function readDetectionPart(reader: Reader): Detection | null {
  const { document, keys } = reader;
  const entry = keys.get('detection');
  if (entry !== undefined) return readDetection(document, entry.value, entry.keyNode);
  if (!hasCheck(reader) || keys.has('logsource')) document.error(document.root, 'the rule has no detection');
  return null;
}

function hasCheck(reader: Reader): boolean {
  const custom = Object.hasOwn(reader.plain, 'tenantwatch') ? reader.plain['tenantwatch'] : null;
  return typeof custom === 'object' && custom !== null && Object.hasOwn(custom, 'check');
}

function keyOf(reader: Reader, key: string): Node {
  return reader.keys.get(key)?.keyNode ?? reader.document.root;
}
