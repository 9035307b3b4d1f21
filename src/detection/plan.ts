import { createHash } from 'node:crypto';
import { logSources } from '../records/index.ts';
import { compileRule, SigmaError, type CompiledRule } from '../sigma/index.ts';
import type { Catalogue, Detection, Part } from './catalogue.ts';
import type { SourceMapping } from './mapping/mapping.ts';
import { valuesFor } from './mapping/placeholder-values.ts';
import { Projection } from './mapping/project.ts';
import { feedsOf, type RuleFeed } from './rule-feeds.ts';

/** A part's rule as it runs on one origin. */
export interface PlannedRule {
  readonly detection: Detection;
  readonly part: Part;
  /** The part's rule, compiled with the tenant's values where it asks for some. */
  readonly rule: CompiledRule;
  /** Gives an imported rule the fields that it knows; null for a rule in the record's own. */
  readonly projection: Projection | null;
  readonly readsContext: boolean;
  /** Reads what an act is about, so that it is judged once for each act of a record. */
  readonly readsTarget: boolean;
  /** Correlations that count what it finds on this origin. */
  readonly feeds: readonly RuleFeed[];
}

/** A part that cannot be evaluated on an origin, and the fields that are missing. */
export interface SkippedRule {
  readonly detection: Detection;
  readonly part: Part;
  readonly without: readonly { readonly field: string; readonly why: string }[];
}

/** What runs on records of one origin. */
export interface OriginPlan {
  readonly rank: number;
  readonly rules: readonly PlannedRule[];
  readonly skipped: readonly SkippedRule[];
  /** Context fields that the rules read. */
  readonly contextFields: ReadonlySet<string>;
  /** Detections whose act this feed may show as undone. */
  readonly undoable: readonly Detection[];
  readonly acts: (
    raw: Readonly<Record<string, unknown>>,
  ) => ReturnType<NonNullable<ReturnType<typeof logSources.get>>['acts']>;
  /** Words of a record that shows no act. */
  readonly words: (raw: Readonly<Record<string, unknown>>) => Readonly<Record<string, string>>;
}

/** Says why a context field is not carried in this tenant; null when it is. */
export type MissingContext = (field: string) => string | null;

/** The tenant's values of placeholders, by name. */
export type PlaceholderLists = ReadonlyMap<string, readonly string[]>;

/** A sign-in cannot be taken back; what other acts did can. */
const LASTING_ACTS = new Set(['role_grant', 'inbox_rule']);

/** Plans by origin, made when the first record of an origin is met. */
export class Plan {
  readonly #catalogue: Catalogue;
  readonly #missing: MissingContext;
  readonly #placeholders: PlaceholderLists;
  readonly #plans = new Map<string, OriginPlan>();

  /** `placeholders` are the tenant's, for imported rules. */
  constructor(catalogue: Catalogue, missing: MissingContext, placeholders: PlaceholderLists = new Map()) {
    this.#catalogue = catalogue;
    this.#missing = missing;
    this.#placeholders = placeholders;
  }

  /** `origin` is `<feed>/<api>`. Throws for one that no parser in src/records declares. */
  of(origin: string): OriginPlan {
    const known = this.#plans.get(origin);
    if (known !== undefined) return known;
    const plan = this.#make(origin);
    this.#plans.set(origin, plan);
    return plan;
  }

  /** An imported rule with the tenant's lists in the place of its placeholders, or the lists that are missing. */
  #compile({ document, imported }: Part): CompiledRule | Pick<SkippedRule, 'without'> {
    if (document.kind !== 'rule') throw new Error(`compile ${document.title}: a correlation is no rule`);
    const names = imported?.placeholders ?? [];
    const { values, missing } = valuesFor(names, this.#placeholders);
    const lacks = (list: readonly string[], why: string) => ({
      without: list.map((name) => ({ field: `%${name}%`, why })),
    });
    if (missing.length > 0) return lacks(missing, 'no_placeholder');
    try {
      return compileRule(document, { placeholders: values });
    } catch (error) {
      if (!(error instanceof SigmaError)) throw error;
      return lacks(names, 'too_many_values');
    }
  }

