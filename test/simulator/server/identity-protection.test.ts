import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Raw, World } from '../../../src/simulator/world.ts';
import { readAll, startFixture, valueOf, type Fixture } from './client.ts';
import { DAY, FREE, guid, MINUTE, NOW, PREMIUM, ROLES, signIn, smallWorld, userId } from './world.ts';

const PERMISSIONS = [
  'IdentityRiskEvent.Read.All',
  'IdentityRiskyUser.Read.All',
  'IdentityRiskyServicePrincipal.Read.All',
];
const DETECTIONS = '/v1.0/identityProtection/riskDetections';
const RISKY = '/v1.0/identityProtection/riskyUsers';
const PRINCIPALS = '/v1.0/identityProtection/riskyServicePrincipals';
const PRINCIPAL_DETECTIONS = '/v1.0/identityProtection/servicePrincipalRiskDetections';
const SIGN_INS = '/beta/auditLogs/signIns';
const NOT_LICENSED = [403, 'Forbidden', 'Your tenant is not licensed for this feature.'];

function detection(n: number, at: number, more: Raw = {}) {
  const record = {
    id: `risk-${n}`,
    riskEventType: n % 2 === 0 ? 'anonymizedIPAddress' : 'maliciousIPAddress',
    riskState: 'atRisk',
    riskLevel: 'medium',
    riskDetail: 'none',
    activityDateTime: new Date(at).toISOString(),
    detectedDateTime: new Date(at + 60 * MINUTE).toISOString(),
    lastUpdatedDateTime: new Date(at + 60 * MINUTE).toISOString(),
    userId: userId(n),
    ...more,
  };
  return { id: record.id, at, availableAt: at + 61 * MINUTE, record };
}

const TYPES = ['nonInteractiveUser', 'servicePrincipal', 'managedIdentity'] as const;

function world(): World {
  const base = smallWorld();
  const tenants = base.tenants.map((tenant) => ({
    ...tenant,
    app: { ...tenant.app, roles: [...ROLES, ...PERMISSIONS] },
    identity: {
      otherSignIns: TYPES.flatMap((type, kind) =>
        Array.from({ length: 10 }, (_none, n) =>
          signIn(10_000 + kind * 100 + n, NOW - (n + 5) * MINUTE, {
            signInEventTypes: [type],
            isInteractive: false,
          }),
        ),
      ),
      riskDetections: Array.from({ length: 45 }, (_none, n) => detection(n, NOW - (n + 1) * DAY)),
      principalRiskDetections: [],
      riskyUsers: [
        { id: userId(1), versions: [{ from: NOW - DAY, value: { id: userId(1), riskState: 'atRisk' } }] },
      ],
      riskyPrincipals: [],
    },
  }));
  return { ...base, tenants };
}

let fixture: Fixture;
let token: string;
const get = (target: string) => fixture.get(token, target);
const filter = (text: string): string => `$filter=${encodeURIComponent(text)}`;
const change = (tenant: string, body: Raw) => fixture.control(`tenants/${tenant}`, body);

beforeAll(async () => {
  fixture = await startFixture(world());
});
beforeEach(async () => {
  await fixture.advance(10_000);
  token = await fixture.token(PREMIUM);
});
afterAll(() => fixture.close());

