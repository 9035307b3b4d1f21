import type { Selectable } from 'kysely';
import type { AssessmentState } from '../model/outcome.ts';
import type { Db } from './database.ts';
import type { AssessmentTable } from './schema.ts';

export type AssessmentRow = Readonly<Selectable<AssessmentTable>>;

export interface Assessment {
  readonly detectionId: string;
  readonly state: AssessmentState;
  /** JSON text of `{without, why}[]`; null when full. */
  readonly reason: string | null;
}

/** Records what each detection can do in this tenant from `now` on; a change closes the former row. */
export async function saveAssessments(
  tx: Db,
  tenantId: string,
  assessments: readonly Assessment[],
  now: number,
): Promise<void> {
  const current = new Map((await currentAssessments(tx, tenantId)).map((row) => [row.detection_id, row]));
  for (const assessment of assessments) {
    const before = current.get(assessment.detectionId);
    current.delete(assessment.detectionId);
    if (before?.state === assessment.state && before.reason === assessment.reason) continue;
    if (before) await closeAssessment(tx, tenantId, assessment.detectionId, now);
    const row = { to_at: null, state: assessment.state, reason: assessment.reason };
    await tx
      .insertInto('assessment')
      .values({ tenant_id: tenantId, detection_id: assessment.detectionId, from_at: now, ...row })
      .onConflict((c) => c.columns(['tenant_id', 'detection_id', 'from_at']).doUpdateSet(row))
      .execute();
  }
  for (const detectionId of current.keys()) await closeAssessment(tx, tenantId, detectionId, now);
}

async function closeAssessment(tx: Db, tenantId: string, detectionId: string, now: number): Promise<void> {
  await tx
    .updateTable('assessment')
    .set({ to_at: now })
    .where('tenant_id', '=', tenantId)
    .where('detection_id', '=', detectionId)
    .where('to_at', 'is', null)
    .execute();
}

/** What each detection can do in this tenant now. */
export async function currentAssessments(db: Db, tenantId: string): Promise<AssessmentRow[]> {
  return db
    .selectFrom('assessment')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('to_at', 'is', null)
    .orderBy('detection_id')
    .execute();
}
