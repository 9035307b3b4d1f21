import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/model/event.ts';
import { logSources, ruleLogsource } from '../../src/records/index.ts';
import {
  addMemberToRole,
  newInboxRule,
  RECORD_ID,
  SIGN_IN_ID,
  userLoggedIn,
  userLoginFailed,
} from './unified.ts';
import { ANNA, BEN, GLOBAL_ADMINISTRATOR, roleAudit, signIn, type Json } from './wire.ts';

function source(feed: string) {
  const found = logSources.get(feed);
  if (found === undefined) throw new Error(`no feed ${feed}`);
  return found;
}

function parsed(raw: unknown, feed = 'unified-audit', api = 'management'): EventRecord {
  const answer = source(feed).parse(raw, api);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.value;
}

function kept(event: EventRecord): Json {
  return JSON.parse(event.rawText) as Json;
}

function refusedFor(raw: unknown): string {
  const answer = source('unified-audit').parse(raw, 'management');
  if (answer.ok) throw new Error('it was accepted');
  return answer.reason;
}

describe('a record of the unified audit log', () => {
  it('becomes an event with the columns that detections query', () => {
    expect(parsed(addMemberToRole())).toMatchObject({
      feed: 'unified-audit',
      nativeId: 'aa000000-1111-4222-8333-000000000002',
      canonicalId: 'aa000000-1111-4222-8333-000000000002',
      occurredAt: Date.UTC(2026, 6, 17, 14, 20),
      origin: 'unified-audit/management',
      // Without the full stop, so that it is the name of the directory audit.
      activity: 'Add member to role',
      outcome: 'success',
      actorId: ANNA,
      userId: BEN,
      ip: null,
      appId: null,
      country: null,
    });
  });

  it('is kept in the form of Graph’s audit search, itself untouched inside', () => {
    const raw = newInboxRule({ ForwardTo: 'a@x.example' });
    expect(kept(parsed(raw))).toMatchObject({
      createdDateTime: '2026-07-17T14:30:00.000Z',
      auditLogRecordType: 'ExchangeAdmin',
      operation: 'New-InboxRule',
      service: 'Exchange',
      userId: '10032000C757D25F',
      userPrincipalName: 'Anna@muster.example',
      clientIp: '2001:db8::1',
      auditData: raw,
    });
  });

  it('from Graph’s audit search is the same event, without its annotations', () => {
    const inner = { '@odata.type': '#microsoft.graph.security.defaultAuditData', ...addMemberToRole() };
    const outer = { id: 'other', operation: 'Add member to role.', auditData: inner };
    expect(parsed(outer)).toEqual(parsed(addMemberToRole()));
  });

  it.each([
    ['2023-05-24T15:10:53', Date.UTC(2023, 4, 24, 15, 10, 53)],
    ['2023-05-24T15:10:53Z', Date.UTC(2023, 4, 24, 15, 10, 53)],
    ['2023-05-24T17:10:53+02:00', Date.UTC(2023, 4, 24, 15, 10, 53)],
  ])('at %s, which is UTC unless it says otherwise', (time, at) => {
    expect(parsed(addMemberToRole({ CreationTime: time })).occurredAt).toBe(at);
  });

  it.each([
    ['1.2.3.4:63070', '1.2.3.4'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['::1', '::1'],
    ['<null>', null],
    ['', null],
    [undefined, null],
  ])('from %s', (ClientIP, ip) => {
    expect(parsed(newInboxRule({}, { ClientIP })).ip).toBe(ip);
  });

  it('of Exchange may name its address otherwise', () => {
    expect(parsed(newInboxRule({}, { ClientIP: undefined, ClientIPAddress: '1.2.3.4' })).ip).toBe('1.2.3.4');
  });

  it.each([
    ['True', 'success'],
    ['Success', 'success'],
    ['Succeeded', 'success'],
    ['PartiallySucceeded', 'success'],
    ['False', 'failure'],
    ['Failed', 'failure'],
    ['Failure', 'failure'],
    ['', null],
    [undefined, null],
  ])('with ResultStatus %s has the outcome %s', (ResultStatus, outcome) => {
    expect(parsed(newInboxRule({}, { ResultStatus })).outcome).toBe(outcome);
  });

  it('whose names an exporter has written in lower case is read all the same', () => {
    const lower = Object.fromEntries(
      Object.entries(addMemberToRole()).map(([key, value]) => [key.toLowerCase(), value]),
    );
    expect(parsed(lower)).toMatchObject({ activity: 'Add member to role', userId: BEN, actorId: ANNA });
  });

  it.each([
    ['no object', 'the audit record is no JSON object'],
    [addMemberToRole({ Id: undefined }), 'the audit record has no Id'],
    [addMemberToRole({ CreationTime: 'yesterday' }), 'the audit record has no CreationTime that is a time'],
  ])('is refused by name: %#', (raw, reason) => {
    expect(refusedFor(raw)).toBe(reason);
  });

  it.each([null, 1, [], {}, { Id: 1 }, { Id: 'x', CreationTime: {} }, { auditData: 'x' }])(
    'of a strange form throws nothing: %j',
    (raw) => {
      expect(source('unified-audit').parse(raw, 'management').ok).toBe(false);
      expect(source('unified-audit').acts({ auditData: raw })).toEqual([]);
    },
  );

  it('runs under the log source of rules for Microsoft 365', () => {
    expect(ruleLogsource('unified-audit')).toEqual({ product: 'm365', service: 'audit' });
  });

  it('carries whatever stands in auditData, and nothing of a sign-in', () => {
    const origin = source('unified-audit').origins['management'];
    expect(origin?.carries('auditData.Parameters.Value')).toBe(true);
    expect(origin?.carries('operation')).toBe(true);
    expect(origin?.carries('status.errorCode')).toBe(false);
  });
});

describe('a sign-in of the unified audit log', () => {
  it('is one happening with the sign-in that Graph shows', () => {
    const event = parsed(userLoggedIn());
    expect(event).toMatchObject({
      feed: 'audit-sign-ins',
      nativeId: RECORD_ID,
      canonicalId: SIGN_IN_ID,
      occurredAt: Date.UTC(2026, 6, 17, 14, 10, 2),
      origin: 'audit-sign-ins/management',
      activity: 'sign-in',
      outcome: 'success',
      actorId: ANNA,
      userId: ANNA,
      ip: '193.99.144.80',
      appId: 'd3590ed6-52b3-4102-aeff-aad2292ab01c',
      country: 'DE',
    });
    const graph = parsed(signIn(), 'sign-ins', 'beta');
    expect(event.canonicalId).toBe(graph.canonicalId);
    expect(source('audit-sign-ins').acts(kept(event))[0]).toMatchObject({
      ...source('sign-ins').acts(signIn())[0],
      words: { subject: 'anna@muster.example', app: 'Microsoft Office', country: 'DE', ip: '193.99.144.80' },
    });
  });

  it('is written in the names of Graph', () => {
    expect(kept(parsed(userLoggedIn()))).toMatchObject({
      id: SIGN_IN_ID,
      createdDateTime: '2026-07-17T14:10:02Z',
      userPrincipalName: 'anna@muster.example',
      userId: ANNA,
      appId: 'd3590ed6-52b3-4102-aeff-aad2292ab01c',
      appDisplayName: 'Microsoft Office',
      ipAddress: '193.99.144.80',
      userAgent: 'Mozilla/5.0 (Windows NT 10.0)',
      resourceId: '00000002-0000-0ff1-ce00-000000000000',
      sessionId: '5e550000-1111-4222-8333-000000000001',
      status: { errorCode: 0 },
      location: { countryOrRegion: 'DE' },
      operation: 'UserLoggedIn',
      auditLogRecordType: 'AzureActiveDirectoryStsLogon',
      auditData: userLoggedIn(),
    });
  });

  it.each([
    ['50126', 'failure', 50126],
    ['50053', 'failure', 50053],
    ['500121', 'failure', 500121],
    ['50074', 'interrupt', 50074],
    ['50140', 'interrupt', 50140],
    ['50199', 'interrupt', 50199],
    [50126, 'failure', 50126],
    ['0', 'failure', undefined],
    ['', 'failure', undefined],
    [undefined, 'failure', undefined],
  ] as const)('that failed with %s is a %s', (number, outcome, code) => {
    const event = parsed(userLoginFailed(number));
    expect(event.outcome).toBe(outcome);
    expect((kept(event)['status'] as Json)['errorCode']).toBe(code);
  });

  it('without a number worked when its operation says so', () => {
    expect(parsed(userLoggedIn({ ErrorNumber: undefined })).outcome).toBe('success');
    expect(parsed(userLoggedIn({ ErrorNumber: '50140' })).outcome).toBe('interrupt');
  });

  it('of a name that nobody has names nobody', () => {
    const raw = userLoginFailed('50034', {
      UserId: 'Not Available',
      UserKey: 'Not Available',
      Actor: [{ ID: 'Not Available', Type: 0 }],
    });
    const event = parsed(raw);
    expect(event).toMatchObject({ outcome: 'failure', userId: null, actorId: null });
    expect(kept(event)).not.toHaveProperty('userPrincipalName');
    expect(source('audit-sign-ins').acts(kept(event))).toEqual([]);
  });

  it('from an address of nobody has no country, and says none', () => {
    const event = parsed(userLoggedIn({ ActorIpAddress: '203.0.113.9:443', ClientIP: '203.0.113.9' }));
    expect(event).toMatchObject({ ip: '203.0.113.9', country: null });
    expect(kept(event)['location']).toEqual({});
  });

  it('that has no id of Graph’s stands for itself', () => {
    expect(parsed(userLoggedIn({ IntraSystemId: undefined })).canonicalId).toBe(RECORD_ID);
  });

  it('by an old protocol tells it by its agent', () => {
    const properties = [{ Name: 'UserAgent', Value: 'BAV2ROPC' }];
    const raw = kept(parsed(userLoggedIn({ ExtendedProperties: properties })));
    expect(source('audit-sign-ins').acts(raw)[0]?.words['client']).toBe('BAV2ROPC');
  });

  it('is revised by what Microsoft says, never by a newer table of countries', () => {
    const event = parsed(userLoggedIn());
    expect(parsed(userLoggedIn({ ErrorNumber: '50126' })).contentHash).not.toBe(event.contentHash);
    expect(event.contentHash).not.toContain('DE');
    expect(parsed({ auditData: userLoggedIn() }).contentHash).toBe(event.contentHash);
  });

  it('runs the rules of sign-ins and of the audit log, and stands in for sign-ins', () => {
    const feed = source('audit-sign-ins');
    expect(feed.rulesOf).toEqual(['sign-ins', 'unified-audit']);
    expect(feed.standsIn).toEqual({ forSource: 'sign-ins', bySource: 'audit-azure-ad' });
    expect(feed.origins['management']?.rank).toBeLessThan(source('sign-ins').origins['v1.0']?.rank ?? 0);
  });

  it.each([
    'conditionalAccessStatus',
    'authenticationRequirement',
    'authenticationDetails.succeeded',
    'mfaDetail.authMethod',
    'authenticationProtocol',
    'clientAppUsed',
    'appDisplayName',
    'deviceDetail.isCompliant',
    'deviceDetail.operatingSystem',
    'riskLevelDuringSignIn',
    'autonomousSystemNumber',
    'location.city',
    'isInteractive',
    'signInEventTypes',
    'userType',
    'correlationId',
  ])('does not carry %s', (field) => {
    expect(source('audit-sign-ins').origins['management']?.carries(field)).toBe(false);
    expect(source('sign-ins').origins['beta']?.carries(field)).toBe(true);
  });

  it.each([
    'status.errorCode',
    'userAgent',
    'sessionId',
    'location.countryOrRegion',
    'auditData.ErrorNumber',
  ])('carries %s', (field) => {
    expect(source('audit-sign-ins').origins['management']?.carries(field)).toBe(true);
  });
});

describe('an act that the unified audit log shows', () => {
  const acts = (raw: Json) => source('unified-audit').acts(kept(parsed(raw)));

  it('is a role given, under the keys of the directory audit', () => {
    const [act] = acts(addMemberToRole());
    const [audited] = source('directory-audits').acts(roleAudit());
    expect(act).toMatchObject({ name: 'role_grant', kind: 'do', subject: `user:${BEN}` });
    expect(act?.cause).toBe(`${GLOBAL_ADMINISTRATOR}:/`);
    expect(act?.cause).toBe(audited?.cause);
    expect(act?.words).toMatchObject({ actor: 'anna@muster.example', role: 'Global Administrator' });
  });

  it('is a role taken', () => {
    const taken = addMemberToRole({
      Operation: 'Remove member from role.',
      ModifiedProperties: [{ Name: 'Role.TemplateId', NewValue: '', OldValue: GLOBAL_ADMINISTRATOR }],
    });
    expect(acts(taken)[0]).toMatchObject({ kind: 'undo', cause: `${GLOBAL_ADMINISTRATOR}:/` });
  });

  it('is none when it failed', () => {
    expect(acts(addMemberToRole({ ResultStatus: 'Failure' }))).toEqual([]);
    expect(acts(newInboxRule({ ForwardTo: 'a@x.example' }, { ResultStatus: 'False' }))).toEqual([]);
  });

  it.each([
    [{ ForwardTo: 'a@x.example' }, ['forward:a@x.example']],
    [{ ForwardTo: 'A@x.example;b@y.example' }, ['forward:a@x.example', 'forward:b@y.example']],
    [{ RedirectTo: '"A" [SMTP:a@x.example]' }, ['forward:a@x.example']],
    [{ ForwardAsAttachmentTo: 'smtp:a@x.example' }, ['forward:a@x.example']],
    [{ DeleteMessage: 'True', MarkAsRead: 'True' }, ['delete:', 'mark_read:']],
    [{ DeleteMessage: 'False' }, []],
    [{ MoveToFolder: 'anna:\\RSS Feeds', StopProcessingRules: 'True' }, ['move:rss feeds', 'stop:']],
    [{ Name: '.' }, []],
  ])('is what an inbox rule does: %j', (parameters, causes) => {
    const found = acts(newInboxRule(parameters));
    expect(found.map(({ cause }) => cause)).toEqual(causes);
    expect(new Set(found.map(({ subject }) => subject))).toEqual(
      new Set(causes.length > 0 ? ['upn:anna@muster.example'] : []),
    );
  });

  it('is a rule of Outlook, whose actions are JSON in text', () => {
    const raw = newInboxRule(
      {},
      {
        Operation: 'UpdateInboxRules',
        RecordType: 2,
        MailboxOwnerUPN: 'anna@muster.example',
        OperationProperties: [
          { Name: 'RuleOperation', Value: 'AddMailboxRule' },
          { Name: 'RuleName', Value: '..' },
          {
            Name: 'RuleActions',
            Value: '[{"ActionType":"Forward","Recipients":["a@x.example"],"ForwardFlags":"None"}]',
          },
        ],
      },
    );
    expect(acts(raw)[0]).toMatchObject({
      name: 'inbox_rule',
      cause: 'forward:a@x.example',
      words: { rule: '..', target: 'a@x.example' },
    });
  });
});
