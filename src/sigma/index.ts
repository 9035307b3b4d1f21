/**
 * The detection language: Sigma rules read from YAML, checked, compiled and matched against events. Pure: it reads no
 * file, clock or environment and imports nothing of the product.
 */
export type {
  AlternativesValue,
  BooleanValue,
  CharacterClass,
  CompareValue,
  Comparison,
  Condition,
  Detection,
  ExistsValue,
  FieldReferenceValue,
  Item,
  NetworkValue,
  NullValue,
  NumberValue,
  PathStep,
  Pattern,
  PatternPart,
  Placeholder,
  Quantifier,
  RegexValue,
  Selection,
  TimePart,
  TimePartValue,
  Value,
  Wildcard,
} from './language/ast.ts';
export type {
  Duplicates,
  LinkedFilter,
  LinkedRules,
  LinkOptions,
  SigmaDocument,
} from './matching/collection.ts';
export { findDuplicates, linkRules } from './matching/collection.ts';
export type { CompiledRule, CompileOptions, Judgement } from './matching/compile.ts';
export { compileRule, placeholdersOf } from './matching/compile.ts';
export type { CompiledFilter, JudgeOptions } from './matching/compiled-filter.ts';
export { compileFilter } from './matching/compiled-filter.ts';
export type { CaseOutcome, SigmaCase } from './conformance/case-file.ts';
export { CaseFileError, readCaseFile } from './conformance/case-file.ts';
export { runCase } from './conformance/run-case.ts';
export type {
  CaseEvent,
  CaseFiring,
  CorrelationCaseOptions,
  CorrelationCaseResult,
} from './correlation/case.ts';
export { runCorrelationCase } from './correlation/case.ts';
export type { BaselineCoverage, Coverage, Hole } from './correlation/coverage.ts';
export { coverBaseline, NO_COVERAGE } from './correlation/coverage.ts';
export type { CorrelationUpdate, DropCount, DropUpdate } from './correlation/drops.ts';
export type { Episode, EpisodeState, Mode, Moment } from './correlation/episode.ts';
export { boundedEvidence } from './correlation/episode.ts';
export { chainedHits, evaluateAll, evaluateGroup } from './correlation/evaluate.ts';
export type { EventIdentity, Extraction } from './correlation/extract.ts';
export { extractHits } from './correlation/extract.ts';
export type { Alert, AlertUpdate } from './correlation/group-state.ts';
export type { CorrelationHit, Place } from './correlation/hit.ts';
export type { CorrelationBase, LinkedCorrelation, LinkedCorrelations } from './correlation/link.ts';
export { documentKey, linkCorrelations } from './correlation/link.ts';
export type { CorrelationCondition, CorrelationType, SigmaCorrelation } from './correlation/model.ts';
export type { AlertWithEvidence, EngineOptions } from './correlation/stream.ts';
export { CorrelationEngine } from './correlation/stream.ts';
export type { TermRow, TermSpan } from './correlation/terms.ts';
export { foldTerm, mergeTerms } from './correlation/terms.ts';
export type { TravelPair } from './correlation/travel.ts';
export { MAX_FILE_LENGTH } from './language/document.ts';
export type {
  ConditionExplanation,
  ElementsExplanation,
  Explanation,
  FilterExplanation,
  ItemExplanation,
  SelectionExplanation,
  ValueExplanation,
} from './matching/explain.ts';
export { explainRule, MAX_SHOWN } from './matching/explain.ts';
export { MAX_EVENT_DEPTH, readPath } from './matching/path.ts';
export type { Placeholders } from './language/placeholders.ts';
export { MAX_PLACEHOLDER_PATTERNS } from './language/placeholders.ts';
export type { SigmaProblem } from './language/problem.ts';
export { SigmaError } from './language/problem.ts';
export { MAX_REGEX_INPUT } from './regex/regex.ts';
export type { DocumentHead, LogSource } from './language/head.ts';
export type { FilterScope, SigmaFilter } from './language/filter.ts';
export { EventView } from './indexing/event-view.ts';
export type { IndexStats, RuleJudgement } from './indexing/rule-index.ts';
export { RuleIndex } from './indexing/rule-index.ts';
export type { ParsedFile, SigmaRule } from './language/rule.ts';
export { parseRules } from './language/rule.ts';
export type { EventLogSource } from './matching/rule-set.ts';
export { RuleSet } from './matching/rule-set.ts';
