import { expect } from 'vitest';
import { DAY, END, HOUR, MINUTE } from './simulated.ts';
import { mask, type Refusal, type Stage } from './refusal.ts';

const EVENTS = 'SELECT feed, native_id, content_hash FROM event ORDER BY feed, native_id';
const AUDITS = `SELECT count(*) AS n FROM event WHERE feed = 'directory-audits'`;
const AUDIT_RUN = `SELECT status, request_id, records_new FROM run WHERE source = 'directory-audits'`;

/** Answers that are no answer: the run fails, and nothing of the page is stored. */
const damaged: Refusal[] = [
  {
    name: 'malformed JSON',
    arrange: ({ simulated, tenant }) =>
      simulated.faults({
        kind: 'malformed',
        match: 'auditLogs/directoryAudits',
        tenant: tenant.id,
        times: null,
      }),
    exit: 1,
    says: [
      'directory-audits  failed  0  0  0  0',
      'read directory audits: Graph answered 200 with malformed or truncated JSON (request-id <id>); nothing of it was stored and it is read again next time',
    ],
    async after(stage) {
      expect(stage.rows(AUDITS)).toEqual([{ n: 0 }]);
      const [run] = stage.rows(AUDIT_RUN);
      expect(run).toMatchObject({ status: 'failed', records_new: 0 });
      expect(run?.['request_id']).toMatch(/^[0-9a-f-]{36}$/);
      await readsItWholeNextTime(stage);
    },
  },
  {
    name: 'a second page that is cut off',
    tenant: 'free',
    async arrange({ simulated, tenant }) {
      await addAudits(simulated, tenant, 1_100);
      const fault = { kind: 'truncated', match: 'auditLogs/directoryAudits', after: 1 };
      await simulated.faults({ ...fault, tenant: tenant.id, times: null });
    },
    exit: 1,
    says: [
      'directory-audits  failed  1000  1000  0  0',
      'read directory audits: Graph answered 400 BadRequest "Invalid Skip Token, skip token is null" (request-id <id>)',
    ],
    async after(stage) {
      expect(stage.rows(AUDITS)).toEqual([{ n: 1_000 }]);
      const windows = `SELECT kind, status, pages FROM window WHERE source = 'directory-audits'`;
      expect(stage.rows(windows)).toEqual([{ kind: 'backfill', status: 'partial', pages: 1 }]);
      expect(stage.rows(AUDIT_RUN)[0]?.['request_id']).toMatch(/^[0-9a-f-]{36}$/);
      await readsItWholeNextTime(stage);
      // Read whole with two pages, once more when it had settled, and folded by then.
      // What Microsoft stopped keeping in the hour between the reads is given up by name; nothing else is left.
      const unread = `SELECT kind, status, reason, to_at - from_at AS ms FROM window
        WHERE source = 'directory-audits' AND status != 'complete'`;
      const rest = stage.rows(unread);
      const reason = expect.stringMatching(
        /^the source no longer keeps this span; before: read directory audits: /,
      );
      expect(rest).toMatchObject([{ kind: 'backfill', status: 'abandoned', reason }]);
      expect(rest[0]?.['ms']).toBeGreaterThanOrEqual(HOUR);
      expect(rest[0]?.['ms']).toBeLessThan(2 * HOUR);
      expect(stage.rows(windows)).toContainEqual({ kind: 'day', status: 'complete', pages: 3 });
    },
  },
  {
    name: 'a page that is cut off every time',
    arrange: ({ simulated, tenant }) =>
      simulated.faults({
        kind: 'truncated',
        match: 'auditLogs/directoryAudits',
        tenant: tenant.id,
        times: null,
      }),
    exit: 1,
    says: ['read directory audits: no whole answer: UND_ERR_SOCKET other side closed (request-id <id>)'],
    after: readsItWholeNextTime,
  },
  {
    name: 'an HTML error page until the time budget ends',
    arrange: ({ simulated, tenant }) =>
      simulated.faults({ kind: 'html', match: 'users/delta', tenant: tenant.id, times: null }),
    exit: 1,
    says: ['users  failed  0  0  0  0', 'read users: Graph answered 502 without an error code'],
    async after(stage) {
      expect(stage.rows('SELECT count(*) AS n FROM user_account')).toEqual([{ n: 0 }]);
      expect(stage.rows(AUDITS)[0]?.['n']).toBeGreaterThan(0);
      await stage.simulated.clearFaults();
      await stage.collect();
      expect(stage.rows('SELECT count(*) AS n FROM user_account')[0]?.['n']).toBeGreaterThan(0);
    },
  },
  {
    name: 'a next link that leads elsewhere',
    arrange: ({ simulated, tenant }) =>
      simulated.faults({
        kind: 'foreign_next_link',
        match: 'auditLogs/directoryAudits',
        tenant: tenant.id,
        times: null,
      }),
    exit: 1,
    says: [
      'read directory audits: Graph sent a link that leads elsewhere (graph.foreign.example) (request-id <id>); only <graph>/v1.0/ is read; nothing was sent there',
    ],
    after: async (stage) => {
      expect(stage.rows(AUDITS)).toEqual([{ n: 0 }]);
      await readsItWholeNextTime(stage);
    },
  },
  {
    name: 'a next link that leads in a circle',
    arrange: ({ simulated, tenant }) =>
      simulated.faults({
        kind: 'loop_next_link',
        match: 'auditLogs/directoryAudits',
        tenant: tenant.id,
        times: null,
      }),
    exit: 1,
    says: ['read directory audits: Graph sent the same next link twice (request-id <id>)'],
    after: readsItWholeNextTime,
  },
];

