import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectTenant } from '../../src/jobs/collect.ts';
import { DnsError } from '../../src/network/dns.ts';
import { unseenLines } from '../../src/reports/digest-unseen.ts';
import { FULL } from '../../src/reports/reading.ts';
import { gatherUnseen } from '../../src/reports/unseen.ts';
import { sourceStates } from '../../src/store/reads.ts';
import { en } from '../../src/text/en.ts';
import { runCommand } from '../commands/command-run.ts';
import { DAY, END } from './simulated.ts';
import {
  collect,
  contextOf,
  entities,
  firstOf,
  free,
  licensed,
  newChanges,
  POLICIES,
  policyInForce,
  runtime,
  simulated,
  startPolicyWorld,
  stopPolicyWorld,
  zone,
  type Json,
} from './policy-world.ts';

beforeAll(startPolicyWorld, 60_000);
afterAll(stopPolicyWorld);

describe('policies and posture of a tenant', () => {
  it('are known after the first read, which makes no changes', async () => {
    const counts: Record<string, number> = {};
    for (const kind of [
      'conditional_access_policy',
      'named_location',
      'authentication_methods_policy',
      'authorization_policy',
      'security_defaults',
      'cross_tenant_access',
      'domain',
      'domain_federation',
      'sharepoint_settings',
      'secure_score',
      'mail_domain',
      'authentication_methods',
    ])
      counts[kind] = (await entities(licensed, kind)).size;
    expect(counts).toEqual({
      conditional_access_policy: 2,
      named_location: 2,
      authentication_methods_policy: 1,
      authorization_policy: 1,
      security_defaults: 1,
      cross_tenant_access: 1,
      domain: 2,
      domain_federation: 0,
      sharepoint_settings: 1,
      secure_score: 1,
      mail_domain: 1,
      // Read one by one only where there is no report.
      authentication_methods: 0,
    });
    expect((await entities(licensed, 'device')).size).toBeGreaterThan(20);
    expect((await entities(licensed, 'registration_details')).size).toBeGreaterThan(20);
    const changes = await runtime.database.db
      .selectFrom('event')
      .select('native_id')
      .where('feed', '=', 'changes')
      .execute();
    expect(changes.filter(({ native_id: id }) => !/^(user|inbox_rule|role_assignment):/.test(id))).toEqual(
      [],
    );
  });

  it('make no change when Microsoft only orders them otherwise and stamps them anew', async () => {
    const [id, before] = await policyInForce();
    const excluded = (before['exclude_users'] as string[]).toReversed();
    await simulated.change(licensed, {
      put_object: {
        collection: 'conditionalAccessPolicies',
        value: {
          id,
          modifiedDateTime: '2026-11-20T00:00:00Z',
          conditions: {
            clientAppTypes: ['all'],
            userRiskLevels: null,
            applications: { includeApplications: ['All'] },
            users: { includeUsers: ['All'], excludeUsers: excluded },
          },
        },
      },
    });
    await simulated.faults({ kind: 'shuffle', match: 'domains', times: null });
    await collect(licensed);
    await simulated.clearFaults();
    expect(await newChanges(licensed)).toEqual([]);
  });

  it('make one change for each object that differs, with what it was before', async () => {
    const [id] = await policyInForce();
    const [location] = await firstOf(licensed, 'named_location');
    await simulated.change(licensed, {
      put_object: {
        collection: 'conditionalAccessPolicies',
        value: { id, state: 'enabledForReportingButNotEnforced' },
      },
      delete_object: { collection: 'namedLocations', id: location },
    });
    await simulated.change(licensed, {
      put_object: {
        collection: 'singletons',
        value: { id: 'authorizationPolicy', allowInvitesFrom: 'everyone' },
      },
    });
    await simulated.change(licensed, {
      put_object: {
        collection: 'crossTenantPartners',
        value: {
          id: 'x',
          tenantId: '11111111-1111-4111-8111-111111111111',
          inboundTrust: { isMfaAccepted: true },
        },
      },
    });
    await collect(licensed);
    const changes = await newChanges(licensed);
    expect(changes.map(({ kind, op }) => `${String(kind)} ${String(op)}`).sort()).toEqual([
      'authorization_policy changed',
      'conditional_access_policy changed',
      'cross_tenant_access added',
      'named_location removed',
    ]);
    const policy = changes.find(({ kind }) => kind === 'conditional_access_policy');
    expect(policy).toMatchObject({
      id,
      before: { state: 'enabled' },
      after: { state: 'enabledForReportingButNotEnforced' },
    });
  });

  it('tell how a domain is federated, and that its certificate was changed', async () => {
    const federated = (certificate: string) => ({
      put_object: {
        collection: 'domains',
        value: {
          id: licensed.domain,
          authenticationType: 'Federated',
          federationConfiguration: [{ id: 'f1', issuerUri: 'urn:evil', signingCertificate: certificate }],
        },
      },
    });
    await simulated.change(licensed, federated('AAAA'));
    await collect(licensed);
    expect((await newChanges(licensed)).map(({ kind, op }) => [kind, op])).toEqual([
      ['domain', 'changed'],
      ['domain_federation', 'added'],
    ]);
    await simulated.change(licensed, federated('BBBB'));
    await collect(licensed);
    expect(await newChanges(licensed)).toMatchObject([
      {
        kind: 'domain_federation',
        op: 'changed',
        id: `${licensed.domain}/f1`,
        after: { issuer: 'urn:evil' },
      },
    ]);
  });

  it('are read anew after an expired delta token, without a change that did not happen', async () => {
    const [device, before] = await firstOf(licensed, 'device');
    await simulated.faults({ kind: 'delta_gone', match: 'devices/delta' });
    const outcomes = await collect(licensed);
    expect(outcomes.get('devices')).toEqual({ status: 'ok' });
    expect(await newChanges(licensed)).toEqual([]);
    await simulated.change(licensed, { delete_object: { collection: 'devices', id: device } });
    await simulated.faults({ kind: 'delta_gone', match: 'devices/delta' });
    await collect(licensed);
    // What went while the token was gone is told all the same.
    expect(await newChanges(licensed)).toMatchObject([{ kind: 'device', op: 'removed', id: device, before }]);
  });

  it('follow the DNS, domain by domain', async () => {
    zone.set(`txt ${licensed.domain}`, ['v=spf1 +all']);
    await runtime.clock.sleep(DAY);
    await collect(licensed);
    const isDns = ({ kind }: Json) => kind === 'mail_domain';
    expect((await newChanges(licensed)).filter(isDns)).toMatchObject([
      { op: 'changed', id: licensed.domain, before: { spf_all: '-all' }, after: { spf_all: '+all' } },
    ]);
    zone.set(`mx ${licensed.domain}`, new DnsError(`MX of ${licensed.domain}`, 'ESERVFAIL'));
    const outcomes = await collect(licensed);
    expect(outcomes.get('mail-domains-dns')).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('ESERVFAIL') as string,
    });
    expect((await newChanges(licensed)).filter(isDns)).toEqual([]);
    expect((await entities(licensed, 'mail_domain')).size).toBe(1);
    zone.set(`mx ${licensed.domain}`, []);
  });
});

