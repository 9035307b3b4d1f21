import type { Db } from '../store/database.ts';
import { readStates } from '../store/read-states.ts';
import { scopedReads } from '../store/reports.ts';
import { mailboxUsers } from '../store/tenant-facts.ts';
import type { Cause } from '../text/catalogue.ts';
import { causeOf } from './causes.ts';
import type { Period } from './due.ts';
import type { Unseen } from './facts.ts';

/** Other sources have scopes too (a group's members), which are no mailboxes. */
function ofMailbox(source: string): boolean {
  return source !== 'groups' && source !== 'applications';
}

/** Mailboxes whose latest read of the period did not succeed; one without a mailbox is none. */
export async function mailboxTroubles(
  db: Db,
  tenantId: string,
  period: Period,
): Promise<Unseen['mailboxes']> {
  const latest = new Map<string, { source: string; status: string; reason: string | null }>();
  for (const read of await scopedReads(db, tenantId, period.from, period.to)) {
    // Other sources read other things one by one; their troubles are those of the source.
    if (read.source !== 'mailbox-rules') continue;
    latest.set(`${read.source}/${read.scope}`, read);
  }
  const counts = new Map<string, { source: string; cause: Cause; count: number }>();
  for (const read of latest.values()) {
    if (!ofMailbox(read.source)) continue;
    if (read.status === 'ok' || read.status === 'running' || read.reason === 'no_mailbox') continue;
    const cause = causeOf(read.reason, read.reason);
    const key = `${read.source}/${cause}`;
    const entry = counts.get(key) ?? { source: read.source, cause, count: 0 };
    counts.set(key, { ...entry, count: entry.count + 1 });
  }
  return [...counts.values(), ...(await mailboxesWaiting(db, tenantId))];
}

/** Of a large tenant each mailbox has its turn within half a day: until then nobody knows its rules. */
async function mailboxesWaiting(db: Db, tenantId: string): Promise<Unseen['mailboxes']> {
  const source = 'mailbox-rules';
  const tried = await readStates(db, tenantId, source);
  if (tried.size === 0 || tried.has('*')) return [];
  const waiting = (await mailboxUsers(db, tenantId)).filter((id) => !tried.has(id));
  return waiting.length === 0 ? [] : [{ source, cause: 'never_read', count: waiting.length }];
}
