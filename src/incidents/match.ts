import { evidenceKey, type Occurrence } from './occurrences.ts';

/** What matching needs to know of a stored alert. */
export interface KnownAlert {
  readonly id: string;
  readonly open: boolean;
  readonly merged: boolean;
  readonly createdAt: number;
  readonly firstEventAt: number;
  /** Keys of its stored evidence, withdrawn ones too. */
  readonly evidence: ReadonlySet<string>;
}

export interface Matching {
  /** Id of the stored alert that each occurrence continues; null = a new alert. Same order as the occurrences. */
  readonly alertOf: readonly (string | null)[];
  /** Alert id to the index of the occurrence whose alert it is merged into. */
  readonly mergedInto: ReadonlyMap<string, number>;
  /** Alerts none of whose evidence is in any occurrence any more. */
  readonly orphans: readonly string[];
}

/**
 * Gives each occurrence the stored alert with which it shares evidence. The oldest survives, the others are merged into
 * it; an open one comes before a closed one, so that a bridge never hides an open alert inside a closed one.
 */
export function matchAlerts(found: readonly Occurrence[], known: readonly KnownAlert[]): Matching {
  const alertOf: (string | null)[] = found.map(() => null);
  const mergedInto = new Map<string, number>();
  const orphans: string[] = [];
  const keys = found.map((occurrence) => occurrence.evidence.map(evidenceKey));
  for (const alert of [...known].sort(byPrecedence)) {
    const shared = [...keys.keys()].filter((index) => keys[index]?.some((key) => alert.evidence.has(key)));
    const free = shared.find((index) => alertOf[index] === null);
    const taken = shared[0];
    if (free !== undefined) alertOf[free] = alert.id;
    else if (taken !== undefined) mergedInto.set(alert.id, taken);
    else orphans.push(alert.id);
  }
  return { alertOf, mergedInto, orphans };
}

function byPrecedence(a: KnownAlert, b: KnownAlert): number {
  return (
    Number(a.merged) - Number(b.merged) ||
    Number(b.open) - Number(a.open) ||
    a.createdAt - b.createdAt ||
    a.firstEventAt - b.firstEventAt ||
    (a.id < b.id ? -1 : 1)
  );
}