describe('a tenant without Entra ID P1', () => {
  it('is not taken for one without Conditional Access policies', async () => {
    const outcomes = await collect(free);
    for (const source of ['conditional-access-policies', 'named-locations'])
      expect(outcomes.get(source)).toMatchObject({ status: 'skipped', reason: 'no_licence' });
    expect(outcomes.get('security-defaults')).toEqual({ status: 'ok' });
  });

  it('has the second factors of its people read one by one, once a day', async () => {
    const outcomes = await collect(free);
    expect(outcomes.get('registration-details')).toEqual({ status: 'ok' });
    const methods = await entities(free, 'authentication_methods');
    const users = [...(await entities(free, 'user'))].filter(([, user]) => user['enabled'] !== false);
    expect([...methods.keys()].sort()).toEqual(users.map(([id]) => id).sort());
    expect([...methods.values()].some((one) => one['mfa_registered'] === true)).toBe(true);
    await simulated.report();
    const asked = async () =>
      (await simulated.report()).requests['GET /v1.0/users/{id}/authentication/methods'];
    const before = await asked();
    await collect(free);
    expect(await asked()).toBe(before);
  });

  it('tells a second factor that somebody added', async () => {
    const [id, before] = [...(await entities(free, 'authentication_methods'))].find(
      ([, one]) => one['mfa_registered'] === true,
    ) as [string, Json];
    await newChanges(free);
    const authenticator = '#microsoft.graph.microsoftAuthenticatorAuthenticationMethod';
    await simulated.change(free, {
      put_object: {
        collection: 'authenticationMethods',
        value: {
          id,
          methods: [
            { '@odata.type': authenticator, id: 'a' },
            { '@odata.type': authenticator, id: 'b' },
          ],
        },
      },
    });
    await runtime.clock.sleep(DAY);
    await collect(free);
    const changes = (await newChanges(free)).filter(({ kind }) => kind === 'authentication_methods');
    expect(changes).toMatchObject([
      {
        op: 'changed',
        id,
        before,
        after: { devices: ['microsoftAuthenticatorPush:a', 'microsoftAuthenticatorPush:b'] },
      },
    ]);
  });

  it('is asked once, not for each user, when the right for it is missing', async () => {
    await simulated.change(free, {
      remove_roles: ['UserAuthenticationMethod.Read.All'],
      revoke_tokens: true,
    });
    await runtime.clock.sleep(DAY);
    const outcomes = await collect(free);
    expect(outcomes.get('registration-details')).toMatchObject({
      status: 'skipped',
      reason: 'no_permission',
      detail: expect.stringContaining('UserAuthenticationMethod.Read.All') as string,
    });
    const reads = await runtime.database.db
      .selectFrom('read')
      .select('scope')
      .where('tenant_id', '=', free.id)
      .where('source', '=', 'registration-details')
      .where('status', '=', 'skipped')
      .execute();
    expect(reads).toEqual([{ scope: '*' }]);
  });
});

