import { readFileSync } from 'node:fs';

/** A case of test/sigma/conformance/cases, as far as the tests read it. */
export interface SigmaCase {
  readonly id: string;
  /** YAML, one document. */
  readonly rule?: string;
  /** YAML, several documents. */
  readonly rules?: string;
  readonly normative?: boolean;
  readonly required?: boolean;
  readonly why?: string;
  readonly tests?: readonly {
    readonly event: object;
    readonly match?: boolean;
    /** Titles of the rules that match, sorted. */
    readonly matched?: readonly string[];
  }[];
  readonly placeholders?: Readonly<Record<string, readonly string[]>>;
  readonly key?: string;
  readonly value?: unknown;
  readonly expect?: unknown;
}

export function readCases(name: string): readonly SigmaCase[] {
  const text = readFileSync(new URL(`cases/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: SigmaCase[] }).cases;
}

/** Specification or decision of the project; the rest are opinions. */
export function isBinding(one: SigmaCase): boolean {
  return one.normative !== false || one.required === true;
}

export function textOf(one: SigmaCase): string {
  return one.rule ?? one.rules ?? '';
}
