import { isAboutProgram, stateFor, type CheckResult } from '../detection/checks.ts';
import type { Closing } from '../incidents/state-life.ts';
import type { AlertKey } from '../store/hits.ts';
import { PROGRAM_SOURCE } from '../store/program.ts';
import type { SourceReads } from '../store/read-states.ts';

/** A state that was true when last seen. Times are UTC epoch ms. */
export interface Held {
  readonly key: AlertKey;
  /** The person whose account or mailbox it is about. */
  readonly entityId: string;
  readonly lastTrueAt: number;
  /** What each source could see when it was last true. */
  readonly capability: Readonly<Record<string, string>>;
}

/**
 * Whether a state that no check finds any more has ended, and why; null when that is not proven.
 * Proof is an ok read of each source, covering the entity, begun after it was last true, that could see at least as
 * much. That somebody is gone, or out of scope, is proven by the read of users alone.
 */
export function closingOf(
  held: Held,
  results: readonly CheckResult[],
  knownUsers: ReadonlySet<string>,
): Closing | null {
  if (results.every(({ part }) => isAboutProgram(part))) return programClosing(held, results);
  const people = ownerRead(results);
  const peopleAt = provenAt(people, 'users', held);
  if (!knownUsers.has(held.entityId)) return peopleAt === null ? null : { reason: 'deleted', at: peopleAt };
  const outside = results.some((result) => result.scope !== null && !result.scope.has(held.entityId));
  if (outside && peopleAt !== null) return { reason: 'out_of_scope', at: peopleAt };
  if (outside) return null;
  const starts: number[] = [];
  for (const result of results) {
    for (const source of result.part.sources) {
      const at = provenAt(result.reads.get(source), source, held);
      if (at === null) return null;
      starts.push(at);
    }
  }
  return starts.length === 0 ? null : { reason: 'fixed', at: Math.max(...starts) };
}

/** What is wrong with ourselves has ended when the next measure no longer shows it. */
function programClosing(held: Held, results: readonly CheckResult[]): Closing | null {
  const outside = results.some((result) => result.scope !== null && !result.scope.has(held.entityId));
  const at = provenAt(results[0]?.reads.get(PROGRAM_SOURCE), PROGRAM_SOURCE, held);
  return at === null ? null : { reason: outside ? 'out_of_scope' : 'fixed', at };
}

function ownerRead(results: readonly CheckResult[]): SourceReads | undefined {
  return results.map((result) => result.reads.get('users')).find((reads) => reads !== undefined);
}

/** Start of the ok read that is proof, or null. */
function provenAt(reads: SourceReads | undefined, source: string, held: Held): number | null {
  const state = stateFor(reads, held.entityId);
  if (state?.okAt == null || state.okAt <= held.lastTrueAt) return null;
  return seesAtLeast(state.capability ?? '', held.capability[source] ?? '') ? state.okAt : null;
}

/** Capabilities are `full`, `none`, or words separated by commas or blanks; more words see more. */
export function seesAtLeast(now: string, then: string): boolean {
  if (now === 'full' || now === then || then === '' || then === 'none') return true;
  const words = new Set(now.split(/[\s,]+/));
  return then.split(/[\s,]+/).every((word) => words.has(word));
}

/** Start of the latest attempt that was refused, for a state that no source lets us see; null while all do. */
export function lostSince(results: readonly CheckResult[], entityId: string): number | null {
  const refused: number[] = [];
  for (const result of results) {
    for (const source of result.part.sources) {
      const reads = result.reads.get(source);
      for (const state of [reads?.get(entityId), reads?.get('*')]) {
        if (state?.lastStatus === 'skipped' && state.lastAt > (state.okAt ?? -1)) refused.push(state.lastAt);
      }
    }
  }
  return refused.length === 0 ? null : Math.min(...refused);
}
