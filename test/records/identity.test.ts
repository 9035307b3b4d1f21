import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/model/event.ts';
import { entityKinds, logSources, riskUpdatedAt, ruleLogsource } from '../../src/records/index.ts';
import { ANNA, signIn, type Json } from './wire.ts';

const PRINCIPAL = '5b000000-0000-4000-8000-00000000000a';
const APP = '5b000000-0000-4000-8000-00000000000b';

function source(feed: string) {
  const found = logSources.get(feed);
  if (found === undefined) throw new Error(`no feed ${feed}`);
  return found;
}

function parsed(feed: string, raw: unknown, api = 'beta'): EventRecord {
  const answer = source(feed).parse(raw, api);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value;
}

/** A sign-in of a program: no user, no device. */
function run(changes: Json = {}): Json {
  return signIn({
    signInEventTypes: ['servicePrincipal'],
    isInteractive: false,
    userId: '',
    userPrincipalName: '',
    userDisplayName: '',
    appId: APP,
    appDisplayName: null,
    servicePrincipalId: PRINCIPAL,
    servicePrincipalName: 'Mailarchiv',
    ...changes,
  });
}

function risk(changes: Json = {}): Json {
  return {
    id: '2856d6e87c5c3a74021ff70291fa68107570c150d8dc145bdea5',
    requestId: '5e000000-aaaa-4bbb-8ccc-000000000001',
    riskEventType: 'leakedCredentials',
    riskState: 'atRisk',
    riskLevel: 'high',
    ipAddress: '203.0.113.9',
    location: { countryOrRegion: 'RO' },
    activityDateTime: '2026-11-20T12:40:00.1234567Z',
    detectedDateTime: '2026-11-21T06:00:00Z',
    lastUpdatedDateTime: '2026-11-21T06:30:00.5Z',
    userId: ANNA,
    userPrincipalName: 'Anna@muster.example',
    ...changes,
  };
}

describe('a sign-in that has to be asked for', () => {
  it.each(['non-interactive-sign-ins', 'service-principal-sign-ins', 'managed-identity-sign-ins'])(
    'is of the feed %s, and of no other, and no rule for interactive ones runs on it',
    (feed) => {
      expect(parsed(feed, signIn())).toMatchObject({ feed, origin: `${feed}/beta`, outcome: 'success' });
      expect(source(feed).rulesOf ?? [feed]).toEqual([feed]);
      expect(Object.keys(source(feed).origins)).toEqual(['beta']);
      expect(ruleLogsource(feed)).not.toEqual(ruleLogsource('sign-ins'));
    },
  );

  it('of a user is the act of the user', () => {
    const feed = 'non-interactive-sign-ins';
    expect(parsed(feed, signIn())).toMatchObject({ userId: ANNA, actorId: ANNA, activity: 'sign-in' });
    expect(source(feed).acts(signIn())).toMatchObject([{ name: 'sign_in', subject: `user:${ANNA}` }]);
  });

  it.each(['service-principal-sign-ins', 'managed-identity-sign-ins'])(
    'of %s is the act of the principal, whatever stands where a user would',
    (feed) => {
      for (const user of [{}, { userPrincipalName: 'odd@muster.example' }, { userId: ANNA }])
        expect(source(feed).acts(run(user))).toMatchObject([
          {
            name: 'sign_in',
            kind: 'do',
            subject: `sp:${PRINCIPAL}`,
            cause: run()['id'],
            words: { actor: 'Mailarchiv', subject: 'Mailarchiv' },
          },
        ]);
      expect(parsed(feed, run())).toMatchObject({ userId: null, actorId: PRINCIPAL, appId: APP });
    },
  );

  it.each([
    ['non-interactive-sign-ins', 'userId', true],
    ['non-interactive-sign-ins', 'incomingTokenType', true],
    ['service-principal-sign-ins', 'userId', false],
    ['service-principal-sign-ins', 'clientAppUsed', false],
    ['service-principal-sign-ins', 'deviceDetail.isCompliant', false],
    ['service-principal-sign-ins', 'authenticationRequirement', false],
    ['service-principal-sign-ins', 'servicePrincipalCredentialKeyId', true],
    ['service-principal-sign-ins', 'location.countryOrRegion', true],
    ['managed-identity-sign-ins', 'userPrincipalName', false],
    ['managed-identity-sign-ins', 'managedServiceIdentity.msiType', true],
    ['risk-detections', 'riskEventType', true],
    ['risk-detections', 'riskType', false],
    ['risk-detections', 'servicePrincipalId', false],
    ['service-principal-risk-detections', 'keyIds', true],
    ['service-principal-risk-detections', 'userId', false],
  ])('%s carries %s: %s', (feed, field, carried) => {
    const [origin] = Object.values(source(feed).origins);
    expect(origin?.carries(field)).toBe(carried);
  });
});

