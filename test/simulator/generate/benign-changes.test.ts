import { describe, expect, test } from 'vitest';
import type { Raw, SimulatedTenant, World } from '../../../src/simulator/world.ts';
import { forms, labelledIds, makeWorld } from './small-world.ts';

/*
 * Like benign.test.ts, for what watches protocols, roles, consents, policies and the life of accounts: without the labelled
 * stories there is none of it in the raw data.
 */
const DAY = 86_400_000;
const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

interface Audit {
  readonly id: string;
  readonly at: number;
  readonly activity: string;
  readonly target: { readonly id: string; readonly type: string };
  readonly changes: readonly { readonly displayName: string; readonly newValue: string | null }[];
}

function auditsOf(tenant: SimulatedTenant): Audit[] {
  return tenant.directoryAudits.map(({ id, at: when, record }) => {
    const [target] = record.targetResources as { id: string; type: string; modifiedProperties: [] }[];
    if (!target) throw new Error(`audit ${id} has no target`);
    return {
      id,
      at: when,
      activity: String(record.activityDisplayName),
      target,
      changes: target.modifiedProperties,
    };
  });
}

/** Each state of each account with the time until which it lasted. */
function states(tenant: SimulatedTenant, end: number) {
  return tenant.users.flatMap(({ id, versions }) =>
    versions.flatMap(({ from, value }, i) =>
      value ? [{ id, from, until: versions[i + 1]?.from ?? end, value }] : [],
    ),
  );
}

/** The spans in which an account held a role, by role template. */
function roleSpans(tenant: SimulatedTenant, end: number) {
  return tenant.roleAssignments.flatMap(({ versions }) =>
    versions.flatMap(({ from, value }, i) =>
      value
        ? [
            {
              from,
              until: versions[i + 1]?.from ?? end,
              role: value.roleDefinitionId,
              holder: value.principalId,
            },
          ]
        : [],
    ),
  );
}

/** Correlations of the labelled records: what else has them belongs to the same story. */
function storyCorrelations(world: World): Set<unknown> {
  const labelled = labelledIds(world);
  const records = world.tenants.flatMap(({ signIns, directoryAudits }) => [...signIns, ...directoryAudits]);
  return new Set(records.filter(({ id }) => labelled.has(id)).map(({ record }) => record.correlationId));
}

