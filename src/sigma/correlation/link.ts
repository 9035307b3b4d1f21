import type { Condition } from '../language/ast.ts';
import type { DocumentHead } from '../language/head.ts';
import type { SigmaProblem } from '../language/problem.ts';
import type { SigmaRule } from '../language/rule.ts';
import type { SigmaCorrelation } from './model.ts';

/** Correlations above correlations; deeper is a mistake. */
const MAX_DEPTH = 10;

/** One document that a correlation stands on. */
export interface CorrelationBase {
  /** Id, else name: stable over restarts. */
  readonly key: string;
  /** The reference as the correlation writes it. */
  readonly reference: string;
  readonly kind: 'rule' | 'correlation';
  /** The fields that `group-by` reads from this base, in its order (aliases resolved). */
  readonly groupFields: readonly string[];
}

/** A correlation whose references are resolved. */
export interface LinkedCorrelation {
  /** Id, else name, else title: stable over restarts, unique among the linked. */
  readonly key: string;
  readonly correlation: SigmaCorrelation;
  readonly bases: readonly CorrelationBase[];
  /** True: more hits can only make it truer, so it is judged as hits arrive. */
  readonly monotone: boolean;
  /** 1 = stands on rules alone. */
  readonly depth: number;
}

export interface LinkedCorrelations {
  /** Bases before what stands on them. */
  readonly correlations: readonly LinkedCorrelation[];
  /** Keys of rules and correlations that give no alert of their own: each correlation above says generate false. */
  readonly quiet: ReadonlySet<string>;
  readonly problems: readonly SigmaProblem[];
}

/** The key of a document in hits, links and alerts. */
export function documentKey(head: DocumentHead): string {
  return head.id?.toLowerCase() ?? head.name ?? head.title;
}

type Referable = SigmaRule | SigmaCorrelation;

interface Linking {
  readonly byReference: Map<string, Referable>;
  readonly linked: Map<Referable, LinkedCorrelation>;
  readonly refused: Set<Referable>;
  readonly visiting: Referable[];
  readonly problems: SigmaProblem[];
}

/**
 * Resolves the references of correlations over all files, by id or name. Never throws: a correlation with an unknown
 * reference, in a cycle, or above a refused one has an error among the problems and is left out.
 */
export function linkCorrelations(
  correlations: readonly SigmaCorrelation[],
  rules: readonly SigmaRule[],
): LinkedCorrelations {
  const linking: Linking = {
    byReference: new Map(),
    linked: new Map(),
    refused: new Set(),
    visiting: [],
    problems: [],
  };
  for (const one of [...rules, ...correlations]) register(linking, one);
  refuseSharedKeys(linking, correlations);
  for (const one of correlations) link(linking, one);
  const linked = [...linking.linked.values()];
  return { correlations: linked, quiet: quietOf(linked), problems: linking.problems };
}

function register(linking: Linking, one: Referable): void {
  for (const kind of ['id', 'name'] as const) {
    const text = one[kind];
    if (text === null) continue;
    const reference = kind === 'id' ? text.toLowerCase() : text;
    const first = linking.byReference.get(reference);
    if (first === undefined) linking.byReference.set(reference, one);
    else if (first !== one) {
      refuse(linking, one, [kind], `${kind} '${text}' is already used in ${placeOf(first)}`);
    }
  }
}

/** Two correlations without id and name may still share a title, which is then their key. */
function refuseSharedKeys(linking: Linking, correlations: readonly SigmaCorrelation[]): void {
  const seen = new Map<string, SigmaCorrelation>();
  for (const one of correlations) {
    if (linking.refused.has(one)) continue;
    const key = documentKey(one);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, one);
    else {
      const message = `the correlation has neither id nor name, and ${placeOf(first)} has its title; give it an id`;
      refuse(linking, one, [], message);
    }
  }
}

function placeOf(one: Referable): string {
  return `${one.file}:${one.position([]).line}`;
}

/** Rules are the business of whoever loads them; a correlation that is refused is not linked. */
function refuse(linking: Linking, one: Referable, path: (string | number)[], message: string): null {
  linking.problems.push({ file: one.file, ...one.position(path), message, severity: 'error' });
  if (one.kind === 'correlation') linking.refused.add(one);
  return null;
}

