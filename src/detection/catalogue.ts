import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Level, Life } from '../model/alert.ts';
import { logSources, ruleLogsource } from '../records/index.ts';
import {
  compileRule,
  parseRules,
  type CompiledRule,
  type LinkedCorrelation,
  type SigmaCorrelation,
  type SigmaProblem,
  type SigmaRule,
} from '../sigma/index.ts';
import type { Db } from '../store/database.ts';
import { saveDetectionVersions } from '../store/detection-versions.ts';
import { CheckGuardError, guardCheck } from './check-guard.ts';
import { mainMap, partMap, rearmMs, type CheckMap, type MainMap, type PartMap } from './custom-map.ts';
import { loadImported, type ImportedRule } from './imported.ts';
import { correlatedBy, linkParts, rearmOf } from './link-parts.ts';
import { parseTemplate, type Template } from './template.ts';

/** A document that a detection can be made of. */
export type PartDocument = SigmaRule | SigmaCorrelation;

/** One document of a detection: a rule on events of one feed, a check on state, or a correlation of other documents. */
export interface Part {
  readonly id: string;
  readonly title: string;
  readonly sources: readonly string[];
  readonly rule: CompiledRule | null;
  readonly feed: string | null;
  /** An imported rule, in Sigma's own field names; null for one in Graph's. */
  readonly imported: ImportedRule | null;
  readonly check: CheckMap | null;
  /** Null for rules and checks. */
  readonly correlation: LinkedCorrelation | null;
  /** Only correlations look at what it finds: it makes no hits and no alerts of its own. */
  readonly quiet: boolean;
  readonly subject: Template | null;
  readonly cause: Template | null;
  readonly document: PartDocument;
}

/** Texts of one language; `{name}` are placeholders. */
export interface DetectionText {
  readonly title: string;
  readonly what: string;
  readonly why: string;
  readonly ask: string;
  readonly respond?: readonly string[] | undefined;
}

/** A detection as its file says it: one id, one life, any number of parts. */
export interface Detection {
  readonly id: string;
  readonly catalogue: string;
  readonly title: string;
  readonly level: Level;
  readonly life: Life;
  /** Name of the act whose normaliser gives subject and cause; null when templates do. */
  readonly act: string | null;
  readonly rearmMs: number;
  /** Hash of everything in the documents. */
  readonly version: string;
  /** Hash of what decides which events or rows match, and under which keys. */
  readonly matchHash: string;
  readonly sources: readonly string[];
  readonly reduced: readonly { readonly without: string; readonly text: Readonly<Record<string, string>> }[];
  readonly overlaps: readonly string[];
  readonly respond: readonly string[];
  readonly levelReason: string | null;
  readonly texts: Readonly<Record<string, DetectionText>>;
  readonly parts: readonly Part[];
  /** Relative to the detections' folder, with `/`. */
  readonly file: string;
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
}

export interface Catalogue {
  /** By catalogue id, then id. */
  readonly detections: readonly Detection[];
  readonly byId: ReadonlyMap<string, Detection>;
  readonly problems: readonly SigmaProblem[];
  /** Path of the folder that was read. */
  readonly folder: string;
}

/** A part's own templates, else those of its detection. */
export function keysOf(
  detection: Detection,
  part: Part,
): { subject: Template | null; cause: Template | null } {
  if (part.subject !== null) return part;
  return detection.parts[0] ?? part;
}

/** Beside the program: in a checkout and in the published package alike. */
export const shippedDetections = fileURLToPath(new URL('../../detections/', import.meta.url));

/**
 * Reads every `.yml` below the folder, and the rules that were imported into another one, when it is named. A file that
 * is wrong is named in `problems` with line and column, and keeps nobody else out. Throws only when the folder itself
 * cannot be read.
 */