describe('a tenant that lost its licence', () => {
  it('keeps the policies that we know: an empty answer takes nothing away', async () => {
    const before = await entities(licensed, 'conditional_access_policy');
    await newChanges(licensed);
    await simulated.change(licensed, { licence: 'free' });
    const outcomes = await collect(licensed);
    expect(outcomes.get('conditional-access-policies')).toMatchObject({
      status: 'skipped',
      reason: 'no_licence',
    });
    expect(await entities(licensed, 'conditional_access_policy')).toEqual(before);
    const kinds = (await newChanges(licensed)).map(({ kind }) => kind);
    expect(kinds).not.toContain('conditional_access_policy');
    expect(kinds).not.toContain('registration_details');
    expect(kinds).not.toContain('authentication_methods');
    await simulated.change(licensed, { licence: 'p1' });
    expect((await collect(licensed)).get('conditional-access-policies')).toEqual({ status: 'ok' });
  });
});

describe('a tenant that grants less', () => {
  const period = { from: END - DAY, to: END };

  beforeAll(async () => {
    await newChanges(licensed);
    await simulated.change(licensed, {
      remove_roles: [
        'Policy.Read.All',
        'Device.Read.All',
        'Domain.Read.All',
        'Domain-InternalFederation.Read.All',
        'SecurityEvents.Read.All',
        'SharePointTenantSettings.Read.All',
        'Directory.Read.All',
      ],
      revoke_tokens: true,
    });
  });

  it('has those sources skipped, each with the right that is missing, and loses nothing that is known', async () => {
    const outcomes = await collect(licensed);
    for (const source of POLICIES) {
      expect(outcomes.get(source)).toMatchObject({
        status: 'skipped',
        reason: 'no_permission',
        detail: expect.stringContaining('grant Policy.Read.All') as string,
      });
    }
    for (const source of ['devices', 'domains', 'domain-federation', 'secure-score', 'sharepoint-settings'])
      expect(outcomes.get(source)).toMatchObject({ status: 'skipped', reason: 'no_permission' });
    expect(await newChanges(licensed)).toEqual([]);
  });

  it('knows so with every run', async () => {
    await collectTenant(contextOf(licensed), { force: true });
    const states = new Map(
      (await sourceStates(runtime.database.db, licensed.id)).map((row) => [row.source, row]),
    );
    expect(states.get('devices')).toMatchObject({ last_status: 'skipped', last_reason: 'no_permission' });
  });

  it.each([
    ['management', 'en'],
    ['technical', 'en'],
  ] as const)('gets one line for all of it in the mail for %s', async (kind, language) => {
    const now = runtime.clock.now();
    const unseen = await gatherUnseen(runtime.database.db, licensed.id, period, now, language);
    const names = new Set(unseen.sources.map(({ source }) => source));
    for (const source of [...POLICIES, 'devices', 'domains']) expect(names).not.toContain(source);
    const reader = { address: 'x@muster.example', kind, language, timezone: 'Europe/Berlin' } as const;
    const voice = { texts: en, locale: { language: 'en-GB', timezone: 'Europe/Berlin' } };
    const lines = unseenLines({ unseen, reader, period } as never, voice as never, FULL);
    expect(lines.filter((line) => line.startsWith('Not set up to be watched: '))).toHaveLength(1);
    expect(lines.join('\n').includes('the security defaults')).toBe(kind === 'technical');
    expect(lines.join('\n')).not.toContain('Not watched: the security defaults');
  });

  it('is told by the doctor what could be added, and that nothing is wrong', async () => {
    const folder = simulated.folder();
    const context = { env: simulated.environment(licensed, folder), cwd: folder };
    const { stdout } = await runCommand(['doctor', '--json'], context);
    const findings = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Json);
    const of = (check: string) => findings.find((one) => one['check'] === check);
    expect(of('permission Policy.Read.All')).toMatchObject({
      state: 'absent',
      detail: expect.stringContaining('no detection needs it yet') as string,
      lost: [],
    });
    expect(of('source devices')).toMatchObject({ state: 'absent' });
    expect(of('source mail-domains-dns')).toMatchObject({
      state: 'absent',
      detail: expect.stringContaining('TENANTWATCH_MAIL_DNS=on') as string,
    });
    expect(of('permission MailboxSettings.Read')).toMatchObject({ state: 'ok' });
    expect(findings.filter((one) => one['check'] === 'permission ')).toEqual([]);
  }, 20_000);
});
