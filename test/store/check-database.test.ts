import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCases } from '../../src/detection/case-file.ts';
import { programStep, type ProgramStep } from '../../src/detection/case-program.ts';
import { applyReads, makeTenant } from '../../src/detection/case-tenant.ts';
import { casesFileOf } from '../../src/detection/cases.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { guardCheck } from '../../src/detection/check-guard.ts';
import { checkViews, openCheckDatabase, type CheckRow } from '../../src/store/check-database.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const AT = Date.UTC(2026, 10, 10);
const NOW = AT + 7 * 86_400_000;
const ROLE = 'fe930be7-5e62-47db-91af-98c3a49a38b1';

/** One disabled, licensed administrator whose rule forwards outside: every view shows something. */
async function fill(database: Database, tenantId: string, mark: string): Promise<void> {
  const user = `${mark}a000000-1111-4222-8333-000000000001`;
  const sku = '05e9a617-0261-4cee-bb44-138d3ef5d965';
  const one = { name: tenantId, written_from: 'simulator', capability: {}, reads: [], records: [], line: 1 };
  const tenant = {
    domains: [`${mark}.example`],
    own_domains: [`own-${mark}.example`],
    allowed_countries: ['DE'],
  };
  await makeTenant(database, tenantId, { ...one, tenant }, AT);
  const rule = (id: string, actions: object) => ({
    id,
    displayName: `rule of ${mark}`,
    isEnabled: true,
    actions,
  });
  await applyReads(database, tenantId, {
    at: AT,
    users: [
      {
        id: user,
        userPrincipalName: `gone@${mark}.example`,
        displayName: `Gone ${mark}`,
        accountEnabled: false,
        userType: 'Member',
        assignedLicenses: [{ skuId: sku }],
      },
    ],
    'subscribed-skus': [{ skuId: sku, id: `x_${sku}`, skuPartNumber: `SKU_${mark}`, servicePlans: [] }],
    'role-assignments': [
      { id: `ra-${mark}`, principalId: user, roleDefinitionId: ROLE, directoryScopeId: '/' },
      {
        id: `ra-${mark}-group`,
        principalId: groupOf(mark),
        roleDefinitionId: ROLE,
        directoryScopeId: '/',
        principal: { '@odata.type': '#microsoft.graph.group', id: groupOf(mark) },
      },
    ],
    groups: [groupWith(mark, user)],
    'intune-devices': [computerOf(mark, user)],
    program: ownState(mark),
    'sign-in-activity': [{ id: user, signInActivity: { lastSignInDateTime: '2026-11-03T08:00:00Z' } }],
    'mailbox-rules': {
      [user]: [
        rule('r1', {
          forwardTo: [
            { emailAddress: { address: `drop-${mark}@outside.example` } },
            { emailAddress: { address: `boss@${mark}.example` } },
            { emailAddress: { address: `me@own-${mark}.example` } },
          ],
        }),
        rule('r2', { delete: true }),
      ],
    },
  });
}

function computerOf(mark: string, userId: string) {
  return { id: `${mark}a000000-1111-4222-8333-000000000009`, deviceName: `pc of ${mark}`, userId };
}

/** Something of our own state for each view. */
function ownState(mark: string): ProgramStep {
  return programStep.parse({
    capabilities: [
      { name: `role:of ${mark}`, area: 'permission', state: 'full', since: '2026-11-01T00:00:00Z' },
    ],
    sources: [{ source: `of ${mark}` }],
    gaps: [
      {
        source: `of ${mark}`,
        from: '2026-11-01T00:00:00Z',
        to: '2026-11-02T00:00:00Z',
        reason: 'given up',
        given_up_at: '2026-11-03T00:00:00Z',
      },
    ],
    credentials: [{ id: `of ${mark}`, form: 'secret', name: 'k', ends_at: '2027-01-01T00:00:00Z' }],
    mails: [{ recipient: `it@${mark}.example`, since: '2026-11-01T00:00:00Z', failed: 1, error: 'no' }],
    lost: [{ source: `of ${mark}`, why: 'auditing_off', since: '2026-11-01T00:00:00Z' }],
  });
}

function groupOf(mark: string): string {
  return `${mark}b000000-1111-4222-8333-000000000001`;
}

