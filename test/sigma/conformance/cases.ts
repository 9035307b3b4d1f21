import { readFileSync } from 'node:fs';
import type { SigmaCase as FormatCase } from '../../../src/sigma/conformance/case-file.ts';

export { isBinding, textOf } from '../../../src/sigma/conformance/case-file.ts';

/** A case of test/sigma/conformance/cases; `why` is the authors' reason for a refusal. */
export type SigmaCase = FormatCase & {
  readonly why?: string;
  readonly placeholders?: Readonly<Record<string, readonly string[]>>;
};

export function readCases(name: string): readonly SigmaCase[] {
  const text = readFileSync(new URL(`cases/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: SigmaCase[] }).cases;
}
