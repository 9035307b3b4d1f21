import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFixture, valueOf } from './client.ts';
import type { Fixture, Reply } from './client.ts';
import { FREE, guid, PREMIUM, userId } from './world.ts';

let fixture: Fixture;
let token: string;

beforeAll(async () => {
  fixture = await startFixture();
  for (const tenant of [PREMIUM, FREE]) {
    await change(tenant, {
      add_roles: [
        'Device.Read.All',
        'Domain-InternalFederation.Read.All',
        'SecurityEvents.Read.All',
        'SharePointTenantSettings.Read.All',
        'UserAuthenticationMethod.Read.All',
      ],
    });
    await put(tenant, 'conditionalAccessPolicies', { id: guid(8, 1), displayName: 'MFA', state: 'enabled' });
    await put(tenant, 'singletons', { id: 'securityDefaults', isEnabled: true });
    await put(tenant, 'singletons', { id: 'crossTenantDefault', isServiceDefault: true });
    await put(tenant, 'crossTenantPartners', { id: 'p', tenantId: guid(9, 1) });
    await put(tenant, 'domains', {
      id: 'muster.example',
      authenticationType: 'Federated',
      federationConfiguration: [{ id: guid(9, 2), issuerUri: 'urn:x' }],
    });
    await put(tenant, 'authenticationMethods', {
      id: userId(0),
      methods: [{ '@odata.type': '#microsoft.graph.fido2AuthenticationMethod', id: 'k' }],
    });
  }
});
beforeEach(async () => {
  token = await fixture.token(PREMIUM);
});
afterAll(() => fixture.close());

const change = (tenant: string, body: object): Promise<Reply> => fixture.control(`tenants/${tenant}`, body);

const put = (tenant: string, collection: string, value: object): Promise<Reply> =>
  change(tenant, { put_object: { collection, value } });

describe('policies', () => {
  it('of Conditional Access are an empty list without P1', async () => {
    const path = '/v1.0/identity/conditionalAccess/policies';
    expect(valueOf(await fixture.get(token, path))).toMatchObject([{ id: guid(8, 1), state: 'enabled' }]);
    expect(valueOf(await fixture.get(await fixture.token(FREE), path))).toEqual([]);
  });

  it('of which there is one are that object, without an id where Microsoft gives none', async () => {
    const defaults = await fixture.get(token, '/v1.0/policies/identitySecurityDefaultsEnforcementPolicy');
    expect(defaults.body).toMatchObject({ id: 'securityDefaults', isEnabled: true });
    const cross = await fixture.get(token, '/v1.0/policies/crossTenantAccessPolicy/default');
    expect(cross.body).toMatchObject({ isServiceDefault: true });
    expect(cross.body).not.toHaveProperty('id');
    const partners = valueOf(await fixture.get(token, '/v1.0/policies/crossTenantAccessPolicy/partners'));
    expect(partners).toEqual([{ tenantId: guid(9, 1) }]);
  });

  it('of a domain stand behind it, with a permission of their own', async () => {
    const [domain] = valueOf(await fixture.get(token, '/v1.0/domains'));
    expect(domain).toEqual({ id: 'muster.example', authenticationType: 'Federated' });
    const path = '/v1.0/domains/Muster.example/federationConfiguration';
    expect(valueOf(await fixture.get(token, path))).toEqual([{ id: guid(9, 2), issuerUri: 'urn:x' }]);
    const other = await fixture.get(token, '/v1.0/domains/other.example/federationConfiguration');
    expect([other.status, other.code]).toEqual([404, 'Request_ResourceNotFound']);
  });

  it.each([
    ['Policy.Read.All', 'policies/authorizationPolicy'],
    ['SharePointTenantSettings.Read.All', 'admin/sharepoint/settings'],
    ['SecurityEvents.Read.All', 'security/secureScores'],
    ['Device.Read.All', 'devices/delta'],
    ['UserAuthenticationMethod.Read.All', `users/${userId(0)}/authentication/methods`],
  ])('without %s are refused', async (role, path) => {
    await change(PREMIUM, { remove_roles: [role], revoke_tokens: true });
    const refused = await fixture.get(await fixture.token(PREMIUM), `/v1.0/${path}`);
    expect([refused.status, refused.code]).toEqual([403, 'Authorization_RequestDenied']);
    await change(PREMIUM, { add_roles: [role], revoke_tokens: true });
  });
});

describe('posture', () => {
  it('tells the newest secure score first and leads on to older ones', async () => {
    for (const day of ['22', '23'])
      await put(PREMIUM, 'secureScores', {
        id: `s-${day}`,
        createdDateTime: `2026-11-${day}T02:00:00Z`,
        currentScore: 1,
      });
    const first = await fixture.get(token, '/v1.0/security/secureScores?$top=1');
    expect(valueOf(first)).toMatchObject([{ id: 's-23' }]);
    expect(valueOf(await fixture.get(token, String(first.body['@odata.nextLink'])))).toMatchObject([
      { id: 's-22' },
    ]);
  });

  it('reports second factors with P1 only; disabled people are not in it', async () => {
    const path = '/v1.0/reports/authenticationMethods/userRegistrationDetails?$top=999';
    const rows = valueOf(await fixture.get(token, path));
    expect(rows.find(({ id }) => id === userId(0))).toMatchObject({
      isMfaRegistered: true,
      isPasswordlessCapable: true,
      methodsRegistered: ['fido2SecurityKey'],
    });
    expect(rows.find(({ id }) => id === userId(1))).toMatchObject({ isMfaRegistered: false });
    expect(rows.find(({ id }) => id === userId(3))).toBeUndefined();
    const refused = await fixture.get(await fixture.token(FREE), path);
    expect([refused.status, refused.code]).toEqual([
      403,
      'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    ]);
  });

  it('tells the methods of one person, and that there is no such person', async () => {
    const methods = await fixture.get(token, `/v1.0/users/${userId(0)}/authentication/methods`);
    expect(valueOf(methods)).toMatchObject([{ id: 'k' }]);
    const nobody = await fixture.get(token, `/v1.0/users/${guid(2, 9999)}/authentication/methods`);
    expect(nobody.status).toBe(404);
  });

  it('tells devices by delta: those that are new, changed and gone', async () => {
    await put(PREMIUM, 'devices', { id: guid(6, 1), displayName: 'PC', isCompliant: true });
    const first = await fixture.get(token, '/v1.0/devices/delta?$select=displayName,isCompliant');
    expect(valueOf(first)).toEqual([{ id: guid(6, 1), displayName: 'PC', isCompliant: true }]);
    await fixture.advance(1000);
    await put(PREMIUM, 'devices', { id: guid(6, 1), isCompliant: false });
    const second = await fixture.get(token, String(first.body['@odata.deltaLink']));
    expect(valueOf(second)).toEqual([{ id: guid(6, 1), displayName: 'PC', isCompliant: false }]);
    await fixture.advance(1000);
    await change(PREMIUM, { delete_object: { collection: 'devices', id: guid(6, 1) } });
    const third = await fixture.get(token, String(second.body['@odata.deltaLink']));
    expect(valueOf(third)).toMatchObject([{ id: guid(6, 1), '@removed': {} }]);
  });
});