/** A group of a user, a service principal and a nested group. */
function groupWith(mark: string, user: string) {
  const member = (type: string, id: string) => ({ '@odata.type': `#microsoft.graph.${type}`, id });
  const other = (letter: string) => `${mark}${letter}000000-1111-4222-8333-000000000001`;
  return {
    id: groupOf(mark),
    displayName: `group of ${mark}`,
    members: [member('user', user), member('group', other('c')), member('servicePrincipal', other('d'))],
  };
}

/** In every object id of the cases; the same people in the other tenant have another. */
const CASE_ID = '000000-1111-4222-8333-';
const OTHER_ID = '000000-2222-4222-8333-';

/** What a check finds in two tenants that each had the first read of a case; of the first case that fires by then. */
async function findInTwins(
  database: Database,
  path: string,
  title: string,
  statement: string,
): Promise<[CheckRow[], CheckRow[]]> {
  const text = readFileSync(path, 'utf8');
  const own = parseCases(text, path);
  const other = parseCases(text.replaceAll(CASE_ID, OTHER_ID), path);
  for (const [index, one] of own.entries()) {
    const [read, twin] = [one.reads[0], other[index]?.reads[0]];
    if (one.fires === undefined || read === undefined || twin === undefined) continue;
    const [ownId, twinId] = [`${title} ${index}`, `${title} ${index}, twin`];
    for (const [id, step] of [
      [ownId, read],
      [twinId, twin],
    ] as const) {
      await makeTenant(database, id, one, read.at - 1);
      await applyReads(database, id, step);
    }
    const found = await find(database, ownId, statement, read.at);
    if (found.length > 0) return [found, await find(database, twinId, statement, read.at)];
  }
  return [[], []];
}

async function find(
  database: Database,
  tenantId: string,
  statement: string,
  now: number,
): Promise<CheckRow[]> {
  const views = openCheckDatabase(database, tenantId);
  try {
    return await views.query(statement, now);
  } finally {
    views.close();
  }
}

