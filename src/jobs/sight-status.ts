import { currentAssessments } from '../store/assessments.ts';
import type { CapabilityRow } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import { currentDetectionVersions } from '../store/detection-versions.ts';
import { detectionWords, sourceWords, type Licensed } from './sight-words.ts';

/** What one detection can do in a tenant. */
export interface DetectionStatus {
  readonly id: string;
  readonly title: string;
  readonly state: 'full' | 'reduced' | 'off';
  /** Why it is not full, in words; null where it is. */
  readonly why: string | null;
}

type Capabilities = ReadonlyMap<string, CapabilityRow>;

/** The licences of a tenant as they were last noted. */
export function licensedIn(capabilities: Capabilities): Licensed {
  return (licence) => {
    const row = capabilities.get(`licence:${licence}`);
    return row === undefined ? null : row.state === 'full';
  };
}

/** What every detection can do in the tenant now. */
export async function detectionStatuses(
  db: Db,
  tenantId: string,
  licensed: Licensed,
): Promise<DetectionStatus[]> {
  const versions = await currentDetectionVersions(db);
  const rows = await currentAssessments(db, tenantId);
  return rows.map((row) => ({
    id: row.detection_id,
    title: versions.get(row.detection_id)?.title ?? row.detection_id,
    state: row.state as DetectionStatus['state'],
    why: row.state === 'full' ? null : detectionWords(row.reason, licensed),
  }));
}

/** What can be seen of a source, and why not all; `unknown` = it was never answered. */
export function seen(
  source: string,
  capabilities: Capabilities,
): { readonly sees: 'full' | 'reduced' | 'off' | 'unknown'; readonly why: string | null } {
  const row = capabilities.get(`source:${source}`);
  if (row === undefined) return { sees: 'unknown', why: null };
  const sees = row.state as 'full' | 'reduced' | 'off';
  return {
    sees,
    why: row.reason === null ? null : sourceWords(source, row.reason, licensedIn(capabilities)),
  };
}
