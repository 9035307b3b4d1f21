import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Level } from '../model/alert.ts';
import {
  compileRule,
  parseRules,
  placeholdersOf,
  type SigmaProblem,
  type SigmaRule,
} from '../sigma/index.ts';
import type { Detection, Part } from './catalogue.ts';
import { readIndex, type IndexEntry } from './import-index.ts';
import { isRunning, judgeRule } from './mapping/judge.ts';
import type { SourceMapping } from './mapping/mapping.ts';

/** What is particular to a rule in Sigma's own field names. */
export interface ImportedRule {
  readonly mapping: SourceMapping;
  /** Names of the lists that each tenant must give before the rule can be compiled for it. */
  readonly placeholders: readonly string[];
  readonly author: string | null;
}

/** As for our own detections: a day without evidence ends an occurrence. */
const REARM_MS = 24 * 3_600_000;

/**
 * The detections that were imported into a folder and can work, each judged anew. `used` are the ids that are taken, by
 * the file that has them. What is wrong is added to `problems`.
 */
export function loadImported(
  folder: string,
  used: Map<string, string>,
  problems: SigmaProblem[],
): Detection[] {
  const detections: Detection[] = [];
  const index = readOrReport(folder, problems);
  for (const entry of index?.rules ?? []) {
    // What could not work when it was imported may work with this version's mapping; while it does not, that is no news.
    const news: SigmaProblem[] = isRunning(entry.status) ? problems : [];
    const detection = loadOne(folder, entry, index?.trust_values === true, used, news);
    if (detection === null) continue;
    used.set(detection.id, detection.file);
    detections.push(detection);
  }
  return detections;
}

function loadOne(
  folder: string,
  entry: IndexEntry,
  trustValues: boolean,
  used: ReadonlyMap<string, string>,
  problems: SigmaProblem[],
): Detection | null {
  const rule = readRule(folder, entry, problems);
  if (rule === null) return null;
  const report = (message: string): null => {
    const place = { file: importedFile(entry.file), ...rule.position(['id']) };
    problems.push({ ...place, message, severity: 'error' });
    return null;
  };
  const detection = toDetection(rule, entry, trustValues);
  if (typeof detection === 'string') return report(detection);
  const twin = used.get(detection.id);
  return twin === undefined ? detection : report(`id ${detection.id} is used in ${twin} already`);
}

function readOrReport(folder: string, problems: SigmaProblem[]): ReturnType<typeof readIndex> {
  try {
    return readIndex(folder);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({ file: folder, line: 1, column: 1, message, severity: 'error' });
    return null;
  }
}

function readRule(folder: string, entry: IndexEntry, problems: SigmaProblem[]): SigmaRule | null {
  const report = (message: string): null => {
    problems.push({ file: importedFile(entry.file), line: 1, column: 1, message, severity: 'error' });
    return null;
  };
  let text: string;
  try {
    text = readFileSync(join(folder, entry.file), 'utf8');
  } catch {
    return report("the imported rule is not there any more; run 'tenantwatch detections import' again");
  }
  const { rules } = parseRules(text, entry.file);
  const rule = rules.find((one) => one.index === entry.index);
  return rule ?? report('the imported rule cannot be read any more; import it again');
}

/** How a detection's file is named where those of the shipped pack are named too. */
function importedFile(file: string): string {
  return `imported/${file}`;
}

/** The detection that a rule makes: a title and no other texts, and keys by log source. A sentence when it cannot work. */
function toDetection(rule: SigmaRule, entry: IndexEntry, trustValues: boolean): Detection | string {
  const verdict = judgeRule(rule, { trustValues });
  const { mapping } = verdict;
  if (mapping === null || mapping.feed === null || !isRunning(verdict.status)) return verdict.why;
  const id = (rule.id ?? '').toLowerCase();
  const placeholders = placeholdersOf(rule);
  const author = authorOf(rule);
  const part: Part = {
    id,
    title: rule.title,
    sources: mapping.reads,
    rule: placeholders.length > 0 ? null : compileRule(rule),
    feed: mapping.feed,
    imported: { mapping, placeholders, author },
    check: null,
    correlation: null,
    quiet: false,
    subject: null,
    cause: null,
    document: rule,
  };
  return {
    id,
    catalogue: '',
    title: creditedTitle(rule.title, author),
    level: (rule.level ?? 'low') as Level,
    life: 'event',
    act: null,
    rearmMs: REARM_MS,
    version: hash(rule.document),
    matchHash: hash([id, rule.document['logsource'], rule.document['detection'], mapping.digest]),
    sources: mapping.reads,
    reduced: [],
    overlaps: [],
    respond: [],
    levelReason: null,
    texts: {},
    parts: [part],
    file: importedFile(entry.file),
    tags: rule.tags,
    falsepositives: rule.falsepositives,
  };
}

/** The licence of SigmaHQ's rules (DRL 1.1) asks that every message about a match names the rule's author. */
export function creditedTitle(title: string, author: string | null): string {
  return author === null ? title : `${title} (rule by ${author})`;
}

/** Who wrote the rule, as the file says it; null when it does not. */
export function authorOf(rule: Pick<SigmaRule, 'document'>): string | null {
  const author = Object.hasOwn(rule.document, 'author') ? rule.document['author'] : null;
  return typeof author === 'string' && author.trim() !== '' ? author.trim() : null;
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
