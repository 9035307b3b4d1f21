import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CaseEvent, CaseFiring, CorrelationCaseOptions } from '../../../src/sigma/correlation/case.ts';
import { runCorrelationCase } from '../../../src/sigma/correlation/case.ts';
import { linkCorrelations } from '../../../src/sigma/correlation/link.ts';
import { parseRules } from '../../../src/sigma/language/rule.ts';

interface CorrelationCase extends CorrelationCaseOptions {
  readonly id: string;
  readonly rules: string;
  readonly events: readonly CaseEvent[];
  readonly expect: readonly CaseFiring[];
  readonly reported?: readonly string[];
}

interface ErrorCase {
  readonly id: string;
  readonly rules?: string;
}

function readCases<T>(name: string): T[] {
  const text = readFileSync(new URL(`../conformance/cases/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: T[] }).cases;
}

const cases = readCases<CorrelationCase>('correlations');
const refused = readCases<ErrorCase>('errors').filter(({ id }) => id.startsWith('err/corr-'));

describe('the correlation cases', () => {
  it('are all there', () => {
    expect(cases.length).toBe(70);
    expect(refused.length).toBe(12);
  });

  it.each(cases.map((one) => [one.id, one] as const))('fire as %s says, opinions included', (_id, one) => {
    const { fired, reported, problems } = runCorrelationCase(one.rules, one.events, one);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const byTitle = (a: CaseFiring, b: CaseFiring): number => (a.correlation < b.correlation ? -1 : 1);
    expect([...fired].sort(byTitle)).toEqual([...one.expect].sort(byTitle));
    if (one.reported !== undefined) expect(reported).toEqual(one.reported);
  });

  it.each(refused.map((one) => [one.id, one.rules ?? ''] as const))(
    'refuse %s with its place',
    (_id, text) => {
      const { rules, correlations, problems } = parseRules(text, 'case.yml');
      const linked = linkCorrelations(correlations, rules);
      const errors = [...problems, ...linked.problems].filter(({ severity }) => severity === 'error');
      expect(errors.length).toBeGreaterThan(0);
      expect(linked.correlations).toEqual([]);
      for (const { file, line, column } of errors) {
        expect(file).toBe('case.yml');
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
      }
    },
  );
});
