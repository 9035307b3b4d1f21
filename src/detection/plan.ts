import { logSources } from '../records/index.ts';
import type { Catalogue, Detection, Part } from './catalogue.ts';

/** A part's rule as it runs on one origin. */
export interface PlannedRule {
  readonly detection: Detection;
  readonly part: Part;
  readonly readsContext: boolean;
  /** Reads what an act is about, so that it is judged once for each act of a record. */
  readonly readsTarget: boolean;
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

/** A sign-in cannot be taken back; what other acts did can. */
const LASTING_ACTS = new Set(['role_grant', 'inbox_rule']);

/** Plans by origin, made when the first record of an origin is met. */
export class Plan {
  readonly #catalogue: Catalogue;
  readonly #missing: MissingContext;
  readonly #plans = new Map<string, OriginPlan>();

  constructor(catalogue: Catalogue, missing: MissingContext) {
    this.#catalogue = catalogue;
    this.#missing = missing;
  }

  /** `origin` is `<feed>/<api>`. Throws for one that no parser in src/records declares. */
  of(origin: string): OriginPlan {
    const known = this.#plans.get(origin);
    if (known !== undefined) return known;
    const plan = this.#make(origin);
    this.#plans.set(origin, plan);
    return plan;
  }

  #make(name: string): OriginPlan {
    const slash = name.lastIndexOf('/');
    const feed = name.slice(0, slash);
    const source = logSources.get(feed);
    const origin = source?.origins[name.slice(slash + 1)];
    if (source === undefined || origin === undefined) {
      throw new Error(
        `detect: no parser declares the origin ${name}; the database may be of a newer program`,
      );
    }
    const rules: PlannedRule[] = [];
    const skipped: SkippedRule[] = [];
    for (const { detection, part, fields } of rulesOf(this.#catalogue, feed)) {
      const without = fields.flatMap((field) => {
        const why = field.startsWith('context.') ? this.#missing(field) : carriedBy(origin, field);
        return why === null ? [] : [{ field, why }];
      });
      if (without.length > 0) skipped.push({ detection, part, without });
      else rules.push(planned(detection, part, fields));
    }
    return {
      rank: origin.rank,
      rules,
      skipped,
      contextFields: new Set(rules.flatMap((rule) => contextFieldsOf(rule.part.rule?.fields ?? []))),
      undoable: this.#catalogue.detections.filter((one) => isUndoable(one, feed)),
      acts: (raw) => source.acts(raw),
      words: (raw) => source.words?.(raw) ?? {},
    };
  }
}

/** Every rule on a feed with the fields it reads; templates read fields too, but a hit is never lost for want of them. */
function rulesOf(catalogue: Catalogue, feed: string) {
  return catalogue.detections.flatMap((detection) =>
    detection.parts.flatMap((part) =>
      part.feed === feed && part.rule !== null ? [{ detection, part, fields: part.rule.fields }] : [],
    ),
  );
}

function carriedBy(origin: { carries(field: string): boolean }, field: string): string | null {
  return field === '*' || origin.carries(field) ? null : 'not_carried';
}

function contextFieldsOf(fields: readonly string[]): string[] {
  return fields.filter((field) => field.startsWith('context.'));
}

function planned(detection: Detection, part: Part, fields: readonly string[]): PlannedRule {
  return {
    detection,
    part,
    readsContext: contextFieldsOf(fields).length > 0,
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
