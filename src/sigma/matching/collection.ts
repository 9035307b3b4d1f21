import type { CompiledRule } from './compile.ts';
import { compileRule } from './compile.ts';
import type { CompiledFilter } from './compiled-filter.ts';
import { compileFilter, sharesLogSource } from './compiled-filter.ts';
import type { SigmaCorrelation } from '../correlation/model.ts';
import type { SigmaFilter } from '../language/filter.ts';
import type { DocumentHead } from '../language/head.ts';
import type { Placeholders } from '../language/placeholders.ts';
import type { SigmaProblem } from '../language/problem.ts';
import { SigmaError } from '../language/problem.ts';
import type { ParsedFile, SigmaRule } from '../language/rule.ts';

export type SigmaDocument = SigmaRule | SigmaCorrelation | SigmaFilter;

export interface LinkOptions {
  readonly placeholders?: Placeholders;
}

/** A filter and the rules it belongs to. */
export interface LinkedFilter {
  readonly filter: CompiledFilter;
  readonly rules: readonly SigmaRule[];
}

export interface LinkedRules {
  /** Rules with a detection, each with its filters, in the order of the files. */
  readonly rules: CompiledRule[];
  readonly filters: LinkedFilter[];
  /** What parsing does not tell: duplicates, placeholders without values, filters that reach nothing. */
  readonly problems: SigmaProblem[];
}

/**
 * Compiles the rules of all files, each with the filters that belong to it. Never throws: what cannot be used has an
 * error among the problems and the rest is still returned. Rules without a detection (checks) and correlations are
 * only counted as names.
 */
export function linkRules(files: readonly ParsedFile[], options: LinkOptions = {}): LinkedRules {
  const { refused, problems } = findDuplicates(files);
  const usable = <T extends SigmaDocument>(documents: readonly T[]): T[] =>
    documents.filter((document) => !refused.has(document));
  const rules = files.flatMap((file) => usable(file.rules));
  const correlations = files.flatMap((file) => usable(file.correlations));
  const filters: LinkedFilter[] = [];
  const filtersOf = new Map<SigmaRule, CompiledFilter[]>();
  for (const filter of files.flatMap((file) => usable(file.filters))) {
    const compiled = attempt(problems, () => compileFilter(filter, options));
    problems.push(...lintTargets(filter, rules, correlations));
    if (compiled === null) continue;
    const own = rules.filter((rule) => belongs(filter, rule));
    filters.push({ filter: compiled, rules: own });
    for (const rule of own) filtersOf.set(rule, [...(filtersOf.get(rule) ?? []), compiled]);
  }
  const compiled: CompiledRule[] = [];
  for (const rule of rules) {
    if (rule.detection === null) continue;
    const own = filtersOf.get(rule) ?? [];
    const one = attempt(problems, () => compileRule(rule, { ...options, filters: own }));
    if (one !== null) compiled.push(one);
  }
  return { rules: compiled, filters, problems };
}

/** Documents that repeat an id or a name, and an error for each; the first of them in the order of files stays. */
export interface Duplicates {
  readonly refused: ReadonlySet<SigmaDocument>;
  readonly problems: SigmaProblem[];
}

/**
 * Looks for ids and names that two documents of all the files share, whatever their kinds: a reference must mean one
 * document. Ids are compared without case; a name may not be another document's id either.
 */
export function findDuplicates(files: readonly ParsedFile[]): Duplicates {
  const owners = new Map<string, SigmaDocument>();
  const refused = new Set<SigmaDocument>();
  const problems: SigmaProblem[] = [];
  for (const { rules, correlations, filters } of files) {
    const documents = [...rules, ...correlations, ...filters].sort((a, b) => a.index - b.index);
    for (const document of documents) {
      const keys = referenceKeys(document);
      const taken = keys.find(({ text }) => owners.has(text));
      if (taken === undefined) keys.forEach(({ text }) => owners.set(text, document));
      else {
        const owner = owners.get(taken.text) as SigmaDocument;
        const at = owner.position([]);
        const message = `${taken.key} '${document[taken.key] ?? ''}' is already that of ${owner.file}:${at.line} ('${owner.title}'); make it unique`;
        problems.push(problemAt(document, [taken.key], 'error', message));
        refused.add(document);
      }
    }
  }
  return { refused, problems };
}

/** The texts by which a document can be referred to; a UUID is one in any case. */
function referenceKeys(document: DocumentHead): { key: 'id' | 'name'; text: string }[] {
  const keys: { key: 'id' | 'name'; text: string }[] = [];
  if (document.id !== null) keys.push({ key: 'id', text: document.id.toLowerCase() });
  if (document.name !== null && document.name !== document.id)
    keys.push({ key: 'name', text: document.name });
  return keys;
}

function belongs(filter: SigmaFilter, rule: SigmaRule): boolean {
  if (rule.detection === null || !sharesLogSource(filter, rule)) return false;
  return filter.rules === 'any' || filter.rules.some((reference) => refersTo(reference, rule));
}

function refersTo(reference: string, document: DocumentHead): boolean {
  return reference === document.name || reference.toLowerCase() === document.id?.toLowerCase();
}

/** What a filter names in vain. Only lints: its rules may be loaded from elsewhere. */
function lintTargets(
  filter: SigmaFilter,
  rules: readonly SigmaRule[],
  correlations: readonly SigmaCorrelation[],
): SigmaProblem[] {
  if (filter.rules === 'any') {
    if (rules.some((rule) => belongs(filter, rule))) return [];
    return [
      problemAt(filter, ['filter', 'rules'], 'lint', 'no loaded rule has the log source of this filter'),
    ];
  }
  return filter.rules.flatMap((reference, i) => {
    const found = rules.find((rule) => refersTo(reference, rule));
    if (found !== undefined && belongs(filter, found)) return [];
    const correlated = correlations.some((one) => refersTo(reference, one));
    const message = vainReference(reference, found, correlated);
    return [problemAt(filter, ['filter', 'rules', i], 'lint', message)];
  });
}

function vainReference(reference: string, found: SigmaRule | undefined, correlated: boolean): string {
  if (found?.detection === null) return `'${reference}' has no detection to filter`;
  if (found !== undefined) return `'${reference}' has another log source, so the filter is not applied to it`;
  return correlated
    ? `'${reference}' is a correlation; filter the rules it stands on`
    : `no loaded rule has the id or name '${reference}'`;
}

function problemAt(
  head: DocumentHead,
  path: (string | number)[],
  severity: 'error' | 'lint',
  message: string,
): SigmaProblem {
  return { file: head.file, ...head.position(path), message, severity };
}

function attempt<T>(problems: SigmaProblem[], compile: () => T): T | null {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error;
    problems.push(...error.problems);
    return null;
  }
}
