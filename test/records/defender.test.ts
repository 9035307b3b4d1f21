import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/model/event.ts';
import { changeEvent, defenderUpdatedAt, entityKinds, logSources } from '../../src/records/index.ts';
import { ANNA, BEN, type Json } from './wire.ts';

const DEVICE = '5d000000-0000-4000-8000-00000000000a';
const HOSTILE = 'a'.repeat(20) + '\u202e<b>';

function source(feed = 'defender-alerts') {
  const found = logSources.get(feed);
  if (found === undefined) throw new Error(`no feed ${feed}`);
  return found;
}

function parsed(raw: Json, feed?: string): EventRecord {
  const answer = source(feed).parse(raw, 'v1.0');
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value;
}

/** In the shape of the reference's example (security-list-alerts_v2). */
function alert(evidence: readonly Json[] = [], over: Json = {}): Json {
  return {
    '@odata.type': '#microsoft.graph.security.alert',
    id: 'da637551227677560813_-961444813',
    incidentId: '28282',
    status: 'new',
    severity: 'low',
    classification: 'unknown',
    serviceSource: 'microsoftDefenderForEndpoint',
    title: 'Suspicious execution of hidden file',
    category: 'DefenseEvasion',
    createdDateTime: '2026-04-27T12:19:27.7211305Z',
    lastUpdateDateTime: '2026-05-02T14:19:01.3266667Z',
    firstActivityDateTime: '2026-04-26T07:45:50.116Z',
    evidence,
    ...over,
  };
}

function piece(type: string, more: Json, roles: readonly string[] = [], createdDateTime?: string): Json {
  return { '@odata.type': `#microsoft.graph.security.${type}`, roles, createdDateTime, ...more };
}

const account = (id: string | null, upn: string | null, displayName: string | null = null): Json => ({
  userAccount: { accountName: 'x', azureAdUserId: id, userPrincipalName: upn, displayName },
});

const computer = piece('deviceEvidence', {
  azureAdDeviceId: DEVICE.toUpperCase(),
  deviceDnsName: 'MB-LT-07.muster.example',
  loggedOnUsers: [{ accountName: 'anna', domainName: 'MUSTER' }],
});

function actOf(raw: Json, feed?: string) {
  const [act, ...more] = source(feed).acts(raw);
  expect(more).toEqual([]);
  return act;
}

