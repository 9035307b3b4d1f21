/**
 * The detection language: Sigma rules read from YAML, checked, compiled and matched against events. Pure: it reads no
 * file, clock or environment and imports nothing of the product.
 */
export type {
  BooleanValue,
  CompareValue,
  Comparison,
  Condition,
  Detection,
  ExistsValue,
  Item,
  NetworkValue,
  NullValue,
  NumberValue,
  Pattern,
  PatternPart,
  RegexValue,
  Selection,
  Value,
  Wildcard,
} from './ast.ts';
export type { CompiledRule } from './compile.ts';
export { compileRule } from './compile.ts';
export { MAX_FILE_LENGTH } from './document.ts';
export { UNSUPPORTED_MODIFIERS } from './modifiers.ts';
export { MAX_EVENT_DEPTH, readPath } from './path.ts';
export type { SigmaProblem } from './problem.ts';
export { SigmaError } from './problem.ts';
export { MAX_REGEX_INPUT } from './regex.ts';
export type { DocumentHead, LogSource } from './head.ts';
export type { SigmaFilter } from './filter.ts';
export type { SigmaCorrelation } from './correlation/model.ts';
export type { ParsedFile, SigmaRule } from './rule.ts';
export { parseRules } from './rule.ts';
export type { EventLogSource } from './rule-set.ts';
export { RuleSet } from './rule-set.ts';