describe.each(testDatabases())('checks on $name', ({ name, open }) => {
  let opened: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    opened = await open();
    database = opened.database;
    await fill(database, "tenant'1", '1');
    await fill(database, 'canary', '9');
  });
  afterAll(async () => {
    await opened.dispose();
  });

  async function rows(
    statement: string,
    tenantId = "tenant'1",
    limits?: { rows: number; timeoutMs: number },
  ): Promise<CheckRow[]> {
    const views = openCheckDatabase(database, tenantId, limits);
    try {
      return await views.query(statement, NOW);
    } finally {
      views.close();
    }
  }

  it('see every view of their tenant and nothing of the other', async () => {
    for (const [view, columns] of Object.entries(checkViews)) {
      const found = await rows(`SELECT ${columns.join(', ')} FROM ${view}`);
      expect(found.length, view).toBeGreaterThan(0);
      expect(JSON.stringify(found), view).not.toMatch(/canary|9\.example|SKU_9|9a000000|of 9|ra-9|drop-9/);
      expect(JSON.stringify(await rows(`SELECT * FROM ${view}`, 'canary')), view).not.toMatch(
        /1a000000|1\.example|SKU_1|of 1|ra-1|drop-1/,
      );
      expect(await rows(`SELECT * FROM ${view}`, 'nobody'), view).toEqual([]);
    }
  });

  it('find in each shipped check what the tenant of a case has and nothing of the other', async () => {
    const { detections, folder } = await loadCatalogue();
    let checks = 0;
    for (const detection of detections) {
      for (const { check, title } of detection.parts) {
        if (check === null) continue;
        checks += 1;
        const path = join(folder, casesFileOf(detection));
        const [own, other] = await findInTwins(database, path, title, check.sql);
        expect(own.length, title).toBeGreaterThan(0);
        expect(other, title).toHaveLength(own.length);
        expect(JSON.stringify(own), title).not.toContain(OTHER_ID);
        expect(JSON.stringify(other), title).not.toContain(CASE_ID);
      }
    }
    expect(checks).toBeGreaterThanOrEqual(4);
  });

  it('show who holds a role through a group, with the group, and no nested group as a holder', async () => {
    const found = await rows(
      'SELECT id, principal_id, principal_kind, via FROM v_role_assignment ORDER BY 1, 2',
    );
    const held = (id: string, letter: string, kind: string | null, via: string | null) => ({
      id,
      principal_id: `1${letter}000000-1111-4222-8333-000000000001`,
      principal_kind: kind,
      via,
    });
    expect(found).toEqual([
      held('ra-1', 'a', null, null),
      held('ra-1-group', 'a', 'user', groupOf('1')),
      held('ra-1-group', 'b', 'group', null),
      held('ra-1-group', 'd', 'sp', groupOf('1')),
    ]);
  });

  it('say outside for a target in none of the tenant’s domains only', async () => {
    const found = await rows(
      'SELECT action, target, outside FROM v_rule_action ORDER BY action DESC, target',
    );
    expect(found).toEqual([
      { action: 'forward', target: 'boss@1.example', outside: 0 },
      { action: 'forward', target: 'drop-1@outside.example', outside: 1 },
      { action: 'forward', target: 'me@own-1.example', outside: 0 },
      { action: 'delete', target: '', outside: 0 },
    ]);
  });

  it('know :now as a number, and leave texts that look like it alone', async () => {
    const found = await rows("SELECT :now - 1 AS before, ':now' AS text FROM v_user");
    expect(found).toEqual([{ before: NOW - 1, text: ':now' }]);
  });

  it.each([
    'SELECT id FROM user_account',
    "SELECT id FROM v_user UNION SELECT id FROM user_account WHERE tenant_id = 'canary'",
    'SELECT (SELECT MIN(upn) FROM user_account) AS x FROM v_user',
    "SELECT set_config('tenantwatch.tenant', 'canary', true), id FROM v_user",
    "SELECT id FROM v_user WHERE 1 = 1 OR tenant_id = 'canary'",
    'SELECT tenant_id FROM v_user',
    "SELECT id FROM v_user WHERE id = '' OR 1 = 1",
    'SELECT id FROM v_user LEFT JOIN v_user_licence ON 1 = 1',
  ])('never let hostile SQL see the other tenant: %s', async (statement) => {
    const refused = await guardCheck(statement).then(
      () => false,
      () => true,
    );
    if (refused) return;
    const found = await rows(statement).catch(() => []);
    expect(JSON.stringify(found)).not.toMatch(/canary|9a000000|9\.example/);
  });

  it('cannot write, even past the guard', async () => {
    await expect(rows("DELETE FROM setting WHERE name = 'x'")).rejects.toThrow();
    await expect(rows("INSERT INTO setting VALUES ('a', 'b', 'c', 'd')")).rejects.toThrow();
  });

  // PGlite runs in this thread and has no timer that could interrupt it.
  if (name !== 'pglite') {
    it('are stopped when they read too much', async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
      const endless = `SELECT COUNT(*) AS n FROM ${names.map((one) => `v_rule_action ${one}`).join(', ')}`;
      const stopped = rows(endless, "tenant'1", { rows: 1000, timeoutMs: 50 });
      await expect(stopped).rejects.toThrow(/more than 1000 rows|statement timeout/);
    });
  }
});

describe.runIf(testDatabases().length > 1)('row-level security', () => {
  const pglite = testDatabases()[1];
  it('shows the check role nothing where no tenant is named, and one tenant where one is', async () => {
    const opened = await pglite?.open();
    if (opened === undefined) throw new Error('PGlite did not open');
    const { database } = opened;
    await fill(database, 'one', '1');
    await fill(database, 'canary', '9');
    const { sql } = await import('kysely');
    const seen = (tenant: string) =>
      database.db.transaction().execute(async (tx) => {
        await sql`SELECT set_config('tenantwatch.tenant', ${tenant}, true)`.execute(tx);
        await sql`SET LOCAL ROLE tenantwatch_check`.execute(tx);
        return (await sql<{ tenant_id: string }>`SELECT DISTINCT tenant_id FROM user_account`.execute(tx))
          .rows;
      });
    expect(await seen('')).toEqual([]);
    expect(await seen('one')).toEqual([{ tenant_id: 'one' }]);
    await opened.dispose();
  });
});