describe('an alert of Defender', () => {
  it('is an event of the time at which Defender said so, of its own feed and id', () => {
    expect(parsed(alert())).toMatchObject({
      feed: 'defender-alerts',
      origin: 'defender-alerts/v1.0',
      nativeId: 'da637551227677560813_-961444813',
      occurredAt: Date.UTC(2026, 3, 27, 12, 19, 27, 721),
      activity: 'DefenseEvasion',
      userId: null,
    });
  });

  it('is read in windows of when it was last written', () => {
    expect(defenderUpdatedAt(parsed(alert()))).toBe(Date.UTC(2026, 4, 2, 14, 19, 1, 326));
    const silent = alert([], { lastUpdateDateTime: null });
    expect(defenderUpdatedAt(parsed(silent))).toBe(Date.UTC(2026, 3, 27, 12, 19, 27, 721));
  });

  it('has another content once somebody judged it', () => {
    const judged = alert([], { classification: 'falsePositive', status: 'resolved' });
    expect(parsed(judged).contentHash).not.toBe(parsed(alert()).contentHash);
  });

  it('names person, address and app of its evidence', () => {
    const evidence = [
      piece('userEvidence', account(ANNA.toUpperCase(), 'Anna@Muster.example', 'Anna Adler')),
      piece('ipEvidence', { ipAddress: '203.0.113.9', countryLetterCode: 'nl' }, ['attacker']),
      piece('cloudApplicationEvidence', { appId: 20893 }),
      piece('oauthApplicationEvidence', { appId: DEVICE }),
    ];
    expect(parsed(alert(evidence))).toMatchObject({
      userId: ANNA,
      actorId: ANNA,
      ip: '203.0.113.9',
      country: 'NL',
      appId: DEVICE,
    });
  });

  it.each<[string, readonly Json[], string, string]>([
    [
      'a user',
      [piece('userEvidence', account(ANNA, 'anna@muster.example'))],
      `user:${ANNA}`,
      'anna@muster.example',
    ],
    [
      'a user by name only',
      [piece('userEvidence', account(null, 'Anna@muster.example'))],
      'upn:anna@muster.example',
      'anna@muster.example',
    ],
    [
      'a mailbox',
      [
        piece('mailboxEvidence', {
          displayName: 'Anna Adler',
          primaryAddress: 'anna@muster.example',
          upn: 'a.adler@muster.example',
        }),
      ],
      'upn:a.adler@muster.example',
      'a.adler@muster.example',
    ],
    [
      'a mail that came in, by its recipient',
      [
        piece('analyzedMessageEvidence', {
          antiSpamDirection: 'inbound',
          recipientEmailAddress: 'ben@muster.example',
          p2Sender: { emailAddress: 'bad@evil.example' },
        }),
      ],
      'upn:ben@muster.example',
      'ben@muster.example',
    ],
    [
      'a mail that went out, by its sender',
      [
        piece('analyzedMessageEvidence', {
          antiSpamDirection: 'outbound',
          recipientEmailAddress: 'x@other.example',
          p2Sender: { emailAddress: 'ben@muster.example' },
        }),
      ],
      'upn:ben@muster.example',
      'ben@muster.example',
    ],
    [
      'a session in the cloud',
      [
        piece('cloudLogonSessionEvidence', {
          sessionId: 's',
          account: piece('userEvidence', account(BEN, null, 'Ben Brandt')),
        }),
      ],
      `user:${BEN}`,
      'Ben Brandt',
    ],
    [
      'a process of a person',
      [computer, piece('processEvidence', account(BEN, 'ben@muster.example'))],
      `user:${BEN}`,
      'ben@muster.example',
    ],
    [
      'a computer where the process is the machine’s own',
      [computer, piece('processEvidence', account(null, null, 'System'))],
      `device:${DEVICE}`,
      'MB-LT-07.muster.example',
    ],
    [
      'a computer that Entra ID does not know',
      [
        piece('deviceEvidence', {
          azureAdDeviceId: null,
          deviceDnsName: 'KASSE-1',
          mdeDeviceId: 'f'.repeat(40),
        }),
      ],
      'host:kasse-1',
      'KASSE-1',
    ],
    ['nobody', [], 'defender:da637551227677560813_-961444813', 'Suspicious execution of hidden file'],
    [
      'evidence of a type that is new, by the properties we know',
      [piece('somethingNewEvidence', account(ANNA, 'anna@muster.example'))],
      `user:${ANNA}`,
      'anna@muster.example',
    ],
  ])('about %s is told about that', (_what, evidence, subject, words) => {
    expect(actOf(alert(evidence))).toMatchObject({
      name: 'defender_alert',
      kind: 'do',
      subject,
      cause: 'da637551227677560813_-961444813',
      words: { subject: words },
    });
  });

  it('is told about the one it happened to, however the evidence is ordered', () => {
    const evidence = [
      piece('userEvidence', account(BEN, 'ben@muster.example'), ['contextual'], '2026-04-27T12:00:00Z'),
      piece('userEvidence', account(null, 'later@muster.example'), ['compromised'], '2026-04-29T12:00:00Z'),
      piece('userEvidence', account(ANNA, 'anna@muster.example'), ['compromised'], '2026-04-28T12:00:00Z'),
    ];
    for (const order of [evidence, evidence.toReversed()]) {
      expect(actOf(alert(order))).toMatchObject({
        subject: `user:${ANNA}`,
        words: { people: 'anna@muster.example, later@muster.example, ben@muster.example' },
      });
    }
  });

  it('is one act with ten names, however many people it names, each of them once', () => {
    const many = Array.from({ length: 3000 }, (_none, n) =>
      piece('mailboxEvidence', { primaryAddress: `p${n % 1500}@muster.example` }),
    );
    const people = actOf(alert(many))?.words['people'] ?? '';
    expect(people.split(', ')).toHaveLength(10);
    expect(new Set(people.split(', ')).size).toBe(10);
    const twice = [
      piece('mailboxEvidence', { upn: 'anna@muster.example' }),
      piece('userEvidence', account(ANNA, 'ANNA@muster.example')),
    ];
    expect(actOf(alert(twice))).toMatchObject({
      subject: `user:${ANNA}`,
      words: { people: 'anna@muster.example' },
    });
  });

  it('carries what rules name: its own properties and whatever is in evidence', () => {
    const origin = source().origins['v1.0'];
    for (const field of [
      'severity',
      'serviceSource',
      'evidence.userAccount.userPrincipalName',
      'evidence.roles',
    ])
      expect(origin?.carries(field), field).toBe(true);
    expect(origin?.carries('userPrincipalName')).toBe(false);
  });

  it.each<[string, unknown, string]>([
    ['nothing', null, 'no JSON object'],
    ['a list', [], 'no JSON object'],
    ['no id', alert([], { id: '' }), 'no id'],
    [
      'no time',
      alert([], { createdDateTime: 'yesterday', firstActivityDateTime: null }),
      'neither createdDateTime',
    ],
  ])('that is %s is refused', (_what, raw, reason) => {
    expect(source().parse(raw, 'v1.0')).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });

  it.each<[string, Json]>([
    ['no evidence at all', alert([], { evidence: null })],
    ['evidence of other forms', alert([null, 'x', 7, []] as unknown as Json[])],
    ['hostile texts', alert([piece('userEvidence', account(HOSTILE, HOSTILE))], { title: HOSTILE })],
    [
      'words where objects are',
      alert([piece('userEvidence', { userAccount: 'anna', account: 5, roles: 'x' })]),
    ],
  ])('with %s is taken, and shows one act', (_what, raw) => {
    expect(source().parse(raw, 'v1.0').ok).toBe(true);
    expect(actOf(raw)?.cause).toBe(raw['id']);
  });
});

