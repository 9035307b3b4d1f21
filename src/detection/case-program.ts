import { z } from 'zod';
import { CAPABILITY_KIND, changeEvent, entityKinds, instant } from '../records/index.ts';
import type { Database } from '../store/database.ts';
import { applyStage } from '../store/entities.ts';
import { ingestEvents } from '../store/events.ts';
import { NO_TROUBLE, PROGRAM_SOURCE, replaceProgram } from '../store/program.ts';
import { lastOkRead, saveReads } from '../store/reads.ts';

const time = z.string().transform((value, context) => {
  const at = instant(value);
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: `'${value}' is no time; write 2026-11-17T09:42:00Z` });
  return z.NEVER;
});
const when = time.nullable().default(null);
const amount = z.number().int().default(0);
const hours = z
  .number()
  .nullable()
  .default(null)
  .transform((value) => (value === null ? null : value * 3_600_000));
const titles = z.array(z.string()).default([]);

/** What a step of a case says of our own state: what is left out is as in a tenant where all is well. */
export const programStep = z.strictObject({
  capabilities: z
    .array(
      z.strictObject({
        name: z.string(),
        area: z.enum([
          'licence',
          'plan',
          'permission',
          'source',
          'auditing',
          'defender',
          'mailboxes',
          'access',
        ]),
        state: z.enum(['full', 'reduced', 'off']),
        before: z.enum(['full', 'reduced', 'off']).nullable().default(null),
        reason: z.string().nullable().default(null),
        since: time,
        needed: z.boolean().default(true),
        titles,
      }),
    )
    .default([]),
  sources: z
    .array(
      z.strictObject({
        source: z.string(),
        form: z.enum(['log', 'state']).default('log'),
        state: z.enum(['full', 'reduced', 'off', 'unknown']).default('full'),
        interval_hours: z.number().default(1),
        last_ok_at: when,
        last_new_at: when,
        longest_gap_hours: hours,
        active_hours: amount,
        history_hours: z.number().default(0),
        p95_hours: hours,
        records: amount,
        usual_p95_hours: hours,
        usual_records: amount,
        throttled: amount,
        behind_hours: hours,
        behind_before_hours: hours,
      }),
    )
    .default([]),
  gaps: z
    .array(
      z.strictObject({ source: z.string(), from: time, to: time, reason: z.string(), given_up_at: time }),
    )
    .default([]),
  credentials: z
    .array(
      z.strictObject({
        id: z.string(),
        form: z.enum(['secret', 'certificate']),
        name: z.string(),
        ends_at: time,
        replaced: z.boolean().default(false),
      }),
    )
    .default([]),
  mails: z
    .array(
      z.strictObject({
        recipient: z.string(),
        since: time,
        failed: amount,
        waiting: amount,
        error: z.string(),
      }),
    )
    .default([]),
  lost: z.array(z.strictObject({ source: z.string(), why: z.string(), since: time, titles })).default([]),
});

export type ProgramStep = z.output<typeof programStep>;

/** Stores a step's state of our own as the self-watch job would. */
export async function applyProgram(
  database: Database,
  tenantId: string,
  step: ProgramStep,
  at: number,
): Promise<void> {
  const previous = await lastOkRead(database.db, tenantId, PROGRAM_SOURCE, '*');
  const key = { tenantId, source: PROGRAM_SOURCE, readId: `${PROGRAM_SOURCE}-${at}` };
  const held = step.capabilities.map((row) => ({
    kind: CAPABILITY_KIND,
    id: row.name,
    removed: false,
    raw: { ...row },
  }));
  await database.transaction(async (tx) => {
    await replaceProgram(tx, tenantId, {
      capabilities: step.capabilities.map(toCapability),
      sources: step.sources.map(toSource),
      troubles: troublesOf(step),
    });
    const changes = await applyStage(tx, {
      ...key,
      held,
      completeFor: [CAPABILITY_KIND],
      startedAt: at,
      previousStartedAt: previous,
      parse: parseOwn,
    });
    const records = changes.map(changeEvent);
    await ingestEvents(database, tx, { tenantId, records, readStartedAt: at, now: at });
    await saveReads(tx, [
      {
        ...{ tenant_id: tenantId, source: PROGRAM_SOURCE, read_id: key.readId, scope: '*', status: 'ok' },
        ...{ reason: null, capability: 'full', records: records.length, started_at: at, finished_at: at },
      },
    ]);
  });
}

function parseOwn(kind: string, raw: Record<string, unknown>) {
  const parsed = entityKinds.get(kind)?.parse(raw);
  return parsed?.ok === true ? parsed.value : null;
}

function toCapability({ before, needed, titles: list, ...row }: ProgramStep['capabilities'][number]) {
  const told = { detections: list.length, titles: list.join('; ') };
  return { ...row, state_before: before, needed: needed ? 1 : 0, ...told };
}

function toSource(row: ProgramStep['sources'][number]) {
  const { source, form, state, last_ok_at, last_new_at, active_hours, records, usual_records, throttled } =
    row;
  return {
    ...{ source, form, state, last_ok_at, last_new_at, active_hours, records, usual_records, throttled },
    reason: null,
    interval_ms: row.interval_hours * 3_600_000,
    longest_gap_ms: row.longest_gap_hours,
    history_ms: row.history_hours * 3_600_000,
    profiled_at: null,
    p95_ms: row.p95_hours,
    usual_p95_ms: row.usual_p95_hours,
    behind_ms: row.behind_hours,
    behind_before_ms: row.behind_before_hours,
    before_at: null,
  };
}

function troublesOf(step: ProgramStep) {
  return [
    ...step.gaps.map(({ source, from, to, reason, given_up_at: at }) => ({
      ...NO_TROUBLE,
      ...{ kind: 'gap', id: `${source}/${from}`, name: source, reason, since: from, ends_at: to, amount: at },
    })),
    ...step.credentials.map(({ id, form, name, ends_at, replaced }) => ({
      ...NO_TROUBLE,
      ...{ kind: 'credential', id, name, reason: form, ends_at, waiting: replaced ? 1 : 0 },
    })),
    ...step.mails.map(({ recipient, since, failed, waiting, error }) => ({
      ...NO_TROUBLE,
      ...{ kind: 'mail', id: recipient, name: recipient, reason: error, since, amount: failed, waiting },
    })),
    ...step.lost.map(({ source, why, since, titles: list }) => ({
      ...NO_TROUBLE,
      ...{ kind: 'sight', id: `${source}/${why}`, name: source, reason: why, since },
      ...{ amount: list.length, titles: list.join('; ') },
    })),
  ];
}
