import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyReads } from '../../src/detection/case-tenant.ts';
import { contextFields, Enricher, type Context } from '../../src/detection/enrich.ts';
import type { StoredEvent } from '../../src/model/event.ts';
import { readPath } from '../../src/sigma/index.ts';
import type { Database } from '../../src/store/database.ts';
import { ANNA, BERT, DAY, germanTenant, HOUR, NOW } from '../jobs/detect-world.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';

const T = 'tenant-1';
const GLOBAL = '62e90394-69f5-4237-9190-012177145e10';
const [sqlite] = testDatabases();
if (sqlite === undefined) throw new Error('there is no SQLite to test on');

function event(at: number, changes: Partial<StoredEvent> = {}): StoredEvent {
  return {
    tenantId: T,
    feed: 'sign-ins',
    nativeId: 's',
    canonicalId: 's',
    occurredAt: at,
    origin: 'sign-ins/beta',
    contentHash: '',
    activity: null,
    outcome: null,
    actorId: ANNA,
    userId: ANNA,
    ip: null,
    appId: null,
    country: null,
    rawText: '{}',
    ingestedAt: at,
    ingestSeq: 1,
    revision: 1,
    ...changes,
  };
}

describe('context', () => {
  let opened: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    opened = await sqlite.open();
    database = opened.database;
    await germanTenant(database, T);
    await database.db
      .insertInto('setting')
      .values([
        { tenant_id: T, name: 'trusted_networks', value: '203.0.113.0/24, 2001:db8::/32', origin: 'case' },
        { tenant_id: T, name: 'break_glass', value: 'Anna@muster.example', origin: 'case' },
      ])
      .execute();
    const anna = {
      id: ANNA,
      userPrincipalName: 'anna@muster.example',
      createdDateTime: new Date(NOW - 10 * DAY).toISOString(),
    };
    const grant = { id: 'ra1', principalId: ANNA, roleDefinitionId: GLOBAL, directoryScopeId: '/' };
    // Day -5: no role, enabled. Day -3: Global Administrator. Day -1: disabled, role taken.
    await applyReads(database, T, {
      at: NOW - 5 * DAY,
      users: [{ ...anna, accountEnabled: true }],
      'role-assignments': [],
    });
    await applyReads(database, T, {
      at: NOW - 3 * DAY,
      users: [{ ...anna, accountEnabled: true }],
      'role-assignments': [grant],
    });
    await applyReads(database, T, {
      at: NOW - DAY,
      users: [{ ...anna, accountEnabled: false }],
      'role-assignments': [],
    });
  });
  afterEach(async () => {
    await opened.dispose();
  });

  async function contextOf(
    one: StoredEvent,
    raw: object = {},
  ): Promise<{ context: Context; used: () => object }> {
    const enricher = await Enricher.open(database.db, T);
    await enricher.prepare(database.db, new Set(contextFields.keys()), [one]);
    return { context: enricher.contextOf(one, raw, null), used: () => enricher.used() };
  }

  it.each([
    ['before the role was given', NOW - 4 * DAY, { privileged: false, leaver: false, account_age_days: 6 }],
    ['while the role was held', NOW - 2 * DAY, { privileged: true, leaver: false, account_age_days: 8 }],
    ['after the account was disabled', NOW, { privileged: false, leaver: true, account_age_days: 10 }],
  ])('is that of the event’s time: %s', async (_name, at, expected) => {
    const { context } = await contextOf(event(at));
    expect({ ...context.person }).toMatchObject({ ...expected, break_glass: true, vip: false });
    expect(context.historical).toBe(true);
  });

  it('knows who held a privileged role through a group, and when', async () => {
    const group = '2a000000-1111-4222-8333-000000000001';
    const given = { id: 'ra2', principalId: group, roleDefinitionId: GLOBAL, directoryScopeId: '/' };
    const member = { '@odata.type': '#microsoft.graph.user', id: ANNA };
    const groups = (members: object[]) => [{ id: group, displayName: 'Admins', members }];
    const at = (days: number) => NOW + days * DAY;
    await applyReads(database, T, { at: at(1), 'role-assignments': [given], groups: groups([]) });
    await applyReads(database, T, { at: at(2), 'role-assignments': [given], groups: groups([member]) });
    await applyReads(database, T, { at: at(3), 'role-assignments': [given], groups: groups([]) });
    const privileged = async (days: number) =>
      (await contextOf(event(at(days)))).context.person['privileged'];
    expect([await privileged(1.5), await privileged(2.5), await privileged(3.5)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('says when it is older than the first snapshot, and keeps what it used', async () => {
    const { context, used } = await contextOf(event(NOW - 6 * DAY));
    expect(context.historical).toBe(false);
    expect(context.person['privileged']).toBe(false);
    expect(used()).toEqual({ 'context.historical': false, 'context.person.privileged': false });
  });

  it.each([
    ['DE', true],
    ['NG', false],
    [null, undefined],
  ])('knows whether the country %s is allowed', async (country, allowed) => {
    const { context } = await contextOf(event(NOW, { country }));
    expect(context.country_allowed).toBe(allowed);
    // What is unknown is absent to a rule, never false.
    expect(readPath({ context }, 'context.country_allowed')).toEqual(allowed === undefined ? [] : [allowed]);
  });

  it.each([
    ['203.0.113.9', true],
    ['2001:db8::1', true],
    ['198.51.100.1', false],
    [null, false],
  ])('knows whether %s is in a trusted network', async (ip, trusted) => {
    expect((await contextOf(event(NOW, { ip }))).context.network_trusted).toBe(trusted);
  });

  it('knows whether a target is outside or privileged', async () => {
    const outside = { targetResources: [{ userPrincipalName: 'x@partner.example' }] };
    const audit = event(NOW - 2 * DAY, { feed: 'directory-audits', actorId: BERT, userId: ANNA });
    const { context } = await contextOf(audit, outside);
    expect({ ...context.target }).toEqual({ outside: true, privileged: true });
    expect(context.person['privileged']).toBe(false);
    const inside = await contextOf(audit, { targetResources: [{ userPrincipalName: 'x@muster.example' }] });
    expect(inside.context.target['outside']).toBe(false);
    expect((await contextOf(event(NOW - HOUR))).context.target['outside']).toBeUndefined();
  });

  it('does not carry country_allowed where no countries are configured', async () => {
    expect((await Enricher.open(database.db, T)).missing('context.country_allowed')).toBeNull();
    await database.db.deleteFrom('setting').where('name', '=', 'allowed_countries').execute();
    const enricher = await Enricher.open(database.db, T);
    expect(enricher.missing('context.country_allowed')).toBe('not_configured');
    expect(enricher.missing('context.country')).toBeNull();
    expect(enricher.missing('context.planet')).toBe('unknown_field');
  });
});
