import { describe, expect, test } from 'vitest';
import { createHash } from 'node:crypto';
import { generateWorld } from '../../../src/simulator/generate/index.ts';
import { CASTS } from '../../../src/simulator/generate/rosters/index.ts';
import type { Raw, SimulatedTenant } from '../../../src/simulator/world.ts';
import { forms, asText, labelledIds, makeWorld, tenantOf, TO } from './small-world.ts';

const DAY = 86_400_000;
const world = makeWorld();

/** Groups came later, and one of them holds a role. */
function ofGroup(directory: SimulatedTenant['directory'], assignment: Raw | null | undefined): boolean {
  return directory?.groups?.some(({ id }) => id === assignment?.['principalId']) ?? false;
}

/** Permissions of the watching app when there were but two tenants. */
const FIRST_ROLES = new Set([
  'AuditLog.Read.All',
  'LicenseAssignment.Read.All',
  'MailboxSettings.Read',
  'Organization.Read.All',
  'Policy.Read.All',
  'RoleManagement.Read.Directory',
  'User-LifeCycleInfo.Read.All',
  'User.Read.All',
]);

describe('the generated world', () => {
  test('is the same for the same seed and another for another', () => {
    expect(asText(makeWorld(7, 9))).toBe(asText(makeWorld(7, 9)));
    expect(asText(makeWorld(8, 9))).not.toBe(asText(makeWorld(7, 9)));
    expect(tenantOf(makeWorld(8, 9)).id).not.toBe(tenantOf(makeWorld(7, 9)).id);
  });

  test('has three tenants, one of them without P1', () => {
    expect(world.tenants.map(({ name, licence }) => [name, licence])).toEqual([
      ['Muster Bau GmbH', 'p1'],
      ['Nordlicht Gestaltung', 'free'],
      ['Sonnhof Kliniken GmbH', 'p1'],
    ]);
  });

  test.each(CASTS)('makes $name the same whether it is alone or not', (cast) => {
    const options = { seed: 11, days: 9, to: TO };
    const alone = generateWorld(options, [cast]);
    const among = generateWorld(options);
    const { id } = alone.tenants[0] ?? { id: '' };
    const tenants = among.tenants.filter((tenant) => tenant.id === id);
    const stories = among.stories.filter(({ tenant }) => tenant === id);
    expect(asText(alone)).toBe(asText({ ...among, tenants, stories }));
  });

  // Made when these two were alone. Who changes a cast or a habit on purpose writes the new values here.
  test.each([
    ['Muster Bau GmbH', '92e28bb890f94968'],
    ['Nordlicht Gestaltung', 'aa3c0400f3794061'],
  ])('has for %s what it had before other tenants and the later stories came', (name, before) => {
    const later = labelledIds({
      ...world,
      stories: world.stories.filter(
        ({ story }) => story === 'mailbox read by an old protocol, rule forwards outside; no Entra ID P1',
      ),
    });
    const tenants = world.tenants
      .filter((tenant) => tenant.name === name)
      .map(({ unifiedAudits: _a, identity: _b, defender: _c, intune: _d, directory, ...tenant }) => ({
        ...tenant,
        roleAssignments: tenant.roleAssignments.filter(
          ({ versions }) => !ofGroup(directory, versions[0]?.value),
        ),
        app: { ...tenant.app, roles: tenant.app.roles.filter((role) => FIRST_ROLES.has(role)) },
        signIns: tenant.signIns.filter(({ id }) => !later.has(id)),
        messageRules: new Map(
          [...tenant.messageRules].map(([user, rules]) => [user, rules.filter(({ id }) => !later.has(id))]),
        ),
      }));
    const text = asText({ ...world, tenants, stories: [] });
    const tenantText = text.slice(text.indexOf('"tenants":[') + 11, text.lastIndexOf('],"stories":'));
    expect(createHash('sha256').update(tenantText).digest('hex').slice(0, 16)).toBe(before);
  });

  test('a longer history leaves the habits of the days that both have unchanged', () => {
    const since = TO - 5 * DAY;
    const recent = (days: number) =>
      tenantOf(makeWorld(3, days))
        .signIns.filter(({ at }) => at > since)
        .map(({ id }) => id);
    expect(recent(20)).toEqual(recent(10));
    expect(recent(10).length).toBeGreaterThan(500);
  });

  test('holds events from its first to its last instant only, sorted by time, readable after they happened', () => {
    expect([world.from, world.to]).toEqual([TO - 30 * DAY, TO]);
    for (const { signIns, directoryAudits } of world.tenants) {
      for (const list of [signIns, directoryAudits]) {
        expect(list.map(({ at }) => at)).toEqual(list.map(({ at }) => at).toSorted((a, b) => a - b));
        expect(list.every((entry) => entry.at >= world.from && entry.at <= world.to)).toBe(true);
        expect(list.every((entry) => entry.availableAt >= entry.at + 15_000)).toBe(true);
      }
    }
  });

  test('has no two log records or objects with one id', () => {
    for (const tenant of world.tenants) {
      const rules = [...tenant.messageRules.values()].flat();
      for (const list of [
        tenant.signIns,
        tenant.directoryAudits,
        tenant.users,
        tenant.roleAssignments,
        rules,
      ]) {
        expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
      }
    }
  });

  test('versions of objects are sorted and none lies after the end', () => {
    const objects = world.tenants.flatMap((tenant) => [
      ...tenant.users,
      ...tenant.roleAssignments,
      ...[...tenant.messageRules.values()].flat(),
    ]);
    for (const { versions } of objects) {
      const times = versions.map(({ from }) => from);
      expect(times).toEqual([...new Set(times)].toSorted((a, b) => a - b));
      expect(times.at(-1)).toBeLessThanOrEqual(TO);
    }
  });

  test('delivers half the sign-ins within about two minutes, most within ten, a few hours late', () => {
    const delays = world.tenants.flatMap(({ signIns }) =>
      signIns.map(({ at, availableAt }) => availableAt - at),
    );
    const sorted = delays.toSorted((a, b) => a - b);
    const quantile = (share: number) => (sorted[Math.floor(share * sorted.length)] ?? 0) / 1000;
    expect(quantile(0.5)).toBeGreaterThan(90);
    expect(quantile(0.5)).toBeLessThan(150);
    expect(quantile(0.95)).toBeGreaterThan(400);
    expect(quantile(0.95)).toBeLessThan(900);
    expect(quantile(1 - 1 / sorted.length)).toBeGreaterThan(3600);
    expect(quantile(1 - 1 / sorted.length)).toBeLessThanOrEqual(3 * 3600);
  });

  test('revises a few sign-ins after they were first readable, their MFA result arriving late', () => {
    const revised = tenantOf(world).signIns.filter(({ revisions }) => revisions);
    expect(revised.length).toBeGreaterThan(10);
    expect(revised.length).toBeLessThan(tenantOf(world).signIns.length / 10);
    for (const entry of revised) {
      const details = forms(entry).map(
        ({ status }) => (status as { additionalDetails: string }).additionalDetails,
      );
      expect(details).toEqual(['Authentication in progress', 'MFA completed in Azure AD']);
      expect(new Set(forms(entry).map(({ id }) => id))).toEqual(new Set([entry.id]));
      expect(entry.revisions?.[0]?.availableAt).toBeGreaterThan(entry.availableAt);
    }
  });

  test('takes less than ten seconds for thirty days', () => {
    const start = performance.now();
    makeWorld(99, 30);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test.each([0, -1, 1.5, Number.NaN])('refuses %s days', (days) => {
    expect(() => makeWorld(1, days)).toThrow(/give a whole number/);
  });
});

describe('working hours over the end of summer time', () => {
  // Europe/Berlin leaves UTC+2 on Sunday 2026-10-25.
  const dst = tenantOf(makeWorld(5, 14, Date.parse('2026-10-31T00:00:00Z')));
  const office = ({ record }: { record: Record<string, unknown> }) => record.ipAddress === '203.0.113.10';
  const firstHour = (fromIso: string, toIso: string) => {
    const [from, to] = [Date.parse(fromIso), Date.parse(toIso)];
    const hours = dst.signIns
      .filter((entry) => office(entry) && entry.at >= from && entry.at < to)
      .map(({ at }) => (at % DAY) / 3_600_000);
    return Math.min(...hours);
  };

  test('people come at the same wall-clock time, hence an hour later in UTC', () => {
    const summer = firstHour('2026-10-19T00:00:00Z', '2026-10-24T00:00:00Z');
    const winter = firstHour('2026-10-26T00:00:00Z', '2026-10-31T00:00:00Z');
    expect(Math.floor(summer)).toBe(4);
    expect(Math.floor(winter)).toBe(5);
  });

  test('the day of the change itself has records', () => {
    const [from, to] = [Date.parse('2026-10-24T22:00:00Z'), Date.parse('2026-10-25T23:00:00Z')];
    expect(dst.signIns.filter(({ at }) => at >= from && at < to).length).toBeGreaterThan(0);
  });
});
