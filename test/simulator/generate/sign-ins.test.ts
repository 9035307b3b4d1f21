import { describe, expect, test } from 'vitest';
import { at, forms, labelledIds, makeWorld, tenantOf } from './small-world.ts';

/** Properties of signIn on v1.0 and those that beta adds (msgraph-metadata, as listed in the fact sheet). */
const V1 =
  'id createdDateTime userDisplayName userPrincipalName userId appId appDisplayName ipAddress clientAppUsed userAgent correlationId conditionalAccessStatus isInteractive riskDetail riskLevelAggregated riskLevelDuringSignIn riskState riskEventTypes riskEventTypes_v2 resourceDisplayName resourceId resourceTenantId homeTenantId servicePrincipalId servicePrincipalName status deviceDetail location appliedConditionalAccessPolicies authenticationAppDeviceDetails'.split(
    ' ',
  );
const BETA =
  'signInEventTypes authenticationDetails authenticationProtocol authenticationRequirement originalTransferMethod autonomousSystemNumber crossTenantAccessType uniqueTokenIdentifier incomingTokenType userType sessionId authenticationProcessingDetails mfaDetail tokenIssuerType processingTimeInMilliseconds'.split(
    ' ',
  );

const world = makeWorld();
const tenant = tenantOf(world);
const all = world.tenants.flatMap(({ signIns }) => signIns.flatMap(forms));

describe('a simulated sign-in', () => {
  test('has every property of v1.0 and of beta', () => {
    for (const record of all) expect(Object.keys(record)).toEqual(expect.arrayContaining([...V1, ...BETA]));
  });

  test('is dated in whole seconds, the same as the time it happened', () => {
    for (const { record, at: when } of tenant.signIns) {
      expect(record.createdDateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Date.parse(String(record.createdDateTime))).toBe(when);
    }
  });

  test('is interactive, and says so in signInEventTypes', () => {
    expect(all.every(({ isInteractive }) => isInteractive === true)).toBe(true);
    expect(new Set(all.map(({ signInEventTypes }) => JSON.stringify(signInEventTypes)))).toEqual(
      new Set(['["interactiveUser"]']),
    );
  });

  test('that succeeds has code 0 and the reason "Other."', () => {
    for (const record of all) {
      const success = at(record, 'status.errorCode') === 0;
      expect(at(record, 'status.failureReason') === 'Other.').toBe(success);
    }
  });

  test('hides its risk levels, for no tenant has P2', () => {
    const risks = all.map((r) => `${r.riskLevelAggregated} ${r.riskLevelDuringSignIn} ${r.riskDetail}`);
    expect(new Set(risks)).toEqual(new Set(['hidden hidden hidden']));
  });

  test('from a device that the directory does not know has an empty deviceId and no trust', () => {
    const unknown = all.filter((record) => at(record, 'deviceDetail.deviceId') === '');
    expect(unknown.length).toBeGreaterThan(500);
    expect(unknown.length).toBeLessThan(all.length * 0.7);
    expect(unknown.every((record) => at(record, 'deviceDetail.trustType') === null)).toBe(true);
    const known = all.filter((record) => at(record, 'deviceDetail.deviceId') !== '');
    expect(known.every((record) => at(record, 'deviceDetail.isManaged') === true)).toBe(true);
  });

  test('uses addresses reserved for documentation only', () => {
    const reserved = /^(203\.0\.113\.|198\.51\.100\.|192\.0\.2\.|2001:db8:)/;
    for (const { ipAddress } of all) expect(ipAddress).toMatch(reserved);
  });

  test('of a guest names the home tenant and collaboration', () => {
    const guests = all.filter(({ userType }) => userType === 'guest');
    expect(guests.length).toBeGreaterThan(5);
    for (const record of guests) {
      expect(record.crossTenantAccessType).toBe('b2bCollaboration');
      expect(record.homeTenantId).not.toBe(record.resourceTenantId);
    }
  });

  test('never belongs to the emergency account, a shared mailbox or a machine', () => {
    const silent = tenant.users.filter(({ versions }) => {
      const upn = String(versions[0]?.value?.userPrincipalName);
      return /^(notfall|info@|bewerbung@|sync|scanner)/.test(upn);
    });
    expect(silent.length).toBe(5);
    const ids = new Set(silent.map(({ id }) => id));
    expect(tenant.signIns.filter(({ record }) => ids.has(String(record.userId)))).toEqual([]);
  });
});