describe('an incident of Defender', () => {
  const incident: Json = {
    id: '2972395',
    displayName: 'Multi-stage incident',
    createdDateTime: '2026-08-13T08:43:35.5533333Z',
    lastUpdateDateTime: '2026-09-30T09:35:45.1133333Z',
    status: 'active',
    severity: 'medium',
  };

  it('is an event of its own, whose id is nobody else’s', () => {
    expect(parsed(incident, 'defender-incidents')).toMatchObject({
      feed: 'defender-incidents',
      nativeId: '2972395',
      canonicalId: 'defender-incidents:2972395',
      occurredAt: Date.UTC(2026, 7, 13, 8, 43, 35, 553),
      activity: 'incident',
    });
    expect(actOf(incident, 'defender-incidents')).toEqual({
      name: 'defender_incident',
      kind: 'do',
      subject: 'defender-incident:2972395',
      cause: '2972395',
      words: {
        subject: 'Multi-stage incident',
        alert: 'Multi-stage incident',
        severity: 'medium',
        status: 'active',
        incident: '2972395',
      },
    });
  });
});

describe('a device of Intune', () => {
  const device: Json = {
    id: '705C034C-034c-705c-4c03-5c704c035c70',
    userId: ANNA,
    deviceName: 'MB-LT-07',
    managedDeviceOwnerType: 'company',
    enrolledDateTime: '2026-01-02T10:00:00.797191Z',
    lastSyncDateTime: '2026-11-24T07:00:00Z',
    operatingSystem: 'Windows',
    complianceState: 'noncompliant',
    jailBroken: 'Unknown',
    managementAgent: 'mdm',
    osVersion: '10.0.26100.4061',
    azureADDeviceId: DEVICE.toUpperCase(),
    isEncrypted: false,
    userPrincipalName: 'anna@muster.example',
    serialNumber: 'PF0000',
    phoneNumber: '+491510000000',
  };

  function entity(over: Json = {}) {
    const answer = entityKinds.get('managed_device')?.parse({ ...device, ...over });
    if (answer?.ok !== true) throw new Error(answer?.reason ?? 'no kind');
    return answer.value;
  }

  it('is known by its own id and joined by the id that Entra ID gave it', () => {
    expect(entity()).toMatchObject({
      id: '705c034c-034c-705c-4c03-5c704c035c70',
      json: {
        device_id: DEVICE,
        user_id: ANNA,
        compliance: 'noncompliant',
        encrypted: false,
        os_version: '10.0.26100',
        enrolled_at: Date.UTC(2026, 0, 2, 10, 0, 0, 797),
      },
      scalars: { managed_device: [{ device_id: DEVICE, user_id: ANNA, encrypted: 0, jailbroken: null }] },
    });
    const entra = entityKinds.get('device')?.parse({ id: BEN, deviceId: DEVICE });
    expect(entra?.ok === true && entra.value.json['device_id']).toBe(entity().json['device_id']);
  });

  it('does not change by reporting, and tells no number of it', () => {
    expect(entity({ lastSyncDateTime: '2026-11-25T07:00:00Z', osVersion: '10.0.26100.9999' })).toEqual(
      entity(),
    );
    expect(JSON.stringify(entity())).not.toMatch(/PF0000|4915/);
  });

  it.each([
    ['True', true],
    ['False', false],
    ['Unknown', null],
    ['', null],
    [false, false],
    [7, null],
  ])('with jailBroken %j is %j', (said, known) => {
    expect(entity({ jailBroken: said }).json['jailbroken']).toBe(known);
  });

  it('that nobody registered in Entra ID is joined to nothing', () => {
    for (const none of ['00000000-0000-0000-0000-000000000000', '', null])
      expect(entity({ azureADDeviceId: none }).json['device_id']).toBeNull();
  });

  it('makes changes that are about whoever uses it', () => {
    const { json } = entity();
    const change = {
      kind: 'managed_device',
      op: 'changed',
      id: 'x',
      before: json,
      after: json,
      from: 1,
      to: 2,
    };
    expect(changeEvent({ ...change, op: 'changed' }).userId).toBe(ANNA);
    const changes = logSources.get('changes')?.origins['v1.0'];
    for (const name of Object.keys(json)) expect(changes?.carries(`after.${name}`), name).toBe(true);
  });

  it('without an id is refused', () => {
    expect(entityKinds.get('managed_device')?.parse({ deviceName: 'x' }).ok).toBe(false);
  });
});
