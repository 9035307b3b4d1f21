/** A feed as one API version carries it: decides which rules can be evaluated on its records. */
export interface Origin {
  /** `<feed>/<api>`, e.g. `sign-ins/beta`; the value of an event's `origin`. */
  readonly name: string;
  /** The richest origin's values win: beta 3, v1.0 2, unified audit 1. */
  readonly rank: number;
  /** Declared property paths, dotted through objects and lists; `x.*` = an open object, whatever is in it. */
  readonly fields: readonly string[];
  /**
   * Whether records of this origin can carry the field, a dotted path as rules write it. True for a declared path,
   * a path inside an open object, and a path that leads to a declared one. `context.*` is not an origin's matter.
   */
  carries(field: string): boolean;
}

export function makeOrigin(name: string, rank: number, fields: readonly string[]): Origin {
  const known = new Set<string>();
  const open: string[] = [];
  for (const field of fields) {
    if (field.endsWith('.*')) open.push(field.slice(0, -1));
    addWithParents(known, field.replace(/\.\*$/, ''));
  }
  return {
    name,
    rank,
    fields,
    carries: (field) => known.has(field) || open.some((prefix) => field.startsWith(prefix)),
  };
}

function addWithParents(known: Set<string>, path: string): void {
  const steps = path.split('.');
  for (let length = 1; length <= steps.length; length++) known.add(steps.slice(0, length).join('.'));
}
