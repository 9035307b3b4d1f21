/**
 * Conformance cases for a Sigma engine, in the format `sigma-case/1`: what a file holds, and what became of each case.
 */

/** A case as its file says it; which keys it has decides its kind. */
export interface SigmaCase {
  readonly id: string;
  /** One YAML document … */
  readonly rule?: string;
  /** … or several. */
  readonly rules?: string;
  /** False: the specification is silent or engines differ. */
  readonly normative?: boolean;
  /** True: it must hold although the specification is silent. */
  readonly required?: boolean;
  readonly placeholders?: Readonly<Record<string, readonly unknown[]>>;
  readonly tests?: readonly CaseTest[];
  readonly key?: string;
  readonly value?: unknown;
  readonly expect?: unknown;
  readonly events?: readonly CaseEvent[];
  readonly allowed_lateness?: string;
  readonly dedupe_key?: string;
  readonly tenant_key?: string;
  readonly restart_after?: number;
  readonly replay?: readonly number[];
  readonly reported?: readonly string[];
}

export interface CaseTest {
  readonly event: object;
  readonly match?: boolean;
  /** Titles of the rules that match. */
  readonly matched?: readonly string[];
}

/** `t` = event time in seconds; events stand in the order of arrival. */
export interface CaseEvent {
  readonly t: number;
  readonly event: object;
}

export type CaseKind = 'match' | 'expansion' | 'filters' | 'errors' | 'correlations';

/** `failed` = a case that must hold does not; `differ` = an opinion that is not shared, or a known defect elsewhere. */
export interface CaseOutcome {
  readonly id: string;
  readonly kind: CaseKind | null;
  readonly verdict: 'passed' | 'failed' | 'differ';
  /** Why it did not pass, in words; null when it did. */
  readonly detail: string | null;
}

/** The file is not one of cases. */
export class CaseFileError extends Error {
  override readonly name = 'CaseFileError';
}

/** Reads the cases of a parsed file. Throws CaseFileError where it holds none or one has no id. */
export function readCaseFile(content: unknown): readonly SigmaCase[] {
  const cases = isObject(content) ? content['cases'] : content;
  if (!Array.isArray(cases)) throw new CaseFileError("it has no list 'cases'");
  if (cases.length === 0) throw new CaseFileError("its list 'cases' is empty");
  const ids = new Set<string>();
  return cases.map((one: unknown, index) => {
    const id = isObject(one) ? one['id'] : undefined;
    if (typeof id !== 'string' || id === '') throw new CaseFileError(`case ${index + 1} has no id`);
    if (ids.has(id)) throw new CaseFileError(`id '${id}' is used twice`);
    ids.add(id);
    return one as SigmaCase;
  });
}

/** Null where the keys fit no kind. */
export function kindOf(one: SigmaCase): CaseKind | null {
  if (Array.isArray(one.events)) return 'correlations';
  if (typeof one.key === 'string') return 'expansion';
  if (textOf(one) === '') return null;
  if (one.expect === 'reject') return 'errors';
  if (!Array.isArray(one.tests) || one.tests.length === 0) return null;
  if (one.tests.every((test) => Array.isArray(test.matched))) return 'filters';
  return one.tests.every((test) => typeof test.match === 'boolean') ? 'match' : null;
}

/** Specification or decision of the project; the rest are opinions. */
export function isBinding(one: SigmaCase): boolean {
  return one.normative !== false || one.required === true;
}

export function textOf(one: SigmaCase): string {
  const text = one.rule ?? one.rules;
  return typeof text === 'string' ? text : '';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
