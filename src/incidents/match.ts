import { evidenceKey, type Occurrence } from './occurrences.ts';

/** What matching needs to know of a stored alert. */
export interface KnownAlert {
  readonly id: string;
  readonly open: boolean;
  readonly merged: boolean;
  readonly createdAt: number;
  readonly firstEventAt: number;
  readonly lastEventAt: number;
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
 * it; an open one comes before a closed one, so that a bridge never hides an open alert inside a closed one. An open alert
 * that has lost all its evidence carries on with what was found in the same span of time: Graph's records of sign-ins take
 * the place of those of the audit log, and the reader has been told once.
 */
export function matchAlerts(found: readonly Occurrence[], known: readonly KnownAlert[]): Matching {
  const alertOf: (string | null)[] = found.map(() => null);
  const mergedInto = new Map<string, number>();
  const orphans: KnownAlert[] = [];
  const keys = found.map((occurrence) => occurrence.evidence.map(evidenceKey));
  for (const alert of [...known].sort(byPrecedence)) {
    const shared = [...keys.keys()].filter((index) => keys[index]?.some((key) => alert.evidence.has(key)));
    const free = shared.find((index) => alertOf[index] === null);
    const taken = shared[0];
    if (free !== undefined) alertOf[free] = alert.id;
    else if (taken !== undefined) mergedInto.set(alert.id, taken);
    else orphans.push(alert);
  }
  const left = orphans.filter((alert) => !carriesOn(alert, found, alertOf));
  return { alertOf, mergedInto, orphans: left.map(({ id }) => id) };
}

/** Gives the orphan to the first occurrence of its span that has no alert; false when there is none. */
function carriesOn(alert: KnownAlert, found: readonly Occurrence[], alertOf: (string | null)[]): boolean {
  if (!alert.open || alert.merged) return false;
  const at = found.findIndex(
    ({ evidence }, index) =>
      alertOf[index] === null &&
      evidence.some(({ from, to }) => from <= alert.lastEventAt && to >= alert.firstEventAt),
  );
  if (at >= 0) alertOf[at] = alert.id;
  return at >= 0;
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
