import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { parseRules, type SigmaRule } from '../sigma/index.ts';
import { readIndex, writeIndex, type ImportIndex, type IndexEntry } from './import-index.ts';
import { authorOf } from './imported.ts';
import { judgeRule, type Verdict } from './mapping/judge.ts';
import { logSources } from '../records/index.ts';

/** Products whose rules are kept; all others are counted. */
const PRODUCTS: ReadonlySet<string> = new Set(['azure', 'm365']);
/** Folders of rules in a checkout of SigmaHQ's repository; what is deprecated or a test stands beside them. */
const RULE_FOLDERS = /^rules(?:-[a-z-]+)?$/;
/** Files between two reports of progress. */
const STEP = 50;
/** The licence of a collection is copied with its rules: that of public ones asks for it. */
const LICENCE = /^(?:licen[cs]e|copying|notice)[\w.-]*$/i;

export interface ImportOptions {
  /** Folder to read; must exist. */
  readonly from: string;
  /** Folder to write; null = only look. */
  readonly to: string | null;
  readonly trustValues: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (filesRead: number, filesFound: number) => void;
}

/** What became of one rule. */
export interface ImportedEntry extends IndexEntry {
  readonly beta: boolean;
  /** A source that the rule needs and that this version does not read; null when it reads all. */
  readonly unread: string | null;
}

export interface ImportResult {
  readonly files: number;
  readonly rules: readonly ImportedEntry[];
  /** Rules of other products. */
  readonly otherProducts: number;
  /** Files and documents that are no rule, with the reason. */
  readonly unreadable: readonly { readonly file: string; readonly why: string }[];
}

/**
 * Reads every rule below a folder, judges those about Azure and Microsoft 365, and keeps their files unchanged with an
 * index. What an earlier import left in the folder is replaced. One bad rule never stops the rest.
 */
export function importRules(options: ImportOptions): ImportResult {
  const files = ruleFiles(options.from);
  const run: Run = { rules: [], otherProducts: 0, unreadable: [], ids: new Map(), texts: new Map() };
  for (const [index, file] of files.entries()) {
    options.signal?.throwIfAborted();
    if (index % STEP === 0) options.onProgress?.(index, files.length);
    importFile(options, run, file);
  }
  options.onProgress?.(files.length, files.length);
  run.rules.sort((a, b) => (a.file === b.file ? a.index - b.index : a.file < b.file ? -1 : 1));
  if (options.to !== null && files.length > 0) writeFolder(options, options.to, run);
  return {
    files: files.length,
    rules: run.rules,
    otherProducts: run.otherProducts,
    unreadable: run.unreadable,
  };
}

interface Run {
  readonly rules: ImportedEntry[];
  otherProducts: number;
  readonly unreadable: { file: string; why: string }[];
  /** File of each id so far. */
  readonly ids: Map<string, string>;
  /** Texts of the files that are kept. */
  readonly texts: Map<string, string>;
}

/** Relative paths with `/`, sorted: of SigmaHQ's layout the folders of rules, else everything. */
function ruleFiles(from: string): string[] {
  const folders = readdirSync(from, { withFileTypes: true })
    .filter((one) => one.isDirectory() && RULE_FOLDERS.test(one.name))
    .map((one) => one.name);
  const roots = folders.length === 0 ? ['.'] : folders;
  return roots
    .flatMap((root) =>
      readdirSync(join(from, root), { recursive: true, encoding: 'utf8' }).map((file) => join(root, file)),
    )
    .map((file) => file.split(sep).join('/'))
    .filter((file) => /\.ya?ml$/i.test(file) && !/(?:^|\/)(?:\.|node_modules\/)/.test(file))
    .sort();
}

function importFile(options: ImportOptions, run: Run, file: string): void {
  let text: string;
  try {
    text = readFileSync(join(options.from, file), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    run.unreadable.push({ file, why: `it cannot be read (${code})` });
    return;
  }
  const others = otherProductsIn(text);
  if (others > 0) {
    run.otherProducts += others;
    return;
  }
  const parsed = parseRules(text, file);
  const before = run.rules.length;
  for (const problem of parsed.problems) {
    if (problem.severity === 'error')
      run.unreadable.push({ file, why: `line ${problem.line}: ${problem.message}` });
  }
  const rest = [...parsed.correlations, ...parsed.filters];
  if (rest.length > 0) run.unreadable.push({ file, why: 'correlations and filters are not imported yet' });
  for (const rule of parsed.rules) importRule(options, run, file, rule);
  if (run.rules.length > before) run.texts.set(file, text);
}

/** How many rules of other products a file holds, if it holds no other rule: thousands of files need no parsing then. */
function otherProductsIn(text: string): number {
  const products = [...text.matchAll(/^\s+product:\s*['"]?([\w-]+)/gm)].map(([, name = '']) =>
    name.toLowerCase(),
  );
  return products.some((name) => PRODUCTS.has(name)) ? 0 : products.length;
}

function importRule(options: ImportOptions, run: Run, file: string, rule: SigmaRule): void {
  const product = rule.logsource?.product?.toLowerCase() ?? '';
  if (!PRODUCTS.has(product)) {
    run.otherProducts += 1;
    return;
  }
  const id = rule.id?.toLowerCase() ?? null;
  const twin = id === null ? undefined : run.ids.get(id);
  const verdict = judgeRule(rule, options);
  if (id !== null && twin === undefined) run.ids.set(id, file);
  const { status, why } =
    twin === undefined ? verdict : { status: 'unsupported' as const, why: `${twin} has the same id` };
  run.rules.push({
    id,
    title: rule.title,
    level: rule.level,
    file,
    index: rule.index,
    source: sourceText(rule),
    status,
    why,
    placeholders: [...verdict.placeholders],
    author: authorOf(rule),
    beta: verdict.beta,
    unread: unreadBy(verdict),
  });
}

function sourceText({ logsource }: SigmaRule): string {
  const parts = [logsource?.product, logsource?.category, logsource?.service];
  return parts.filter((part) => part != null).join('/');
}

function unreadBy({ mapping }: Verdict): string | null {
  return mapping?.feed == null || logSources.has(mapping.feed) ? null : mapping.feed;
}

/** New files first, then the index that names them, then what only the old index named. */
function writeFolder(options: ImportOptions, to: string, run: Run): void {
  const old = readOldFiles(to);
  mkdirSync(to, { recursive: true });
  for (const [file, text] of run.texts) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    writeFileSync(join(to, file), text);
  }
  for (const name of readdirSync(options.from)) {
    if (LICENCE.test(name) && existsSync(join(options.from, name))) copyLicence(options.from, to, name);
  }
  const rules = run.rules.map(({ beta: _beta, unread: _unread, ...entry }): IndexEntry => entry);
  const index: ImportIndex = { schema: 1, trust_values: options.trustValues, rules };
  writeIndex(to, index);
  for (const file of old) if (!run.texts.has(file)) rmSync(join(to, file), { force: true });
}

function copyLicence(from: string, to: string, name: string): void {
  try {
    copyFileSync(join(from, name), join(to, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EISDIR') return;
    throw error;
  }
}

/** Files of an earlier import; one whose index cannot be read is left where it is. */
function readOldFiles(to: string): string[] {
  try {
    return [...new Set(readIndex(to)?.rules.map((rule) => rule.file) ?? [])];
  } catch {
    return [];
  }
}
