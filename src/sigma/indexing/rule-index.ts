import type { CompiledRule, Judgement } from '../matching/compile.ts';
import type { JudgeOptions } from '../matching/compiled-filter.ts';
import type { EventView } from './event-view.ts';
import type { EventLogSource } from '../matching/rule-set.ts';
import { RuleSet } from '../matching/rule-set.ts';
import { SourceIndex } from './source-index.ts';

/** More sets of rules by log source than any caller has; what comes after them is tried rule by rule. */
const MAX_INDEXES = 64;
const MAX_LOG_SOURCES = 1000;

/** What a rule whose detection matches an event comes to. */
export interface RuleJudgement extends Judgement {
  readonly rule: CompiledRule;
}

export interface IndexStats {
  readonly rules: number;
  /** Indexes built so far: one for each different set of rules that a log source has. */
  readonly indexes: number;
  /** Rules, summed over the indexes, that are tried on every event. */
  readonly open: number;
  /** Rules, summed over the indexes, that can never match. */
  readonly never: number;
  /** Fields and texts looked for, summed over the indexes. */
  readonly fields: number;
  readonly texts: number;
  /** Bytes of the automata's tables. */
  readonly bytes: number;
}

/**
 * Rules by what an event must hold for them to match: first by log source as in RuleSet, then by witnesses
 * (witness.ts has the proof that none is lost). Indexes are built when a log source is first asked for.
 */
export class RuleIndex {
  readonly #set: RuleSet;
  readonly #ordinals: ReadonlyMap<CompiledRule, number>;
  readonly #bySource = new Map<string, SourceIndex | null>();
  readonly #byRules = new Map<string, SourceIndex>();

  constructor(rules: readonly CompiledRule[]) {
    this.#set = new RuleSet(rules);
    this.#ordinals = new Map(rules.map((rule, i) => [rule, i]));
  }

  /**
   * The rules that can match the event, in the order given, and some that cannot. The list is reused: it holds until
   * the next call.
   */
  candidates(event: object, logsource: EventLogSource): readonly CompiledRule[] {
    const index = this.#indexOf(logsource);
    return index === null ? this.#set.candidates(logsource) : index.candidates(event);
  }

  /**
   * The rules whose `judge` says that they match, in the order given: candidates are judged on what the index has
   * already read of the event. The list is reused: it holds until the next call.
   */
  matches(event: object, logsource: EventLogSource, options: JudgeOptions = {}): readonly CompiledRule[] {
    const index = this.#indexOf(logsource);
    if (index !== null) return index.matches(event, options);
    return this.#set.candidates(logsource).filter((rule) => rule.judge(event, options).matched);
  }

  /** The same with the rules that match but for a filter, which says so. */
  judge(event: object, logsource: EventLogSource, options: JudgeOptions = {}): RuleJudgement[] {
    const index = this.#indexOf(logsource);
    if (index !== null) return index.judge(event, options);
    return this.#set
      .candidates(logsource)
      .map((rule) => ({ rule, ...rule.judge(event, options) }))
      .filter(({ matched, excludedBy }) => matched || excludedBy.length > 0);
  }

  /** The event of the last call for this log source as its rules read it, or null if it has no index. */
  view(logsource: EventLogSource): EventView | null {
    return this.#indexOf(logsource)?.view ?? null;
  }

  stats(): IndexStats {
    const indexes = [...this.#byRules.values()];
    const sum = (of: (index: SourceIndex) => number): number =>
      indexes.reduce((total, one) => total + of(one), 0);
    return {
      rules: this.#ordinals.size,
      indexes: indexes.length,
      open: sum((index) => index.open),
      never: sum((index) => index.never),
      fields: sum((index) => index.fields),
      texts: sum((index) => index.texts),
      bytes: sum((index) => index.bytes),
    };
  }

  #indexOf({ product, category, service }: EventLogSource): SourceIndex | null {
    const key = `${product ?? '\0'}\n${category ?? '\0'}\n${service ?? '\0'}`;
    const known = this.#bySource.get(key);
    if (known !== undefined) return known;
    const built = this.#build({
      product: product ?? null,
      category: category ?? null,
      service: service ?? null,
    });
    if (this.#bySource.size < MAX_LOG_SOURCES) this.#bySource.set(key, built);
    return built;
  }

  #build(logsource: EventLogSource): SourceIndex | null {
    const rules = this.#set.candidates(logsource);
    const key = rules.map((rule) => this.#ordinals.get(rule)).join();
    const known = this.#byRules.get(key);
    if (known !== undefined) return known;
    if (this.#byRules.size >= MAX_INDEXES) return null;
    const index = new SourceIndex(rules);
    this.#byRules.set(key, index);
    return index;
  }
}
