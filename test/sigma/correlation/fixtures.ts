import type { EventIdentity } from '../../../src/sigma/correlation/extract.ts';
import { extractHits } from '../../../src/sigma/correlation/extract.ts';
import type { CorrelationHit } from '../../../src/sigma/correlation/hit.ts';
import type { LinkedCorrelation } from '../../../src/sigma/correlation/link.ts';
import { linkCorrelations } from '../../../src/sigma/correlation/link.ts';
import { parseRules } from '../../../src/sigma/language/rule.ts';

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** A rule that matches events by `type`. */
export function ruleText(name: string): string {
  return [
    `title: rule ${name}`,
    `name: ${name}`,
    'logsource: {product: test}',
    'detection:',
    `  sel: {type: ${name}}`,
    '  condition: sel',
    '',
  ].join('\n');
}

/** A correlation from the flow-style YAML of its map. */
export function correlationText(name: string, correlation: string): string {
  return `title: ${name}\nname: ${name}\ncorrelation: ${correlation}\n`;
}

/** Parses and links documents; throws what is wrong with them. */
export function link(...documents: string[]): readonly LinkedCorrelation[] {
  const { correlations, rules, problems } = parseRules(documents.join('---\n'), 'test.yml');
  const linked = linkCorrelations(correlations, rules);
  const errors = [...problems, ...linked.problems].filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '));
  return linked.correlations;
}

/** One correlation over the rules x, y and z. */
export function linkOne(correlation: string): LinkedCorrelation {
  const [only] = link(ruleText('x'), ruleText('y'), ruleText('z'), correlationText('C', correlation));
  if (only === undefined) throw new Error('nothing was linked');
  return only;
}

/** All errors and lints of a correlation over x, y and z, after linking. */
export function problemsOf(correlation: string): { message: string; severity: string; line: number }[] {
  const text = [ruleText('x'), ruleText('y'), ruleText('z'), correlationText('C', correlation)];
  const { correlations, rules, problems } = parseRules(text.join('---\n'), 'test.yml');
  return [...problems, ...linkCorrelations(correlations, rules).problems];
}

let serial = 0;

/** The hits of one event on one rule; ids are made up unless given. */
export function hitsOf(
  linked: LinkedCorrelation,
  base: string,
  at: number,
  event: object = { user: 'a' },
  identity: Partial<EventIdentity> = {},
): readonly CorrelationHit[] {
  const whole = { tenant: 'T1', event: `e${serial++}`, at, source: 'test', ...identity };
  return extractHits(linked, base, event, whole).hits;
}
