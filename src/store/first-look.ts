import type { AlertRow } from './alerts.ts';
import type { Db } from './database.ts';

/** Open states that nobody expects, oldest first. */
export async function openStates(db: Db, tenantId: string): Promise<AlertRow[]> {
  return db
    .selectFrom('alert')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('merged_into', 'is', null)
    .where('life', '=', 'state')
    .where('state', '=', 'open')
    .where('expected_by', 'is', null)
    .orderBy('first_event_at')
    .orderBy('id')
    .execute();
}

/** Alerts about events from before the enrolment, newest first. */
export async function historicalEvents(db: Db, tenantId: string): Promise<AlertRow[]> {
  return db
    .selectFrom('alert')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('merged_into', 'is', null)
    .where('life', '=', 'event')
    .where('historical', '=', 1)
    .orderBy('first_event_at', 'desc')
    .orderBy('id')
    .execute();
}