export async function loadCatalogue(
  folder: string = shippedDetections,
  importedFolder: string | null = null,
): Promise<Catalogue> {
  if (!existsSync(folder))
    throw new Error(`load detections: ${folder} does not exist; name the folder that holds them`);
  const problems: SigmaProblem[] = [];
  const detections: Detection[] = [];
  const used = new Map<string, string>();
  for (const file of detectionFiles(folder)) {
    const loaded = await loadFile(folder, file, problems);
    const twice = loaded?.parts.find((part) => used.has(part.id));
    if (loaded === null) continue;
    if (twice) {
      problems.push(
        problemAt(twice.document, ['id'], `id ${twice.id} is used in ${used.get(twice.id) ?? ''} already`),
      );
      continue;
    }
    for (const part of loaded.parts) used.set(part.id, file);
    detections.push(loaded);
  }
  if (importedFolder !== null) detections.push(...loadImported(importedFolder, used, problems));
  detections.sort((a, b) => (a.catalogue + a.id < b.catalogue + b.id ? -1 : 1));
  return { detections, byId: new Map(detections.map((one) => [one.id, one])), problems, folder };
}

/** Paths below the folder, sorted, of everything but cases. */
export function detectionFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file) && !/\.cases\.ya?ml$/.test(file))
    .map((file) => file.split(sep).join('/'))
    .sort();
}

async function loadFile(folder: string, file: string, problems: SigmaProblem[]): Promise<Detection | null> {
  const path = join(folder, file);
  const parsed = parseRules(readFileSync(path, 'utf8'), relative(folder, path).split(sep).join('/'));
  problems.push(...parsed.problems);
  if (parsed.problems.some((problem) => problem.severity === 'error')) return null;
  const [main, ...others] = [...parsed.rules, ...parsed.correlations].sort((a, b) => a.index - b.index);
  if (main === undefined) return null;
  const found: SigmaProblem[] = [];
  const map = readMap(main, mainMap, found);
  const parts: Part[] = [];
  if (map !== null) parts.push(...(await readPart(main, map, found)));
  for (const rule of others) {
    const inner = readMap(rule, partMap, found);
    if (inner === null) continue;
    if (inner.part_of !== main.id) {
      found.push(
        problemAt(
          rule,
          ['tenantwatch', 'part_of'],
          `part_of must be ${main.id ?? 'the first document’s id'}`,
        ),
      );
    }
    parts.push(...(await readPart(rule, inner, found)));
  }
  if (main.level === null) found.push(problemAt(main, [], 'the detection has no level'));
  const linked = linkParts(parsed, map, parts, found);
  problems.push(...found);
  if (map === null || found.some((problem) => problem.severity === 'error')) return null;
  return toDetection(main, map, linked, file);
}

export function problemAt(rule: PartDocument, path: (string | number)[], message: string): SigmaProblem {
  return { file: rule.file, ...rule.position(path), message, severity: 'error' };
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
}

function readMap<T>(rule: PartDocument, schema: Schema<T>, found: SigmaProblem[]): T | null {
  if (rule.id === null) found.push(problemAt(rule, [], 'the document has no id; give it a UUID of its own'));
  if (rule.custom === undefined) {
    found.push(problemAt(rule, [], 'the document has no tenantwatch map (docs/detection-format.md)'));
    return null;
  }
  const result = schema.safeParse(rule.custom);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    found.push(problemAt(rule, ['tenantwatch', ...path], `tenantwatch.${path.join('.')}: ${issue.message}`));
  }
  return null;
}

async function readPart(rule: PartDocument, map: MainMap | PartMap, found: SigmaProblem[]): Promise<Part[]> {
  const before = found.length;
  const check = map.check ?? null;
  const isRule = rule.kind === 'rule';
  const feed = isRule && check === null ? readFeed(rule, map, found) : null;
  if (check !== null) await readCheck(rule, check, found);
  const subject = readTemplate(rule, 'subject', map.subject, found);
  const cause = readTemplate(rule, 'cause', map.cause, found);
  if (found.length > before) return [];
  const sources = check?.reads ?? map.sources ?? [];
  const compiled = isRule && check === null ? compileRule(rule) : null;
  const id = (rule.id ?? '').toLowerCase();
  const base = { id, title: rule.title, sources, rule: compiled, feed, imported: null };
  return [{ ...base, check, correlation: null, quiet: false, subject, cause, document: rule }];
}

function readFeed(rule: SigmaRule, map: MainMap | PartMap, found: SigmaProblem[]): string | null {
  const feed = feedOf(rule);
  if (feed === null) {
    found.push(
      problemAt(rule, ['logsource'], 'no records of this log source are read; see docs/detection-format.md'),
    );
  }
  if (map.sources === undefined) {
    found.push(problemAt(rule, ['tenantwatch'], 'tenantwatch.sources: name what the rule reads'));
  }
  return feed;
}