  #make(name: string): OriginPlan {
    const slash = name.lastIndexOf('/');
    const feed = name.slice(0, slash);
    const source = logSources.get(feed);
    const origin = source?.origins[name.slice(slash + 1)];
    if (source === undefined || origin === undefined) throw undeclared(name);
    const rules: PlannedRule[] = [];
    const skipped: SkippedRule[] = [];
    for (const { detection, part } of partsOf(this.#catalogue, source.rulesOf ?? [feed])) {
      const rule = part.rule ?? this.#compile(part);
      if ('without' in rule) {
        skipped.push({ detection, part, without: rule.without });
        continue;
      }
      const lacking = (fields: readonly string[]) =>
        fields.flatMap((field) => {
          const why = field.startsWith('context.') ? this.#missing(field) : carriedBy(origin, field);
          return why === null ? [] : [{ field, why }];
        });
      const without = lacking(graphFields(part, rule));
      if (without.length > 0) {
        skipped.push({ detection, part, without });
        continue;
      }
      const { feeds, starved } = feedsOf(detection, part, lacking);
      skipped.push(...starved);
      if (!part.quiet || feeds.length > 0) rules.push(planned(detection, part, rule, feeds));
    }
    projectTogether(rules);
    return {
      rank: origin.rank,
      rules,
      skipped,
      contextFields: new Set(rules.flatMap((rule) => contextFieldsOf(fieldsOf(rule.rule, rule.feeds)))),
      undoable: this.#catalogue.detections.filter((one) => isUndoable(one, feed)),
      acts: (raw) => source.acts(raw),
      words: (raw) => source.words?.(raw) ?? {},
    };
  }
}

/** Every part with a rule on one of the feeds; templates read fields too, but a hit is never lost for want of them. */
function partsOf(catalogue: Catalogue, feeds: readonly string[]) {
  return catalogue.detections.flatMap((detection) =>
    detection.parts.flatMap((part) => (feeds.includes(part.feed ?? '') ? [{ detection, part }] : [])),
  );
}

/** The fields of Graph's records behind those that a rule names. */
function graphFields({ imported }: Part, rule: CompiledRule): readonly string[] {
  if (imported === null) return rule.fields;
  return [...new Set(rule.fields.flatMap((name) => imported.mapping.field(name)?.paths ?? []))];
}

/** Imported rules of one log source look at the same event, so that each of its fields is read once. */
function projectTogether(rules: PlannedRule[]): void {
  const fields = new Map<SourceMapping, string[]>();
  for (const { part, rule } of rules) {
    if (part.imported === null) continue;
    const { mapping } = part.imported;
    fields.set(mapping, [...(fields.get(mapping) ?? []), ...rule.fields]);
  }
  const projections = new Map(
    [...fields].map(([mapping, names]) => [mapping, new Projection(mapping, names)]),
  );
  for (const [index, one] of rules.entries()) {
    const projection = one.part.imported === null ? null : projections.get(one.part.imported.mapping);
    if (projection != null) rules[index] = { ...one, projection };
  }
}

/** The detection's `matchHash`; where the tenant's lists take part in what it matches, with these. */
export function tenantHash(detection: Detection, placeholders: PlaceholderLists): string {
  const names = detection.parts.flatMap((part) => part.imported?.placeholders ?? []);
  if (names.length === 0) return detection.matchHash;
  const { values } = valuesFor(names, placeholders);
  const text = JSON.stringify([detection.matchHash, [...values]]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function undeclared(name: string): Error {
  return new Error(`detect: no parser declares the origin ${name}; the database may be of a newer program`);
}

function carriedBy(origin: { carries(field: string): boolean }, field: string): string | null {
  return field === '*' || origin.carries(field) ? null : 'not_carried';
}

function contextFieldsOf(fields: readonly string[]): string[] {
  return fields.filter((field) => field.startsWith('context.'));
}

/** The fields of a rule and of what counts its hits. */
function fieldsOf(rule: CompiledRule, feeds: readonly RuleFeed[]): readonly string[] {
  return [...rule.fields, ...feeds.flatMap((feed) => feed.reads)];
}

function planned(
  detection: Detection,
  part: Part,
  rule: CompiledRule,
  feeds: readonly RuleFeed[],
): PlannedRule {
  const { fields } = rule;
  return {
    detection,
    part,
    rule,
    projection: null,
    feeds,
    readsContext: contextFieldsOf(fieldsOf(rule, feeds)).length > 0,
    readsTarget: detection.act !== null && fields.includes('context.target.outside'),
  };
}

function isUndoable(detection: Detection, feed: string): boolean {
  return (
    detection.act !== null &&
    LASTING_ACTS.has(detection.act) &&
    detection.parts.some((part) => part.feed === feed)
  );
}
