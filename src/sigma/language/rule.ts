import { isMap } from 'yaml';
import { applyActions } from './actions.ts';
import type { Detection } from './ast.ts';
import { readCorrelation } from '../correlation/read.ts';
import type { SigmaCorrelation } from '../correlation/model.ts';
import { placeOf, readDetection } from './detection.ts';
import type { SourceDocument } from './document.ts';
import { readDocuments } from './document.ts';
import type { SigmaFilter } from './filter.ts';
import { readFilter } from './filter.ts';
import type { DocumentHead, LogSource, Reader } from './head.ts';
import { readHead, readLogSource, readVersion } from './head.ts';
import type { SigmaProblem } from './problem.ts';

/** A rule document, checked. A document with `tenantwatch.check` in place of a detection has none. */
export interface SigmaRule extends DocumentHead {
  readonly kind: 'rule';
  readonly logsource: LogSource | null;
  readonly detection: Detection | null;
}

/** The documents of one file, by kind, each in the order of the file. */
export interface ParsedFile {
  readonly rules: SigmaRule[];
  readonly correlations: SigmaCorrelation[];
  readonly filters: SigmaFilter[];
  readonly problems: SigmaProblem[];
}

/**
 * Reads every document of a file's text. Never throws: a document that is refused has an `error` among the problems,
 * and the others are still returned. `lint` problems belong to documents that are returned.
 */
export function parseRules(text: string, file: string): ParsedFile {
  const read = readDocuments(text, file);
  const { problems } = read;
  const { documents, problems: found } = applyActions(read.documents);
  problems.push(...found);
  const parsed: ParsedFile = { rules: [], correlations: [], filters: [], problems };
  const ids = new Set<string>();
  for (const document of documents) {
    const one = document.problems.some((problem) => problem.severity === 'error')
      ? null
      : readOne(document, ids);
    problems.push(...document.problems);
    if (one?.kind === 'rule') parsed.rules.push(one);
    if (one?.kind === 'correlation') parsed.correlations.push(one);
    if (one?.kind === 'filter') parsed.filters.push(one);
  }
  if (read.documents.length === 0 && problems.length === 0) {
    problems.push({ file, line: 1, column: 1, message: 'the file holds no rule', severity: 'lint' });
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  return parsed;
}

function readOne(
  document: SourceDocument,
  ids: Set<string>,
): SigmaRule | SigmaCorrelation | SigmaFilter | null {
  if (!isMap(document.root)) return document.error(document.root, 'a rule must be a map of keys');
  const keys = new Map(document.entries(document.root).map((entry) => [entry.key, entry]));
  const reader: Reader = { document, keys, plain: document.plain as Record<string, unknown> };
  if (refuseUnsupported(reader)) return null;
  const head = readHead(reader, ids);
  const read = readKind(reader, head);
  return document.problems.some((problem) => problem.severity === 'error') ? null : read;
}

function readKind(reader: Reader, head: DocumentHead): SigmaRule | SigmaCorrelation | SigmaFilter | null {
  if (reader.keys.has('correlation')) return readCorrelation(reader, head);
  if (reader.keys.has('filter')) return readFilter(reader, head);
  return readRule(reader, head);
}

function refuseUnsupported(reader: Reader): boolean {
  const { document, keys, plain } = reader;
  const version = keys.get('sigma-version');
  if (version !== undefined && readVersion(plain['sigma-version']) === null) {
    const given = JSON.stringify(plain['sigma-version']);
    document.error(
      version.keyNode,
      `sigma-version ${given} is not supported by this version; 1, 2 and 3 are`,
    );
  }
  return document.problems.some((problem) => problem.severity === 'error');
}

function readRule(reader: Reader, head: DocumentHead): SigmaRule {
  const { document, keys } = reader;
  if (!keys.has('logsource') && (keys.has('detection') || !hasCheck(reader)))
    document.error(document.root, 'the rule has no logsource');
  return { ...head, kind: 'rule', logsource: readLogSource(reader), detection: readDetectionPart(reader) };
}

function readDetectionPart(reader: Reader): Detection | null {
  const { document, keys } = reader;
  const entry = keys.get('detection');
  if (entry !== undefined) return readDetection(placeOf(reader), entry.value, entry.keyNode);
  if (!hasCheck(reader) || keys.has('logsource')) document.error(document.root, 'the rule has no detection');
  return null;
}

function hasCheck(reader: Reader): boolean {
  const custom = Object.hasOwn(reader.plain, 'tenantwatch') ? reader.plain['tenantwatch'] : null;
  return typeof custom === 'object' && custom !== null && Object.hasOwn(custom, 'check');
}