/** What the tenant does not allow: skipped with its reason, asked again later, never called read. */
const refused: Refusal[] = [
  {
    name: 'no consent for one permission',
    arrange: ({ simulated, tenant }) => simulated.change(tenant, { remove_roles: ['MailboxSettings.Read'] }),
    exit: 0,
    says: [
      'mailbox-rules  skipped: no_permission  0  0  0  0',
      readNew('directory-audits'),
      'read inbox rules: Graph answered 403 Authorization_RequestDenied (request-id <id>); grant MailboxSettings.Read',
    ],
    restore: { add_roles: ['MailboxSettings.Read'] },
  },
  {
    name: 'no consent to read the logs',
    // Directory.Read.All does for directory audits, too.
    arrange: ({ simulated, tenant }) =>
      simulated.change(tenant, { remove_roles: ['AuditLog.Read.All', 'Directory.Read.All'] }),
    exit: 0,
    says: [
      'sign-ins  skipped: no_permission  0  0  0  0',
      readSame('users'),
      'read sign-ins: Graph answered 403 Authorization_RequestDenied (request-id <id>); grant AuditLog.Read.All',
      'read directory audits: Graph answered 403 Authorization_RequestDenied (request-id <id>); grant AuditLog.Read.All',
    ],
    async after(stage) {
      const status = await stage.run(['status']);
      expect(status.stdout).toContain('not seen: read sign-ins: ');
    },
    restore: { add_roles: ['AuditLog.Read.All', 'Directory.Read.All'] },
  },
  {
    name: 'no Entra ID P1',
    tenant: 'free',
    exit: 0,
    says: [
      'sign-ins  skipped: no_licence  0  0  0  0',
      'read sign-ins: Graph answered 403 Authentication_RequestFromNonPremiumTenantOrB2CTenant (request-id <id>); this needs Microsoft Entra ID P1 or P2; if the tenant has one, grant Directory.Read.All or wait a day',
    ],
    async after(stage) {
      const status = await stage.run(['status']);
      expect(status.stdout).toMatch(/^sign-ins +skipped: no_licence +never /m);
      expect(status.stdout).toContain('not seen: read sign-ins: ');
    },
  },
  {
    name: 'no premium licence, says Microsoft, although the tenant has P1',
    arrange: ({ simulated, tenant }) => simulated.faults(nonPremium(tenant.id)),
    exit: 1,
    says: [
      'sign-ins  failed  0  0  0  0',
      'read sign-ins: Graph answered 403 Authentication_RequestFromNonPremiumTenantOrB2CTenant (request-id <id>); this needs Microsoft Entra ID P1 or P2; if the tenant has one, grant Directory.Read.All or wait a day',
    ],
    async after(stage) {
      const capability = `SELECT state FROM capability WHERE name = 'source:sign-ins'`;
      expect(stage.rows(capability)).toEqual([]);
      await stage.simulated.clearFaults();
      await stage.simulated.advance(2 * MINUTE);
      await stage.collect();
      expect(stage.rows(capability)).toEqual([{ state: 'full' }]);
    },
  },
  {
    name: 'a mailbox that a licensed user does not have',
    async arrange({ simulated, tenant }) {
      await simulated.change(tenant, { put_user: NO_MAILBOX });
    },
    exit: 0,
    says: [readSame('users'), readSame('mailbox-rules')],
    after: (stage) => {
      const [read] = stage.rows(`SELECT status, reason FROM read WHERE scope = '${NO_MAILBOX.id}'`);
      expect(read?.['status']).toBe('skipped');
      expect(mask(String(read?.['reason']), stage)).toBe(
        'read inbox rules: Graph answered 404 MailboxNotEnabledForRESTAPI (request-id <id>); this user has no cloud mailbox; nothing to do',
      );
      return Promise.resolve();
    },
    restore: { delete_user: { id: 'ec51d39f-4b0e-4d3c-9a54-1f6f5f0a7c11', permanent: true } },
  },
  {
    name: 'a delta token that is gone',
    async arrange(stage) {
      await stage.collect();
      await stage.simulated.faults({ kind: 'delta_gone', match: 'users/delta', tenant: stage.tenant.id });
    },
    exit: 0,
    says: [readSame('users')],
    after: (stage) => {
      expect(stage.rows(`SELECT native_id FROM event WHERE feed = 'changes'`)).toEqual([]);
      expect(stage.rows('SELECT id FROM entity_version WHERE valid_to IS NOT NULL')).toEqual([]);
      return Promise.resolve();
    },
  },
];