describe('sign-ins by type', () => {
  it.each(TYPES)('%s are only those, and only where they are asked for', async (type) => {
    const since = `createdDateTime ge ${new Date(NOW - 60 * MINUTE).toISOString()}`;
    const asked = await get(`${SIGN_INS}?${filter(`signInEventTypes/any(t: t eq '${type}') and ${since}`)}`);
    expect(valueOf(asked)).toHaveLength(10);
    expect(valueOf(asked).every((one) => (one['signInEventTypes'] as string[])[0] === type)).toBe(true);
    const plain = await get(`${SIGN_INS}?${filter(since)}`);
    expect(
      valueOf(plain).every((one) => (one['signInEventTypes'] as string[])[0] === 'interactiveUser'),
    ).toBe(true);
  });

  it.each([
    ['v1.0', '/v1.0/auditLogs/signIns', "signInEventTypes/any(t: t eq 'servicePrincipal')"],
    ['another operator', SIGN_INS, "signInEventTypes/any(t: t ne 'servicePrincipal')"],
    ['later than a time', SIGN_INS, `createdDateTime gt ${new Date(NOW).toISOString()}`],
  ])('are refused on %s', async (_name, path, text) => {
    expect((await get(`${path}?${filter(text)}`)).status).toBe(400);
  });

  it('of a tenant without P1 are not shown', async () => {
    token = await fixture.token(FREE);
    const answer = await get(`${SIGN_INS}?${filter("signInEventTypes/any(t: t eq 'servicePrincipal')")}`);
    expect([answer.status, answer.code]).toEqual([
      403,
      'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    ]);
  });

  it('added by a test are found by their type', async () => {
    const { record } = signIn(20_000, NOW, { signInEventTypes: ['servicePrincipal'] });
    await change(PREMIUM, { add_sign_in: { record } });
    const asked = await get(
      `${SIGN_INS}?${filter(`signInEventTypes/any(t: t eq 'servicePrincipal') and id eq '${String(record['id'])}'`)}`,
    );
    expect(valueOf(asked)).toHaveLength(1);
  });
});

describe('risk detections', () => {
  it('are those of 30 days with P1, 20 a page, at most 500', async () => {
    const first = await get(DETECTIONS);
    expect(valueOf(first)).toHaveLength(20);
    expect(first.body['@odata.nextLink']).toBeDefined();
    await fixture.advance(1000);
    expect(valueOf(await get(`${DETECTIONS}?$top=500`))).toHaveLength(30);
    await fixture.advance(1000);
    expect((await get(`${DETECTIONS}?$top=501`)).status).toBe(400);
  });

  it('of premium types say generic with P1, and everything with P2', async () => {
    const shown = async () => {
      await fixture.advance(1000);
      const values = valueOf(await get(`${DETECTIONS}?$top=2`));
      return values.map((one) => [one['riskEventType'], one['riskLevel'], one['riskDetail']]);
    };
    expect(await shown()).toEqual([
      ['anonymizedIPAddress', 'medium', 'none'],
      ['generic', 'hidden', 'hidden'],
    ]);
    await change(PREMIUM, { licence: 'p2' });
    expect(await shown()).toEqual([
      ['anonymizedIPAddress', 'medium', 'none'],
      ['maliciousIPAddress', 'medium', 'none'],
    ]);
    await change(PREMIUM, { licence: 'p1' });
  });

  it('move to a later window when they change', async () => {
    const since = (ms: number) =>
      `${DETECTIONS}?${filter(`lastUpdatedDateTime ge ${new Date(NOW - ms).toISOString()}`)}`;
    const before = valueOf(await get(since(60 * MINUTE)));
    const { record } = detection(7, NOW - 8 * DAY, {
      riskState: 'dismissed',
      lastUpdatedDateTime: new Date(NOW).toISOString(),
    });
    await change(PREMIUM, { add_risk_detection: { record } });
    await fixture.advance(1000);
    const after = valueOf(await get(since(60 * MINUTE)));
    expect(before).toEqual([]);
    expect(after).toMatchObject([{ id: 'risk-7', riskState: 'dismissed' }]);
  });

  it.each([
    ['$orderby', `${DETECTIONS}?$orderby=detectedDateTime`],
    ['$skip', `${DETECTIONS}?$skip=1`],
    ['a filter by what has no filter', `${DETECTIONS}?${filter("additionalInfo eq 'x'")}`],
    ['a filter that is none', `${DETECTIONS}?${filter('riskLevel is high')}`],
  ])('are refused with %s', async (_name, target) => {
    expect((await get(target)).status).toBe(400);
  });

  it('share one request a second, and a refusal does not say when to come back', async () => {
    await get(DETECTIONS);
    const refused = await get(RISKY);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null]);
  });
});

describe('licences of Entra ID Protection', () => {
  it.each([
    ['risk detections', FREE, DETECTIONS],
    ['risky users', FREE, RISKY],
    ['risky users', PREMIUM, RISKY],
    ['risk detections of service principals', PREMIUM, PRINCIPAL_DETECTIONS],
    ['risky service principals', PREMIUM, PRINCIPALS],
  ])('%s of tenant %s are refused', async (_name, tenant, path) => {
    token = await fixture.token(tenant);
    const { status, code, message } = await get(path);
    expect([status, code, message]).toEqual(NOT_LICENSED);
  });

  it('P2 shows risky users, Workload ID those that are no users, and the SKUs say so', async () => {
    await change(PREMIUM, {
      licence: 'p2',
      workload_id: true,
      put_risky_principal: { id: guid(5, 1), riskState: 'atRisk' },
      add_principal_risk_detection: { record: detection(900, NOW - DAY).record },
    });
    expect(valueOf(await get(RISKY))).toMatchObject([{ id: userId(1) }]);
    await fixture.advance(1000);
    expect(valueOf(await get(PRINCIPALS))).toMatchObject([{ id: guid(5, 1) }]);
    await fixture.advance(1000);
    expect(valueOf(await get(PRINCIPAL_DETECTIONS))).toMatchObject([{ id: 'risk-900' }]);
    const [skus] = await readAll(fixture, token, '/v1.0/subscribedSkus');
    const plans = skus && valueOf(skus).flatMap((sku) => sku['servicePlans'] as Raw[]);
    const names = plans?.map((plan) => plan['servicePlanName']);
    expect(names).toEqual(expect.arrayContaining(['AAD_PREMIUM_P2', 'AAD_WRKLDID_P2']));
    await change(PREMIUM, { licence: 'p1', workload_id: false });
  });

  it('come after the permission', async () => {
    await change(PREMIUM, { remove_roles: PERMISSIONS });
    token = await fixture.token(PREMIUM);
    for (const path of [DETECTIONS, RISKY, PRINCIPALS]) {
      await fixture.advance(1000);
      expect((await get(path)).code).toBe('Authorization_RequestDenied');
    }
    await change(PREMIUM, { add_roles: PERMISSIONS });
  });
});