function link(linking: Linking, one: SigmaCorrelation): LinkedCorrelation | null {
  const known = linking.linked.get(one);
  if (known !== undefined || linking.refused.has(one)) return known ?? null;
  if (linking.visiting.includes(one)) return refuseCycle(linking, one);
  linking.visiting.push(one);
  const bases = one.rules.map((reference, index) => resolve(linking, one, reference, index));
  linking.visiting.pop();
  if (linking.refused.has(one)) return null;
  const found = bases.filter((base) => base !== null);
  const keys = new Set(found.map(({ base }) => base.key));
  if (keys.size < found.length) {
    return refuse(linking, one, ['correlation', 'rules'], 'two references name the same rule');
  }
  const depth = 1 + Math.max(0, ...found.map((base) => base.depth));
  if (depth > MAX_DEPTH) {
    return refuse(
      linking,
      one,
      ['correlation', 'rules'],
      `more than ${MAX_DEPTH} correlations stand in line`,
    );
  }
  lintAliases(linking, one);
  const linked: LinkedCorrelation = {
    key: documentKey(one),
    correlation: one,
    bases: found.map(({ base }) => base),
    monotone: isMonotone(one),
    depth,
  };
  linking.linked.set(one, linked);
  return linked;
}

function refuseCycle(linking: Linking, one: SigmaCorrelation): null {
  const cycle = linking.visiting.slice(linking.visiting.indexOf(one));
  const names = [...cycle, one].map(documentKey).join(' → ');
  for (const member of cycle) {
    refuse(linking, member, ['correlation', 'rules'], `the references run in a circle: ${names}`);
  }
  return null;
}

function resolve(
  linking: Linking,
  one: SigmaCorrelation,
  reference: string,
  index: number,
): { base: CorrelationBase; depth: number } | null {
  const target = find(linking, reference);
  const path = ['correlation', 'rules', index];
  if (target === undefined) {
    return refuse(linking, one, path, `'${reference}' is neither the id nor the name of a loaded rule`);
  }
  if (target.kind === 'rule' && target.detection === null) {
    return refuse(linking, one, path, `'${reference}' is a check; a correlation stands on events`);
  }
  const below = target.kind === 'correlation' ? link(linking, target) : null;
  if (target.kind === 'correlation' && below === null) {
    if (linking.refused.has(one)) return null;
    return refuse(linking, one, path, `'${reference}' was refused`);
  }
  const base: CorrelationBase = {
    key: documentKey(target),
    reference,
    kind: target.kind,
    groupFields: one.groupBy.map((field) => aliasOf(linking, one, field, target) ?? field),
  };
  return { base, depth: below?.depth ?? 0 };
}

function find(linking: Linking, reference: string): Referable | undefined {
  return linking.byReference.get(reference) ?? linking.byReference.get(reference.toLowerCase());
}

function aliasOf(linking: Linking, one: SigmaCorrelation, alias: string, target: Referable): string | null {
  for (const [reference, field] of one.aliases.get(alias) ?? []) {
    if (find(linking, reference) === target) return field;
  }
  return null;
}

function lintAliases(linking: Linking, one: SigmaCorrelation): void {
  const targets = new Set(one.rules.map((reference) => find(linking, reference)));
  for (const [alias, fields] of one.aliases) {
    for (const reference of fields.keys()) {
      if (targets.has(find(linking, reference))) continue;
      const position = one.position(['correlation', 'aliases', alias, reference]);
      const message = `alias '${alias}' names '${reference}', which is not among the rules`;
      linking.problems.push({ file: one.file, ...position, message, severity: 'lint' });
    }
  }
}

function isMonotone({ type, condition }: SigmaCorrelation): boolean {
  if (condition.kind === 'travel') return true;
  if (condition.kind === 'new_terms') return false;
  if (condition.kind === 'expression') return !hasNot(condition.expression);
  if (type === 'value_avg' || type === 'value_percentile' || type === 'value_median') return false;
  return condition.bounds.every(({ operator }) => operator === 'gt' || operator === 'gte');
}

function hasNot(condition: Condition): boolean {
  if (condition.kind === 'not') return true;
  return condition.kind === 'and' || condition.kind === 'or' ? condition.of.some(hasNot) : false;
}

function quietOf(linked: readonly LinkedCorrelation[]): Set<string> {
  const loud = new Set<string>();
  const referenced = new Set<string>();
  for (const { correlation, bases } of linked) {
    for (const { key } of bases) {
      referenced.add(key);
      if (correlation.generate) loud.add(key);
    }
  }
  return new Set([...referenced].filter((key) => !loud.has(key)));
}