/** Records that no parser takes: kept aside, counted, and everything else goes on. */
const unreadable: Refusal[] = [
  {
    name: 'a sign-in without id and time',
    async arrange(stage) {
      const record = { userPrincipalName: 'nobody@muster-bau.example' };
      await stage.simulated.change(stage.tenant, { add_rejectable: { feed: 'signIns', record } });
      // Read twice: the same record is kept once.
      await stage.collect();
      expect((await stage.run(['collect', '--full'])).code).toBe(0);
    },
    argv: ['status'],
    exit: 0,
    says: [/^sign-ins  ok  <time>  0  1  \d+  full$/, /^directory-audits  ok  <time>  0  0  \d+  full$/],
    after: (stage) => {
      expect(stage.rows('SELECT source, origin, reason, raw FROM rejected_record')).toEqual([
        {
          source: 'sign-ins',
          origin: 'sign-ins/beta',
          reason: 'the sign-in has no id',
          raw: '{"userPrincipalName":"nobody@muster-bau.example"}',
        },
      ]);
      expect(
        stage.rows(`SELECT status FROM window WHERE source = 'sign-ins' AND status <> 'complete'`),
      ).toEqual([]);
      return Promise.resolve();
    },
  },
];

export const refusalsOfGraph: readonly Refusal[] = [...damaged, ...refused, ...unreadable];

/** The line of a source that was read and brought something. */
function readNew(source: string): RegExp {
  return new RegExp(`^${source} {2}ok {2}[1-9]\\d* {2}[1-9]\\d* {2}0 {2}0$`);
}

/** The line of a source that was read and brought nothing new. */
function readSame(source: string): RegExp {
  return new RegExp(`^${source} {2}ok {2}[1-9]\\d* {2}0 {2}0 {2}0$`);
}

/** A member with an Exchange plan, before Microsoft has made the mailbox. */
const NO_MAILBOX = {
  id: 'ec51d39f-4b0e-4d3c-9a54-1f6f5f0a7c11',
  userPrincipalName: 'neu@muster-bau.example',
  displayName: 'Nina Neu',
  accountEnabled: true,
  userType: 'Member',
  assignedPlans: [
    {
      assignedDateTime: '2026-11-20T08:00:00Z',
      capabilityStatus: 'Enabled',
      service: 'exchange',
      servicePlanId: '9aaf7827-d63c-4b61-89c3-182f06f82e5c',
    },
  ],
};

/** The refusal of a tenant without P1, word for word (Microsoft Graph, auditLogs/signIns). */
function nonPremium(tenant: string): Record<string, unknown> {
  const error = {
    code: 'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    message: "Neither tenant is B2C or tenant doesn't have premium license",
  };
  return { kind: 'status', match: 'auditLogs/signIns', tenant, times: null, status: 403, body: { error } };
}

async function addAudits(
  simulated: Stage['simulated'],
  tenant: Stage['tenant'],
  count: number,
): Promise<void> {
  const records = Array.from({ length: count }, (_, index) => ({
    id: `Directory_added_${index}`,
    category: 'GroupManagement',
    correlationId: '00000000-0000-4000-8000-000000000000',
    result: 'success',
    activityDisplayName: 'Update group',
    activityDateTime: new Date(END - DAY - index * 1_000).toISOString(),
    loggedByService: 'Core Directory',
    operationType: 'Update',
    initiatedBy: { app: null, user: null },
    targetResources: [],
    additionalDetails: [],
  }));
  await Promise.all(records.map((record) => simulated.change(tenant, { add_directory_audit: { record } })));
}

/** Once the trouble is over the same windows are read from their start, and the events are those of a calm machine. */
async function readsItWholeNextTime(stage: Stage): Promise<void> {
  await stage.simulated.clearFaults();
  await stage.simulated.advance(HOUR);
  await stage.collect();
  const calm = stage.another();
  await calm.collect();
  const logs = (one: Stage) => one.rows(EVENTS).filter((row) => row['feed'] !== 'changes');
  expect(logs(stage)).toEqual(logs(calm));
}
