import { describe, expect, test } from 'vitest';
import type { Raw, SimulatedTenant, World } from '../../../src/simulator/world.ts';
import { at, forms, labelledIds, makeWorld } from './small-world.ts';

/*
 * What no labelled story explains must raise nothing. Asserted on raw data and in words of this test, so that a mistake of the
 * detections cannot hide here. Several seeds, because one may be lucky.
 */
const HOUR = 3_600_000;
const ALLOWED = new Set(['DE', 'AT', 'CH']);
const MODERN = new Set(['Browser', 'Mobile Apps and Desktop clients']);

function unexplainedSignIns(world: World): Raw[] {
  const labelled = labelledIds(world);
  return world.tenants
    .flatMap(({ signIns }) => signIns)
    .filter(({ id }) => !labelled.has(id))
    .flatMap(forms);
}

function unexplainedRules(world: World): { tenant: SimulatedTenant; rule: Raw }[] {
  const labelled = labelledIds(world);
  return world.tenants.flatMap((tenant) =>
    [...tenant.messageRules.values()]
      .flat()
      .filter(({ id }) => !labelled.has(id))
      .flatMap(({ versions }) => versions.flatMap(({ value }) => (value ? [{ tenant, rule: value }] : []))),
  );
}

/** Spans in which an account was disabled, open to the end. */
function disabledSpans(tenant: SimulatedTenant, end: number) {
  return tenant.users.flatMap(({ id, versions }) =>
    versions.flatMap(({ from, value }, i) => {
      const until = versions[i + 1]?.from ?? end;
      return value?.accountEnabled === false ? [{ id, from, until, value }] : [];
    }),
  );
}

describe.each([1, 2, 3, 2026])('without its stories, the world of seed %i', (seed) => {
  const world = makeWorld(seed);
  const labelled = labelledIds(world);

  test('has no successful sign-in from outside the allowed countries', () => {
    const foreign = unexplainedSignIns(world).filter(
      (record) =>
        at(record, 'status.errorCode') === 0 && !ALLOWED.has(String(at(record, 'location.countryOrRegion'))),
    );
    expect(foreign).toEqual([]);
  });

  test('has failed guesses from outside them, which are nobody’s sign-in', () => {
    const guesses = unexplainedSignIns(world).filter(
      (record) => !ALLOWED.has(String(at(record, 'location.countryOrRegion'))),
    );
    expect(guesses.length).toBeGreaterThan(20);
  });

  test('has no sign-in by a legacy protocol, not even a failed one', () => {
    const legacy = unexplainedSignIns(world).filter(
      (r) =>
        !MODERN.has(String(r.clientAppUsed)) ||
        r.authenticationProtocol === 'ropc' ||
        /BAV2ROPC/.test(String(r.userAgent)),
    );
    expect(legacy).toEqual([]);
  });

  test('gives nobody a role, in the log or in the directory', () => {
    for (const { directoryAudits, roleAssignments, users } of world.tenants) {
      const given = directoryAudits.filter(
        ({ id, record }) => record.category === 'RoleManagement' && !labelled.has(id),
      );
      expect(given).toEqual([]);
      const receivers = new Set(
        directoryAudits
          .filter(({ id }) => labelled.has(id))
          .map(({ record }) => (record.targetResources as { id: string }[])[0]?.id),
      );
      const changed = roleAssignments.filter(({ versions }) =>
        versions.some(({ from }) => from >= world.from),
      );
      for (const { versions } of changed) expect(receivers).toContain(versions[0]?.value?.principalId);
      expect(users.length).toBeGreaterThan(0);
    }
  });

  test('forwards no mail outside', () => {
    const forwards = unexplainedRules(world).flatMap(({ tenant, rule }) => {
      const actions = rule.actions as Record<string, { emailAddress: { address: string } }[] | undefined>;
      const all = [actions.forwardTo, actions.forwardAsAttachmentTo, actions.redirectTo].flatMap(
        (list) => list ?? [],
      );
      return all.map(({ emailAddress }) => ({ domain: tenant.defaultDomain, address: emailAddress.address }));
    });
    expect(forwards.filter(({ domain, address }) => !address.endsWith(`@${domain}`))).toEqual([]);
    expect(forwards.length).toBeGreaterThan(0);
  });

  test('deletes no mail by rule and moves none that it marks as read', () => {
    const hiding = unexplainedRules(world).filter(({ rule }) => {
      const actions = rule.actions as Raw;
      return actions.delete === true || actions.permanentDelete === true || actions.markAsRead === true;
    });
    expect(hiding).toEqual([]);
  });

  test('leaves no disabled account licensed for a day or in a role', () => {
    for (const tenant of world.tenants) {
      const spans = disabledSpans(tenant, world.to).filter(({ id }) => !labelled.has(id));
      expect(spans.length).toBeGreaterThan(0);
      const licensed = spans.filter(
        ({ value, from, until }) =>
          (value.assignedLicenses as unknown[]).length > 0 && until - from > 24 * HOUR,
      );
      expect(licensed).toEqual([]);
      const holders = new Set(tenant.roleAssignments.map(({ versions }) => versions[0]?.value?.principalId));
      expect(spans.filter(({ id }) => holders.has(id))).toEqual([]);
    }
  });

  test('has no sign-in of an account while it is disabled', () => {
    for (const tenant of world.tenants) {
      for (const { id, from, until } of disabledSpans(tenant, world.to)) {
        const inside = tenant.signIns.filter(
          (entry) => entry.record.userId === id && entry.at > from && entry.at < until,
        );
        expect(inside.filter(({ record }) => at(record, 'status.errorCode') === 0)).toEqual([]);
      }
    }
  });
});