describe('a risk detection', () => {
  it('happened when the risky thing did, and belongs to a window by its last change', () => {
    const event = parsed('risk-detections', risk(), 'v1.0');
    expect(event).toMatchObject({
      feed: 'risk-detections',
      origin: 'risk-detections/v1.0',
      canonicalId: risk()['id'],
      occurredAt: Date.UTC(2026, 10, 20, 12, 40, 0, 123),
      activity: 'leakedCredentials',
      outcome: null,
      userId: ANNA,
      ip: '203.0.113.9',
      country: 'RO',
    });
    expect(riskUpdatedAt(event)).toBe(Date.UTC(2026, 10, 21, 6, 30, 0, 500));
  });

  it.each([
    [{ activityDateTime: null }, Date.UTC(2026, 10, 21, 6)],
    [{ activityDateTime: '0001-01-01T00:00:00Z' }, Date.UTC(2026, 10, 21, 6)],
  ])('without the time of what was risky (%j) happened when it was found', (changes, at) => {
    expect(parsed('risk-detections', risk(changes), 'v1.0').occurredAt).toBe(at);
  });

  it.each([
    ['2021-10-26T16:28:17.8202975Z)', Date.UTC(2021, 9, 26, 16, 28, 17, 820)],
    [null, Date.UTC(2026, 10, 21, 6)],
  ])('with the last change %s belongs to the window of that or of its finding', (lastUpdatedDateTime, at) => {
    expect(riskUpdatedAt(parsed('risk-detections', risk({ lastUpdatedDateTime }), 'v1.0'))).toBe(at);
  });

  it.each([
    [{ id: null }, /no id/],
    [{ activityDateTime: 'soon', detectedDateTime: 7 }, /neither activityDateTime nor detectedDateTime/],
  ])('is refused with %j', (changes, reason) => {
    const answer = source('risk-detections').parse(risk(changes), 'v1.0');
    expect(answer.ok ? '' : answer.reason).toMatch(reason);
  });

  it('that changes its state is another content', () => {
    const [open, closed] = [risk(), risk({ riskState: 'dismissed' })].map(
      (raw) => parsed('risk-detections', raw, 'v1.0').contentHash,
    );
    expect(open).not.toBe(closed);
  });

  it.each([
    [{}, `user:${ANNA}`],
    [{ userId: null }, 'upn:anna@muster.example'],
    [{ userId: null, userPrincipalName: null, servicePrincipalId: PRINCIPAL }, `sp:${PRINCIPAL}`],
  ])('with %j is about %s', (changes, subject) => {
    expect(source('risk-detections').acts(risk(changes))).toMatchObject([
      { name: 'risk_detection', subject, cause: risk()['id'], words: { risk: 'leakedCredentials' } },
    ]);
  });

  it('about nobody shows no act', () => {
    const nobody = risk({ userId: null, userPrincipalName: null });
    expect(source('service-principal-risk-detections').acts(nobody)).toEqual([]);
  });
});

describe('whom Microsoft holds for compromised', () => {
  it('is a user with the verdict, without the flag that says it is computed again', () => {
    const raw = {
      id: ANNA.toUpperCase(),
      isDeleted: false,
      isProcessing: true,
      riskLevel: 'high',
      riskState: 'atRisk',
      riskDetail: 'none',
      riskLastUpdatedDateTime: '2026-11-21T06:30:00Z',
      userDisplayName: 'Anna',
      userPrincipalName: 'anna@muster.example',
    };
    const kind = entityKinds.get('risky_user');
    expect(kind?.parse(raw)).toEqual({
      ok: true,
      value: {
        kind: 'risky_user',
        id: ANNA,
        json: {
          name: 'Anna',
          upn: 'anna@muster.example',
          risk_level: 'high',
          risk_state: 'atRisk',
          risk_detail: 'none',
          risk_updated_at: Date.UTC(2026, 10, 21, 6, 30),
          deleted: false,
        },
        scalars: {},
      },
    });
    expect(kind?.parse({ ...raw, isProcessing: false })).toEqual(kind?.parse(raw));
    expect(kind?.parse({ riskLevel: 'high' })).toEqual({ ok: false, reason: 'the risky user has no id' });
  });

  it.each(['isEnabled', 'accountEnabled'])('is a service principal, enabled as %s says', (name) => {
    const raw = { id: PRINCIPAL, displayName: 'App', appId: APP, riskLevel: 'high', [name]: true };
    const answer = entityKinds.get('risky_service_principal')?.parse(raw);
    expect(answer).toMatchObject({
      ok: true,
      value: { id: PRINCIPAL, json: { enabled: true, app_id: APP, risk_level: 'high' } },
    });
  });
});
