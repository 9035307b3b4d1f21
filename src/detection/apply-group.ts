import {
  deleteCorrelationHits,
  hitsOfGroup,
  hitsOfHappening,
  saveCorrelationHits,
  type CorrelationHitRow,
} from '../store/correlation-hits.ts';
import { settleGroup, touchGroups, type CorrelationWaitRow } from '../store/correlation-waits.ts';
import type { Db } from '../store/database.ts';
import {
  deleteHit,
  hitsOfCorrelation,
  saveHits,
  withdrawHit,
  type AlertKey,
  type HitRow,
} from '../store/hits.ts';
import { replaceTerms, termsOfGroup, type TermRow } from '../store/terms.ts';
import type { ReadCoverage } from './correlation-coverage.ts';
import { TERM_EVIDENCE_MS } from './group-evidence.ts';
import {
  chainName,
  judgeGroup,
  MOST_HITS,
  type JudgedGroup,
  type JudgedPart,
  type Stretch,
} from './judge-group.ts';
import { groupOf, loadGroup, loadTermGroup, loadUnder, type ApplyRun } from './load-group.ts';
import { sameHit } from './replace-hits.ts';
import { touchedBy } from './replace-correlation-hits.ts';
import { carriedOn } from './term-spans.ts';

/**
 * Judges one group that is due and writes what follows: its hits, what correlations above it get, its terms, and what it
 * waits for now. In the caller's transaction, under the lease. Returns the keys whose alerts are to be folded again.
 */
export async function applyGroup(
  run: ApplyRun,
  tx: Db,
  judged: JudgedPart,
  due: CorrelationWaitRow,
  coverage: ReadCoverage,
): Promise<AlertKey[]> {
  const isTerms = judged.linked.correlation.condition.kind === 'new_terms';
  const terms = isTerms ? await termsOfGroup(tx, run.tenantId, groupOf(due)) : [];
  if (isTerms && (await carryTermsOn(run, tx, judged, due, coverage, terms))) return [];
  const input = isTerms ? await loadTermGroup(run, tx, due, terms) : await loadGroup(run, tx, judged, due);
  const under = judged.part.quiet ? new Map() : await loadUnder(run, tx, judged, input.rows);
  const result = judgeGroup(judged, {
    ...input,
    under,
    ...{ tenantId: run.tenantId, groupHash: due.group_hash, coverage, now: run.now },
  });
  if (isTerms) await replaceTerms(tx, terms, result.terms);
  await chain(run, tx, judged, due, input.stretch, [...terms, ...result.terms], result);
  await settleGroup(tx, { ...due, ...result.wait, touched: 0, coverage: coverage.hash });
  return judged.part.quiet ? [] : writeHits(run, tx, judged, due, input.stretch, result);
}

/** Most sightings are of what is known: they lengthen a span, and nothing else follows from them. */
async function carryTermsOn(
  run: ApplyRun,
  tx: Db,
  { linked }: JudgedPart,
  due: CorrelationWaitRow,
  coverage: ReadCoverage,
  terms: readonly TermRow[],
): Promise<boolean> {
  if (due.touched !== 1) return false;
  const changed = due.state !== '' && due.coverage !== coverage.hash;
  if (changed || (due.due_at !== null && due.due_at <= coverage.watermark)) return false;
  const span = { from: due.from_at, to: due.to_at };
  const rules = linked.bases.map((base) => base.key);
  const rows = await hitsOfGroup(tx, run.tenantId, groupOf(due), rules, span, MOST_HITS + 1);
  if (rows.length > MOST_HITS) return false;
  const spans = carriedOn(linked, rows, terms, TERM_EVIDENCE_MS);
  if (spans === null) return false;
  await replaceTerms(tx, terms, spans);
  await settleGroup(tx, { ...due, touched: 0 });
  return true;
}

/** Hands fulfilled timespans to the correlations above, and takes back those that are not fulfilled any more. */
async function chain(
  run: ApplyRun,
  tx: Db,
  { linked, above }: JudgedPart,
  due: CorrelationWaitRow,
  stretch: Stretch,
  terms: readonly TermRow[],
  result: JudgedGroup,
): Promise<void> {
  const isTerms = linked.correlation.condition.kind === 'new_terms';
  const names = isTerms ? [...new Set(terms.map((row) => row.term_hash))] : [null];
  for (const outer of above) {
    const wanted = result.chained.filter((row) => row.correlation === outer.key);
    const stored: CorrelationHitRow[] = [];
    for (const term of names) {
      const name = chainName(linked, due.group_hash, term);
      stored.push(...(await hitsOfHappening(tx, run.tenantId, outer.key, name, stretch)));
    }
    const textOf = (row: CorrelationHitRow) => JSON.stringify(Object.entries(row).sort());
    const [before, after] = [new Set(stored.map(textOf)), new Set(wanted.map(textOf))];
    const came = wanted.filter((row) => !before.has(textOf(row)));
    const went = stored.filter((row) => !after.has(textOf(row)));
    await deleteCorrelationHits(tx, went);
    await saveCorrelationHits(run.database, tx, came);
    // What is handed on may stand while the hits behind it change, and those are shown above.
    await touchGroups(tx, run.tenantId, touchedBy(wanted, went));
  }
}

/** A hit that is not shown any more goes; one of an event that contributes no more is withdrawn. */
async function writeHits(
  run: ApplyRun,
  tx: Db,
  { part }: JudgedPart,
  due: CorrelationWaitRow,
  stretch: Stretch,
  result: JudgedGroup,
): Promise<AlertKey[]> {
  const stored = await hitsOfCorrelation(tx, run.tenantId, part.id, due.group_hash, stretch);
  const before = new Map(stored.map((hit) => [hitName(hit), hit]));
  const changed: HitRow[] = [];
  for (const hit of result.hits) {
    const known = before.get(hitName(hit));
    before.delete(hitName(hit));
    if (known === undefined) changed.push(hit);
    else if (!sameHit(known, hit)) changed.push({ ...hit, created_at: known.created_at });
  }
  const gone: HitRow[] = [];
  for (const hit of before.values()) {
    if (hit.status === 'withdrawn') continue;
    gone.push(hit);
    if (result.contributing.has(hit.canonical_id)) await deleteHit(tx, hit);
    else await withdrawHit(tx, hit, run.now);
  }
  await saveHits(tx, changed);
  return [...changed, ...gone].map((hit) => ({
    detectionId: hit.detection_id,
    subject: hit.subject,
    cause: hit.cause,
  }));
}

function hitName(hit: HitRow): string {
  return `${hit.canonical_id} ${hit.subject} ${hit.cause}`;
}
