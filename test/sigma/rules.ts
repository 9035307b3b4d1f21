import { compileRule, parseRules } from '../../src/sigma/index.ts';
import type { CompiledRule, SigmaProblem } from '../../src/sigma/index.ts';

/** A whole rule around the YAML of a detection, indented by two blanks. */
export function ruleText(detection: string): string {
  const indented = detection.split('\n').map((line) => `  ${line}`);
  return ['title: t', 'logsource: {product: test}', 'detection:', ...indented, ''].join('\n');
}

/** A rule whose only selection is the given flow-style YAML. */
export function selectionText(selection: string): string {
  return ruleText(`sel: ${selection}\ncondition: sel`);
}

export function compileText(text: string): CompiledRule {
  const { rules, problems } = parseRules(text, 'rule.yml');
  const [rule] = rules;
  if (rule === undefined) throw new Error(problems.map((p) => p.message).join('; '));
  return compileRule(rule);
}

export function compileSelection(selection: string): CompiledRule {
  return compileText(selectionText(selection));
}

export function errorsOf(text: string): SigmaProblem[] {
  return parseRules(text, 'rule.yml').problems.filter((problem) => problem.severity === 'error');
}

export function lintsOf(text: string): string[] {
  const { problems } = parseRules(text, 'rule.yml');
  return problems.filter((problem) => problem.severity === 'lint').map((problem) => problem.message);
}
