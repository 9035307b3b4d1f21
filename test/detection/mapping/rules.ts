import { parseRules, type SigmaRule } from '../../../src/sigma/index.ts';

/** A rule of ours in the style of public ones; `detection` is the YAML below the key, on one line or more. */
export function ruleText(
  logsource: string,
  detection: string,
  changes: Readonly<Record<string, string>> = {},
): string {
  const head: Record<string, string> = {
    title: 'A rule of the tests',
    id: '5b0c2c11-0000-4000-8000-000000000001',
    status: 'test',
    author: 'The testers',
    level: 'medium',
    ...changes,
  };
  const [product = '', service = ''] = logsource.split('/');
  return [
    ...Object.entries(head).map(([key, value]) => `${key}: ${value}`),
    'logsource:',
    `  product: ${product}`,
    `  service: ${service}`,
    'detection:',
    ...detection.split('\n').map((line) => `  ${line}`),
    '',
  ].join('\n');
}

/** `selection` and its fields, as flow YAML. */
export function ruleOf(
  logsource: string,
  selection: string,
  changes: Readonly<Record<string, string>> = {},
): SigmaRule {
  return parseOne(ruleText(logsource, `selection: ${selection}\ncondition: selection`, changes));
}

export function parseOne(text: string): SigmaRule {
  const { rules, problems } = parseRules(text, 'test.yml');
  const [rule] = rules;
  if (rule === undefined) throw new Error(`the test's rule is refused: ${problems[0]?.message ?? ''}`);
  return rule;
}