function feedOf(rule: SigmaRule): string | null {
  const { logsource } = rule;
  if (logsource === null) return null;
  for (const feed of logSources.keys()) {
    const own = ruleLogsource(feed);
    if (own.product === logsource.product && own.service === logsource.service) return feed;
  }
  return null;
}

async function readCheck(rule: PartDocument, check: CheckMap, found: SigmaProblem[]): Promise<void> {
  if (rule.kind === 'correlation' || rule.detection !== null) {
    found.push(
      problemAt(rule, ['tenantwatch', 'check'], 'a document has a detection, a correlation or a check'),
    );
  }
  for (const key of ['sql', 'scope'] as const) {
    const statement = check[key];
    if (statement === undefined) continue;
    const path = ['tenantwatch', 'check', key];
    if (!/\bentity_id\b/i.test(statement)) {
      found.push(problemAt(rule, path, `check.${key}: it selects no column entity_id`));
    }
    try {
      await guardCheck(statement);
    } catch (error) {
      if (!(error instanceof CheckGuardError)) throw error;
      const { line, column } = rule.position(path);
      // A text of several lines begins on the line after its key.
      const offset = statement.includes('\n') ? error.line : 0;
      found.push({
        file: rule.file,
        line: line + offset,
        column,
        message: `check.${key}: ${error.message}`,
        severity: 'error',
      });
    }
  }
}

function readTemplate(
  rule: PartDocument,
  key: string,
  source: string | undefined,
  found: SigmaProblem[],
): Template | null {
  if (source === undefined) return null;
  try {
    return parseTemplate(source);
  } catch (error) {
    found.push(problemAt(rule, ['tenantwatch', key], `tenantwatch.${key}: ${(error as Error).message}`));
    return null;
  }
}

function toDetection(main: PartDocument, map: MainMap, parts: readonly Part[], file: string): Detection {
  return {
    id: (main.id ?? '').toLowerCase(),
    catalogue: map.catalogue,
    title: main.title,
    level: (main.level ?? 'low') as Level,
    life: map.life,
    act: map.act ?? null,
    rearmMs: rearmMs(map.rearm, rearmOf(parts)),
    version: hash(parts.map((part) => part.document.document)),
    matchHash: hash([map.act, map.subject, map.cause, parts.map(matchedBy)]),
    sources: [...new Set(parts.flatMap((part) => part.sources))],
    reduced: map.reduced ?? [],
    overlaps: map.overlaps ?? [],
    respond: map.respond ?? [],
    levelReason: map.level_reason ?? null,
    texts: map.text ?? {},
    parts,
    file,
    tags: main.tags,
    falsepositives: main.falsepositives,
  };
}

function matchedBy(part: Part): unknown {
  const { logsource, detection, taxonomy } = part.document.document;
  const check = part.check === null ? null : [part.check.sql, part.check.scope, part.check.reads];
  const rule = [part.id, logsource, detection, taxonomy, part.subject?.source, part.cause?.source, check];
  return part.correlation === null && !part.quiet ? rule : [...rule, ...correlatedBy(part)];
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** An imported rule has a title only; its author is kept where texts are. */
function textsOf(detection: Detection): unknown {
  const author = detection.parts[0]?.imported?.author ?? null;
  return author === null ? detection.texts : { en: { author } };
}

/** Writes what was loaded to `detection_version`, where reports read texts. `now` is UTC epoch ms. */
export async function recordCatalogue(tx: Db, catalogue: Catalogue, now: number): Promise<void> {
  const rows = catalogue.detections.map((one) => ({
    id: one.id,
    version: one.version,
    match_hash: one.matchHash,
    title: one.title,
    level: one.level,
    life: one.life,
    catalogue: one.catalogue,
    texts: JSON.stringify(textsOf(one)),
    steps: JSON.stringify(one.respond),
    sources: JSON.stringify(one.sources),
    reduced: JSON.stringify(one.reduced),
    file: one.file,
    current: 1,
    seen_at: now,
  }));
  await saveDetectionVersions(tx, rows, brokenFiles(catalogue));
}

/** Files that did not load: what they held before stays current and is not retired. */
export function brokenFiles(catalogue: Catalogue): string[] {
  return [...new Set(catalogue.problems.filter((one) => one.severity === 'error').map((one) => one.file))];
}