describe.each([1, 2, 3, 2026])('without its stories, the world of seed %i', (seed) => {
  const world = makeWorld(seed);
  const labelled = labelledIds(world);

  test('has no sign-in by device code', () => {
    const told = storyCorrelations(world);
    const codes = world.tenants
      .flatMap(({ signIns }) => signIns)
      .flatMap(forms)
      .filter(
        (r) => r.authenticationProtocol === 'deviceCode' || r.originalTransferMethod === 'deviceCodeFlow',
      );
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((record) => !told.has(record.correlationId))).toEqual([]);
  });

  test('has neither a sign-in nor an attempt of an emergency account, stories included', () => {
    for (const tenant of world.tenants) {
      const upn = (value: Raw | null | undefined) => String(value?.userPrincipalName);
      const emergency = tenant.users.filter(({ versions }) => upn(versions[0]?.value).startsWith('notfall'));
      expect(emergency.length).toBe(1);
      const names = new Set(emergency.flatMap(({ id, versions }) => [id, upn(versions[0]?.value)]));
      const tried = tenant.signIns.filter(
        ({ record }) => names.has(String(record.userId)) || names.has(String(record.userPrincipalName)),
      );
      expect(tried).toEqual([]);
    }
  });

  test('gives roles to members only, not to guests or applications; a group has had its own since long before', () => {
    for (const tenant of world.tenants) {
      const members = new Set(
        states(tenant, world.to).flatMap(({ id, value }) => (value.userType === 'Member' ? [id] : [])),
      );
      const spans = roleSpans(tenant, world.to);
      expect(spans.length).toBeGreaterThan(2);
      const groups = new Set((tenant.directory?.groups ?? []).map(({ id }) => id));
      const others = spans.filter(({ holder }) => !members.has(String(holder)));
      expect(others.filter(({ holder, from }) => !groups.has(String(holder)) || from > world.from)).toEqual(
        [],
      );
      const granted = auditsOf(tenant).filter(({ activity }) => activity.includes('member to role'));
      expect(granted.filter(({ target }) => target.type !== 'User' || !members.has(target.id))).toEqual([]);
    }
  });

  test('has two to four Global Administrators in every tenant at every time', () => {
    for (const tenant of world.tenants) {
      const spans = roleSpans(tenant, world.to + 1).filter(({ role }) => role === GLOBAL_ADMINISTRATOR);
      const times = [world.from, world.to, ...spans.map(({ from }) => from)].filter((t) => t >= world.from);
      const counts = times.map(
        (time) =>
          new Set(spans.filter(({ from, until }) => from <= time && time < until).map(({ holder }) => holder))
            .size,
      );
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
      expect(Math.max(...counts)).toBeLessThanOrEqual(4);
    }
  });

  test('has consents by administrators only', () => {
    const consents = world.tenants
      .flatMap(auditsOf)
      .filter(({ activity }) => activity === 'Consent to application');
    expect(consents.length).toBe(world.tenants.length);
    for (const { changes } of consents) {
      const by = changes.find(({ displayName }) => displayName === 'ConsentContext.IsAdminConsent');
      expect(by?.newValue).toBe('"True"');
    }
  });

  test('adds no secret, certificate or other credential to an application', () => {
    const added = world.tenants
      .flatMap(auditsOf)
      .filter(
        ({ activity, changes }) =>
          /credential|secret|certificate/i.test(activity) ||
          changes.some(({ displayName }) => /KeyDescription|FederatedIdentityCredentials/.test(displayName)),
      );
    expect(added).toEqual([]);
  });

  test('changes no Conditional Access policy, named location or other policy', () => {
    const records = world.tenants.flatMap(({ directoryAudits }) =>
      directoryAudits.map(({ record }) => record),
    );
    const policies = records.filter(
      (record) =>
        record.category === 'Policy' ||
        /policy|conditional access|named location|security defaults/i.test(
          String(record.activityDisplayName),
        ),
    );
    expect(policies).toEqual([]);
  });

  test('changes the sign-in methods of nobody who holds a role', () => {
    const methods = world.tenants.flatMap((tenant) => {
      const spans = roleSpans(tenant, world.to + 1);
      const audits = auditsOf(tenant).filter(
        ({ activity, changes }) =>
          /security info|strong authentication|temporary access pass/i.test(activity) ||
          changes.some(({ displayName }) => displayName.startsWith('StrongAuthentication')),
      );
      const told = new Set(audits.filter(({ id }) => labelled.has(id)).map(({ target }) => target.id));
      return audits.map((audit) => ({
        told: told.has(audit.target.id),
        admin: spans.some(({ holder, from }) => holder === audit.target.id && from <= audit.at),
      }));
    });
    expect(methods.filter(({ admin }) => !admin).length).toBeGreaterThan(3);
    expect(methods.filter(({ admin, told }) => admin && !told)).toEqual([]);
  });

  test('names every inbox rule with letters', () => {
    const names = world.tenants.flatMap(({ messageRules }) =>
      [...messageRules.values()]
        .flat()
        .filter(({ id }) => !labelled.has(id))
        .flatMap(({ versions }) => versions.flatMap(({ value }) => (value ? [value.displayName] : []))),
    );
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !/\p{L}{3}/u.test(String(name)))).toEqual([]);
  });

  test('has nobody enabled after the leave date', () => {
    const left = world.tenants
      .flatMap((tenant) => states(tenant, world.to))
      .filter(({ value }) => value.employeeLeaveDateTime !== null);
    expect(left.length).toBeGreaterThan(2);
    const late = left.filter(
      ({ value, until }) =>
        value.accountEnabled === true && Date.parse(String(value.employeeLeaveDateTime)) < until,
    );
    expect(late).toEqual([]);
  });

  test('has no guest who leaves an invitation open for thirty days', () => {
    const open = world.tenants
      .flatMap((tenant) => states(tenant, world.to))
      .filter(({ value }) => value.externalUserState === 'PendingAcceptance');
    expect(open.length).toBeGreaterThan(0);
    expect(open.filter(({ from, until }) => until - from > 30 * DAY)).toEqual([]);
  });

  test('gives every joiner a department and a usage location within a day', () => {
    for (const tenant of world.tenants) {
      const joiners = states(tenant, world.to).filter(
        ({ value, until }) =>
          value.userType === 'Member' &&
          Date.parse(String(value.createdDateTime)) >= world.from &&
          until > Date.parse(String(value.createdDateTime)) + DAY,
      );
      expect(joiners.length).toBeGreaterThan(0);
      for (const { value } of joiners) {
        expect(value.department).toMatch(/\p{L}/u);
        expect(value.usageLocation).toBe('DE');
      }
    }
  });
});

describe('whoever holds a role', () => {
  // Worlds in which the dice fall on an employee who has one.
  test.each([16, 23, 29])('does not change sign-in methods by habit (seed %i)', (seed) => {
    const tenant = makeWorld(seed).tenants[0];
    const end = Number.POSITIVE_INFINITY;
    const spans = tenant ? roleSpans(tenant, end) : [];
    const registered = tenant ? auditsOf(tenant) : [];
    const methods = registered.filter(({ activity }) => activity === 'User registered security info');
    expect(methods.length).toBeGreaterThan(0);
    const byHolders = methods.filter(({ target, at: when }) =>
      spans.some(({ holder, from }) => holder === target.id && from <= when),
    );
    expect(byHolders).toEqual([]);
  });
});
