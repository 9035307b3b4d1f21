import { linkRules } from '../matching/collection.ts';
import { runCorrelationCase } from '../correlation/case.ts';
import { linkCorrelations } from '../correlation/link.ts';
import { buildItem } from '../language/modifiers.ts';
import type { SigmaProblem } from '../language/problem.ts';
import type { ParsedFile } from '../language/rule.ts';
import { parseRules } from '../language/rule.ts';
import type { RuleScalar } from '../language/scalar.ts';
import type { CaseOutcome, SigmaCase } from './case-file.ts';
import { isBinding, isObject, kindOf, textOf } from './case-file.ts';
import { neutralExpectation, neutralItem } from './neutral.ts';
import { asPySigma, isRejection } from './pysigma.ts';

/** What a case found: null = as expected; `known` = a difference that has a name of its own. */
type Finding = { readonly detail: string; readonly known?: true } | null;

/** Characters of an event or an item that a failure shows. */
const MAX_SHOWN_JSON = 300;

/** Runs one case. Never throws: what goes wrong inside is the case's failure. */
export function runCase(one: SigmaCase): CaseOutcome {
  const kind = kindOf(one);
  const outcome = (verdict: CaseOutcome['verdict'], detail: string | null): CaseOutcome => ({
    id: one.id,
    kind,
    verdict,
    detail,
  });
  if (kind === null) return outcome('failed', 'its keys fit no kind of case');
  try {
    const finding = RUNNERS[kind](one);
    if (finding === null) return outcome('passed', null);
    const opinion = finding.known === true || !isBinding(one);
    return outcome(opinion ? 'differ' : 'failed', finding.detail);
  } catch (error) {
    return outcome('failed', error instanceof Error ? error.message : String(error));
  }
}

const RUNNERS = {
  match: runMatch,
  filters: runFilters,
  errors: runErrors,
  expansion: runExpansion,
  correlations: runCorrelations,
};

interface Loaded {
  readonly linked: ReturnType<typeof linkRules>;
  readonly correlations: ReturnType<typeof linkCorrelations>;
  readonly errors: readonly SigmaProblem[];
}

/** Loads a case's documents as a program would: parse, link, compile. */
function load(one: SigmaCase): Loaded {
  const file: ParsedFile = parseRules(textOf(one), one.id);
  const placeholders = new Map(
    Object.entries(one.placeholders ?? {}).map(([name, values]) => [name, values.map(String)]),
  );
  const linked = linkRules([file], { placeholders });
  const correlations = linkCorrelations(file.correlations, file.rules);
  const problems = [...file.problems, ...linked.problems, ...correlations.problems];
  return { linked, correlations, errors: problems.filter((problem) => problem.severity === 'error') };
}

function refusal(errors: readonly SigmaProblem[]): Finding {
  const [first] = errors;
  if (first === undefined) return null;
  return { detail: `refused at load: ${first.line}:${first.column}: ${first.message}` };
}

function runMatch(one: SigmaCase): Finding {
  const { linked, errors } = load(one);
  const [rule] = linked.rules;
  if (errors.length > 0 || rule === undefined) return refusal(errors) ?? { detail: 'it holds no rule' };
  for (const { event, match } of one.tests ?? []) {
    const matched = rule.match(event);
    if (matched !== match) return { detail: `${shownJson(event)} ${matched ? 'matches' : 'does not match'}` };
  }
  return null;
}

function runFilters(one: SigmaCase): Finding {
  const { linked, errors } = load(one);
  if (errors.length > 0) return refusal(errors);
  for (const { event, matched = [] } of one.tests ?? []) {
    const titles = linked.rules.filter((rule) => rule.match(event)).map((rule) => rule.rule.title);
    if (!sameSet(titles, matched))
      return { detail: `${shownJson(event)} is matched by ${list(titles)}, not by ${list(matched)}` };
  }
  return null;
}

function runErrors(one: SigmaCase): Finding {
  return load(one).errors.length > 0 ? null : { detail: 'it is accepted at load' };
}

function runExpansion(one: SigmaCase): Finding {
  const [field = '', ...modifiers] = (one.key ?? '').split('|');
  const values: unknown[] = Array.isArray(one.value) ? one.value : [one.value];
  const built = buildItem(field === '' ? null : field, modifiers, values.map(toScalar));
  const refused = built.problems.find((problem) => problem.severity === 'error');
  if (isRejection(one.expect)) {
    if (refused !== undefined) return null;
    return named(one, 'it is accepted');
  }
  if (refused !== undefined) return { detail: `refused: ${refused.message}` };
  const found = neutralItem(built.item);
  if (same(found, neutralExpectation(one.expect))) return null;
  return named(one, `it gives ${shownJson(found)}`);
}

/** A difference from what pySigma gives by a defect of its own is no failure: the case's author computed with it. */
function named(one: SigmaCase, detail: string): Finding {
  const theirs = asPySigma(one.key ?? '', one.value);
  if (theirs === null) return { detail };
  const known = isRejection(theirs)
    ? isRejection(one.expect)
    : same(neutralExpectation(theirs), neutralExpectation(one.expect));
  return known
    ? { detail: `${detail}; expected is a defect of pySigma 1.5.0 (docs/sigma.md)`, known }
    : { detail };
}

function toScalar(value: unknown): RuleScalar {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'number') return { kind: 'number', value, source: String(value) };
  if (typeof value === 'boolean') return { kind: 'boolean', value, source: String(value) };
  return { kind: 'null' };
}

function runCorrelations(one: SigmaCase): Finding {
  const { errors } = load(one);
  if (errors.length > 0) return refusal(errors);
  // The keys of the case are the harness's options by the same names.
  const result = runCorrelationCase(textOf(one), one.events ?? [], one);
  const wanted = (Array.isArray(one.expect) ? one.expect : []).map(firingText);
  const fired = result.fired.map(firingText);
  if (!sameSet(fired, wanted)) return { detail: `${list(fired)} fire, not ${list(wanted)}` };
  if (one.reported !== undefined && !sameSet(result.reported, one.reported))
    return { detail: `${list(result.reported)} are reported, not ${list(one.reported)}` };
  return null;
}

function firingText(firing: unknown): string {
  if (!isObject(firing)) return JSON.stringify(firing);
  const group = isObject(firing['group']) ? Object.entries(firing['group']) : [];
  const fields = group.map(([name, value]) => `${name}=${String(value).toLowerCase()}`).sort();
  return `${String(firing['correlation'])}(${fields.join(', ')}) at event ${String(firing['first_fire'])}`;
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? 'none' : texts.join('; ');
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return same([...a].sort(), [...b].sort());
}

function same(a: unknown, b: unknown): boolean {
  try {
    return canonical(a) === canonical(b);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error('it is nested too deeply to be compared');
  }
}

/** A case's data may be nested more deeply than JSON can be written. */
function shownJson(value: unknown): string {
  try {
    const text = JSON.stringify(value);
    return text.length <= MAX_SHOWN_JSON ? text : `${text.slice(0, MAX_SHOWN_JSON)}…`;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return '{too deep to be shown}';
  }
}

/** JSON with its keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1))) : inner,
  );
}
