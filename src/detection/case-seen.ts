import type { Assessment } from '../store/assessments.ts';
import type { Missing } from './assess.ts';
import type { Detection } from './catalogue.ts';
import { isUndecided } from './undecided.ts';

/** What the detect job gives back, as far as cases look at it. The job is handed in: it lies in a layer above. */
export interface CaseDetectResult {
  readonly assessments: readonly Assessment[];
  readonly notCarried: ReadonlyMap<string, ReadonlySet<string>>;
  readonly evaluated: ReadonlySet<string>;
  readonly failures: readonly string[];
}

/** What the runs of one case looked at, and what they could not. */
export class Seen {
  evaluated = false;
  readonly without = new Set<string>();
  /** What correlations wait for. */
  undecided = new Set<string>();
  readonly failures: string[] = [];

  add(detection: Detection, result: CaseDetectResult): void {
    const reason = result.assessments.find((one) => one.detectionId === detection.id)?.reason ?? null;
    const lacks = reason === null ? [] : (JSON.parse(reason) as Missing[]);
    const missing = lacks.map((one) => one.without);
    this.undecided = new Set(lacks.filter(isUndecided).map((one) => one.why));
    for (const without of [...missing, ...(result.notCarried.get(detection.id) ?? [])])
      this.without.add(without);
    // A first read makes no changes, and that is what a part on changes looks at.
    const compared = detection.parts.some(
      (part) => part.feed === 'changes' && part.sources.every((source) => !missing.includes(source)),
    );
    this.evaluated ||= compared || result.evaluated.has(detection.id);
    this.failures.push(...result.failures);
  }
}
