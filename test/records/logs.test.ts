import { describe, expect, it } from 'vitest';
import { changeEvent, logSources, ruleLogsource } from '../../src/records/index.ts';
import type { EventRecord } from '../../src/model/event.ts';
import { ANNA, BEN, roleAudit, signIn, type Json } from './wire.ts';

function source(feed: string) {
  const found = logSources.get(feed);
  if (found === undefined) throw new Error(`no feed ${feed}`);
  return found;
}

function parsed(feed: string, raw: unknown, api = 'v1.0'): EventRecord {
  const answer = source(feed).parse(raw, api);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value;
}

describe('a sign-in', () => {
  it('becomes an event with the columns that detections query', () => {
    const event = parsed('sign-ins', signIn(), 'beta');
    expect(event).toMatchObject({
      feed: 'sign-ins',
      nativeId: '5e000000-aaaa-4bbb-8ccc-000000000001',
      canonicalId: '5e000000-aaaa-4bbb-8ccc-000000000001',
      occurredAt: Date.UTC(2026, 6, 17, 14, 10, 2),
      origin: 'sign-ins/beta',
      activity: 'sign-in',
      outcome: 'success',
      actorId: ANNA,
      userId: ANNA,
      ip: '203.0.113.9',
      appId: '00000002-0000-0ff1-ce00-000000000000',
      country: 'DE',
    });
    expect(JSON.parse(event.rawText)).toEqual(signIn());
  });

  it.each([
    [0, 'success'],
    [50126, 'failure'],
    [50053, 'failure'],
    [500121, 'failure'],
    [50057, 'failure'],
    [99999999, 'failure'],
    ...[50072, 50058, 50089, 50132, 50133, 65001, 16000, 50140, 50074, 50076].map(
      (code) => [code, 'interrupt'] as const,
    ),
    ['0', null],
    [null, null],
  ] as const)('with code %s is a %s', (errorCode, outcome) => {
    expect(parsed('sign-ins', signIn({ status: { errorCode } })).outcome).toBe(outcome);
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['203.0.113.9:51234', '203.0.113.9'],
    ['[2001:DB8::17]:443', '2001:db8::17'],
    ['2001:DB8::17', '2001:db8::17'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', null],
    ['not an address', null],
    [7, null],
  ])('from address %s has ip %s', (ipAddress, ip) => {
    expect(parsed('sign-ins', signIn({ ipAddress })).ip).toBe(ip);
  });

  it.each([
    ['at', 'AT'],
    ['AT', 'AT'],
    ['', null],
    ['Austria', null],
    [null, null],
  ])('from country %s has country %s', (countryOrRegion, country) => {
    expect(parsed('sign-ins', signIn({ location: { countryOrRegion } })).country).toBe(country);
  });

  it.each([
    [{ id: undefined }, /no id/],
    [{ id: '' }, /no id/],
    [{ id: 5 }, /no id/],
    [{ createdDateTime: undefined }, /createdDateTime/],
    [{ createdDateTime: 'yesterday' }, /createdDateTime/],
    [{ createdDateTime: 1784297402000 }, /createdDateTime/],
    [{ createdDateTime: '0001-01-01T00:00:00Z' }, /createdDateTime/],
  ])('with %j is refused and says why', (over, reason) => {
    const answer = source('sign-ins').parse(signIn(over), 'v1.0');
    expect(answer).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it.each([[null], [[]], ['text'], [3]])('that is %j is refused', (raw) => {
    expect(source('sign-ins').parse(raw, 'v1.0').ok).toBe(false);
  });

  it('reads optional properties of the wrong type as absent', () => {
    const odd: Json = {
      userId: 3,
      appId: {},
      ipAddress: [],
      location: 'Berlin',
      status: null,
      deviceDetail: 'x',
    };
    expect(parsed('sign-ins', signIn(odd))).toMatchObject({
      userId: null,
      appId: null,
      ip: null,
      country: null,
      outcome: null,
    });
  });

  it('takes keys and enum members it never saw, and hostile keys, without harm', () => {
    const raw = JSON.parse(
      `{"id":"a","createdDateTime":"2026-07-17T14:10:02Z","__proto__":{"userId":"${ANNA}"},"constructor":1,"riskState":"unknownFutureValue","somethingNew":{"x":[1]}}`,
    ) as unknown;
    expect(parsed('sign-ins', raw).userId).toBeNull();
    expect(({} as Json)['userId']).toBeUndefined();
  });

  it('refuses a record nested deeper than any of Microsoft, instead of exhausting the stack', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 5000; level++) deep = [deep];
    expect(source('sign-ins').parse(signIn({ deep }), 'v1.0')).toEqual({
      ok: false,
      reason: 'the sign-in is nested too deep',
    });
  });

  it.each([
    [{ '@odata.type': '#microsoft.graph.signIn', processingTimeInMilliseconds: 541 }],
    [{ processingTimeInMilliseconds: 541, '@odata.id': 'x' }],
    [{ processingTimeInMilliseconds: 7 }],
  ])('has one hash whatever the annotations of the request and the time it took: %j', (extra) => {
    const plain = parsed('sign-ins', signIn()).contentHash;
    expect(parsed('sign-ins', { ...signIn(), ...extra }).contentHash).toBe(plain);
    expect(parsed('sign-ins', { ...extra, ...signIn() }).contentHash).toBe(plain);
  });

  it('cuts no text of a person that looks like a volatile key', () => {
    const hash = (text: string) =>
      parsed('sign-ins', signIn({ userDisplayName: `"processingTimeInMilliseconds":${text},` })).contentHash;
    expect(hash('1')).not.toBe(hash('2'));
  });

  it.each([
    [{ riskState: 'atRisk' }],
    [{ status: { errorCode: 50074 } }],
    [{ deviceDetail: { deviceId: null, displayName: null, trustType: null } }],
  ])('has another hash when its content changes: %j', (over) => {
    expect(parsed('sign-ins', signIn(over)).contentHash).not.toBe(parsed('sign-ins', signIn()).contentHash);
  });

  it('shows one act, by object id where there is one, else by name, else by service principal', () => {
    const { acts } = source('sign-ins');
    expect(acts(signIn())).toEqual([
      {
        name: 'sign_in',
        kind: 'do',
        subject: `user:${ANNA}`,
        cause: '5e000000-aaaa-4bbb-8ccc-000000000001',
        words: {
          actor: 'anna@muster.example',
          subject: 'anna@muster.example',
          app: 'Office 365 Exchange Online',
          client: 'Browser',
          country: 'DE',
          ip: '203.0.113.9',
        },
      },
    ]);
    const nobody = { userId: '', userPrincipalName: 'Anna@Muster.example' };
    expect(acts(signIn(nobody))[0]?.subject).toBe('upn:anna@muster.example');
    const robot = { userId: null, userPrincipalName: null, servicePrincipalId: BEN };
    expect(acts(signIn(robot))[0]?.subject).toBe(`sp:${BEN}`);
    expect(acts({})).toEqual([]);
  });
});

describe('a directory audit', () => {
  it('becomes an event; its id may hold spaces, its time 7 decimals', () => {
    const id = 'Invited Users_a0000000-dddd-4eee-8fff-000000000001_7KQ2M_7000';
    expect(parsed('directory-audits', roleAudit({ id }))).toMatchObject({
      feed: 'directory-audits',
      nativeId: id,
      canonicalId: id,
      occurredAt: Date.UTC(2026, 6, 17, 14, 10, 2, 721),
      origin: 'directory-audits/v1.0',
      activity: 'Add member to role',
      outcome: 'success',
      actorId: BEN,
      userId: ANNA,
      ip: '203.0.113.7',
      appId: null,
      country: null,
    });
  });

  it('has its activity without the trailing space that Microsoft writes; the en dash stays', () => {
    const activityDisplayName = 'Update application – Certificates and secrets management ';
    expect(parsed('directory-audits', roleAudit({ activityDisplayName })).activity).toBe(
      'Update application – Certificates and secrets management',
    );
  });

  it.each([
    ['success', 'success'],
    ['failure', 'failure'],
    ['timeout', 'failure'],
    ['unknownFutureValue', null],
    [undefined, null],
  ])('with result %s has outcome %s', (result, outcome) => {
    expect(parsed('directory-audits', roleAudit({ result })).outcome).toBe(outcome);
  });

  it('names the app when no person began it, and nobody when both are null or all zeros', () => {
    const app = {
      appId: null,
      displayName: 'HR connector',
      servicePrincipalId: 'd0000000-1111-4222-8333-000000000009',
    };
    const zero = { id: '00000000-0000-0000-0000-000000000000', userPrincipalName: '' };
    expect(parsed('directory-audits', roleAudit({ initiatedBy: { user: null, app } })).actorId).toBe(
      'd0000000-1111-4222-8333-000000000009',
    );
    expect(
      parsed('directory-audits', roleAudit({ initiatedBy: { user: null, app: null } })).actorId,
    ).toBeNull();
    expect(
      parsed('directory-audits', roleAudit({ initiatedBy: { user: zero, app: null } })).actorId,
    ).toBeNull();
    expect(parsed('directory-audits', roleAudit({ initiatedBy: null })).actorId).toBeNull();
  });

  it.each([
    [{ id: null }, /no id/],
    [{ activityDateTime: '' }, /activityDateTime/],
  ])('with %j is refused', (over, reason) => {
    expect(source('directory-audits').parse(roleAudit(over), 'v1.0')).toEqual({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('survives lists and objects where the other is expected', () => {
    const odd = {
      initiatedBy: [],
      targetResources: { id: 1 },
      additionalDetails: 'x',
      activityDisplayName: 4,
    };
    expect(parsed('directory-audits', roleAudit(odd))).toMatchObject({
      activity: null,
      actorId: null,
      userId: null,
    });
    expect(source('directory-audits').acts(roleAudit(odd))).toEqual([]);
  });
});

describe('a change', () => {
  const change = {
    kind: 'role_assignment',
    op: 'added' as const,
    id: 'lAPpYvVpN0KRkAEhdxReE-1',
    before: null,
    after: { principal_id: ANNA, principal_kind: 'user', role_template_id: 'x', scope: '/' },
    from: 1000,
    to: 2000,
  };

  it('is an event at the read that saw it, with an id that a repeated diff has again', () => {
    const event = changeEvent(change);
    expect(event).toMatchObject({
      feed: 'changes',
      nativeId: 'role_assignment:lAPpYvVpN0KRkAEhdxReE-1:added:2000',
      occurredAt: 2000,
      origin: 'changes/v1.0',
      activity: 'role_assignment added',
      userId: ANNA,
    });
    expect(changeEvent({ ...change })).toEqual(event);
    expect(JSON.parse(event.rawText)).toEqual(change);
  });

  it('comes back from its own raw text the same', () => {
    expect(parsed('changes', JSON.parse(changeEvent(change).rawText))).toEqual(changeEvent(change));
  });

  it.each([[{ op: 'moved' }], [{ kind: null }], [{ to: '2000' }]])('with %j is refused', (over) => {
    expect(source('changes').parse({ ...change, ...over }, 'v1.0').ok).toBe(false);
  });
});

describe('an origin', () => {
  it.each([
    ['sign-ins', 'v1.0', 'clientAppUsed', true],
    ['sign-ins', 'v1.0', 'status.errorCode', true],
    ['sign-ins', 'v1.0', 'status', true],
    ['sign-ins', 'v1.0', 'userAgent', true],
    ['sign-ins', 'v1.0', 'authenticationProtocol', false],
    ['sign-ins', 'v1.0', 'authenticationDetails.succeeded', false],
    ['sign-ins', 'v1.0', 'appliedConditionalAccessPolicies.result', true],
    ['sign-ins', 'beta', 'authenticationProtocol', true],
    ['sign-ins', 'beta', 'authenticationDetails.succeeded', true],
    ['sign-ins', 'beta', 'status.nothing', false],
    ['sign-ins', 'beta', 'context.country', false],
    ['directory-audits', 'v1.0', 'targetResources.modifiedProperties.newValue', true],
    ['directory-audits', 'v1.0', 'initiatedBy.user.userPrincipalName', true],
    ['directory-audits', 'v1.0', 'additionalDetails.value', true],
    ['directory-audits', 'v1.0', 'userAgent', false],
    ['directory-audits', 'beta', 'userAgent', true],
    ['changes', 'v1.0', 'after.role_template_id', true],
    ['changes', 'v1.0', 'before.actions.target', true],
    ['changes', 'v1.0', 'after.password', false],
  ])('%s/%s and %s: %s', (feed, api, field, carried) => {
    const origin = source(feed).origins[api];
    expect(origin?.name).toBe(`${feed}/${api}`);
    expect(origin?.carries(field)).toBe(carried);
  });

  it('of beta outranks v1.0', () => {
    expect(source('sign-ins').origins['beta']?.rank).toBe(3);
    expect(source('sign-ins').origins['v1.0']?.rank).toBe(2);
  });

  it('belongs to the log source that rules name', () => {
    expect(ruleLogsource('sign-ins')).toEqual({ product: 'azure', service: 'signinlogs' });
    expect(ruleLogsource('directory-audits')).toEqual({ product: 'azure', service: 'auditlogs' });
    expect(ruleLogsource('changes')).toEqual({ product: 'tenantwatch', service: 'changes' });
    expect(() => ruleLogsource('teams')).toThrow(/no such feed/);
  });
});
