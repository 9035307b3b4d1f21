import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Catalogue } from '../detection/catalogue.ts';
import type { Alert } from '../model/alert.ts';
import { listAlerts } from '../store/alerts.ts';
import type { Database } from '../store/database.ts';

const STORIES = z.array(
  z.object({
    story: z.string(),
    tenant: z.string(),
    steps: z.array(
      z.object({ at: z.string(), record_id: z.string(), expect: z.array(z.string()), by_s: z.number() }),
    ),
  }),
);

/** One expected finding of a story and what became of it. */
export interface StoryStep {
  readonly tenant: string;
  readonly story: string;
  readonly catalogue: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** ISO 8601; null = not found. */
  readonly foundAt: string | null;
  readonly verdict: string;
}

/** Compares the labels of the simulator with the alerts in the database. Knows nothing of how either was made. */
export async function compareWithStories(
  database: Database,
  catalogue: Catalogue,
  storiesFile: string,
  /** How often the caller looked, ms: what came just after a look waits that long on top of the label's time. */
  lookedEveryMs: number,
): Promise<StoryStep[]> {
  const stories = STORIES.parse(JSON.parse(readFileSync(storiesFile, 'utf8')));
  const rows = new Map(catalogue.detections.map((detection) => [detection.id, detection.catalogue]));
  const steps: StoryStep[] = [];
  for (const story of stories) {
    const alerts = await listAlerts(database.db, { tenantId: story.tenant });
    const name = await tenantName(database, story.tenant);
    for (const step of story.steps) {
      const subjects = await subjectsOf(database, story.tenant, step.record_id);
      const records = await recordsOf(database, story.tenant, step.record_id);
      for (const expected of step.expect) {
        const alert = alerts.find(
          (item) => rows.get(item.detectionId) === expected && shows(item, records, subjects),
        );
        steps.push({
          tenant: name,
          story: story.story,
          catalogue: expected,
          at: step.at,
          ...verdict(step, alert, lookedEveryMs),
        });
      }
    }
  }
  return steps;
}

async function tenantName(database: Database, tenantId: string): Promise<string> {
  const row = await database.db
    .selectFrom('tenant')
    .select('name')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row?.name ?? tenantId;
}

/** The subjects that a record or an object may stand for: itself, or the owner of the mailbox whose rule it is. */
async function subjectsOf(database: Database, tenantId: string, recordId: string): Promise<Set<string>> {
  const versions = await database.db
    .selectFrom('entity_version')
    .select(['kind', 'id', 'json'])
    .where('tenant_id', '=', tenantId)
    .where((eb) => eb.or([eb('id', '=', recordId), eb('id', 'like', `%/${recordId}`)]))
    .execute();
  const subjects = new Set([`user:${recordId}`]);
  for (const version of versions) {
    const json = JSON.parse(version.json) as Record<string, unknown>;
    for (const key of ['mailbox_id', 'principal_id'])
      if (typeof json[key] === 'string') subjects.add(`user:${json[key]}`);
  }
  return subjects;
}

/** The record and its copies in other logs, which have ids of their own. */
async function recordsOf(database: Database, tenantId: string, recordId: string): Promise<Set<string>> {
  const copies = await database.db
    .selectFrom('event')
    .select('native_id')
    .where('tenant_id', '=', tenantId)
    .where('canonical_id', '=', recordId)
    .execute();
  return new Set([recordId, ...copies.map((copy) => copy.native_id)]);
}

function shows(alert: Alert, records: ReadonlySet<string>, subjects: ReadonlySet<string>): boolean {
  return subjects.has(alert.subject) || alert.evidence.some((item) => records.has(item.nativeId));
}

function verdict(
  step: { at: string; by_s: number },
  alert: Alert | undefined,
  lookedEveryMs: number,
): Pick<StoryStep, 'foundAt' | 'verdict'> {
  if (alert === undefined) return { foundAt: null, verdict: 'NOT FOUND' };
  const late = alert.createdAt - Date.parse(step.at) - step.by_s * 1000 - lookedEveryMs;
  const after = `after ${duration(alert.createdAt - Date.parse(step.at))}`;
  const foundAt = new Date(alert.createdAt).toISOString();
  if (alert.historical) return { foundAt, verdict: 'yes, in the history' };
  if (alert.createdAt < Date.parse(step.at)) return { foundAt, verdict: 'yes, in an alert already open' };
  return {
    foundAt,
    verdict: late > 0 ? `yes, ${after} (later than ${duration(step.by_s * 1000)})` : `yes, ${after}`,
  };
}

function duration(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