describe('volume and variety', () => {
  test('a working person has 5 to 15 sign-ins on a day', () => {
    const labelled = labelledIds(world);
    const staff = new Set(
      tenant.users.filter(({ versions }) => versions[0]?.value?.employeeType).map(({ id }) => id),
    );
    const hosting = new Set([44050, 16125, 18978, 203523, 60404]);
    const perDay = new Map<string, number>();
    for (const { record, id } of tenant.signIns) {
      if (labelled.has(id) || hosting.has(Number(record.autonomousSystemNumber))) continue;
      const weekday = new Date(String(record.createdDateTime)).getUTCDay();
      if (weekday === 0 || weekday === 6 || !staff.has(String(record.userId))) continue;
      const key = `${String(record.userId)} ${String(record.createdDateTime).slice(0, 10)}`;
      perDay.set(key, (perDay.get(key) ?? 0) + 1);
    }
    const counts = [...perDay.values()].toSorted((a, b) => a - b);
    expect(counts.length).toBeGreaterThan(500);
    expect(counts.at(-1)).toBeLessThanOrEqual(15);
    const median = counts[Math.floor(counts.length / 2)] ?? 0;
    expect(median).toBeGreaterThanOrEqual(7);
    expect(median).toBeLessThanOrEqual(11);
    // Joining, leaving and the ends of the data cut a day short; hardly any other is.
    expect(counts.filter((count) => count < 5).length).toBeLessThan(counts.length * 0.08);
  });

  test.each([50126, 50053, 50074, 50076, 50140, 70043])('code %i occurs, and is rare', (code) => {
    const count = tenant.signIns.filter(({ record }) => at(record, 'status.errorCode') === code).length;
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(tenant.signIns.length / 15);
  });

  test('an MFA prompt and the success after it share one correlation', () => {
    const by = new Map(
      tenant.signIns
        .filter(({ record }) => at(record, 'status.errorCode') === 0)
        .map(({ record }) => [record.correlationId, record]),
    );
    const prompts = tenant.signIns.filter(({ record }) => at(record, 'status.errorCode') === 50074);
    expect(prompts.filter(({ record }) => by.has(record.correlationId)).length).toBe(prompts.length);
  });

  test('phones change their address, the office does not', () => {
    const addresses = (match: (r: Record<string, unknown>) => boolean) =>
      new Set(tenant.signIns.filter(({ record }) => match(record)).map(({ record }) => record.ipAddress))
        .size;
    expect(addresses((r) => String(r.ipAddress).startsWith('2001:db8:'))).toBeGreaterThan(300);
    expect(addresses((r) => String(r.ipAddress).startsWith('203.0.113.'))).toBe(1);
  });

  test('one salesperson spends whole days abroad, and no other employee goes', () => {
    const abroad = tenant.signIns.filter(({ record }) => {
      const country = at(record, 'location.countryOrRegion');
      return record.userType === 'member' && (country === 'AT' || country === 'CH');
    });
    expect(new Set(abroad.map(({ record }) => record.userDisplayName))).toEqual(new Set(['Julia Stern']));
    const days = new Set(abroad.map(({ record }) => String(record.createdDateTime).slice(0, 10)));
    for (const { record } of tenant.signIns) {
      if (record.userDisplayName !== 'Julia Stern' || !days.has(String(record.createdDateTime).slice(0, 10)))
        continue;
      if (at(record, 'status.errorCode') === 0) expect(at(record, 'location.countryOrRegion')).not.toBe('DE');
    }
  });
});
