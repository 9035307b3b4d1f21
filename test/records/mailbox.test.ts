import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entityKinds, logSources } from '../../src/records/index.ts';

type Json = Record<string, unknown>;

const USER = 'aaaa0000-0000-4000-8000-000000000001';

const REPLIES = {
  status: 'Scheduled',
  externalAudience: 'All',
  scheduledStartDateTime: { dateTime: '2026-11-14T07:00:00.0000000', timeZone: 'UTC' },
  scheduledEndDateTime: { dateTime: '2026-11-28T07:00:00.0000000', timeZone: 'UTC' },
  internalReplyMessage: 'away',
  externalReplyMessage: '<a href="https://Pay.Evil.example/x">new account</a>, ask me@mail.example.',
};

const SETTINGS = {
  timeZone: 'UTC',
  language: { locale: 'en-US', displayName: 'English (United States)' },
  userPurpose: 'shared',
  delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly',
  automaticRepliesSetting: REPLIES,
};

function settings(change: Json = {}, replies: Json = {}): Json {
  const raw = { ...SETTINGS, automaticRepliesSetting: { ...REPLIES, ...replies }, ...change };
  const parsed = entityKinds.get('mailbox_settings')?.parse({ mailboxId: USER, settings: raw });
  if (parsed?.ok !== true) throw new Error(parsed?.reason ?? 'no parser');
  expect(parsed.value.id).toBe(USER);
  return parsed.value.json as Json;
}

describe('mailbox settings', () => {
  it('tell what a mailbox is for and when it answers by itself', () => {
    expect(settings()).toEqual({
      purpose: 'shared',
      time_zone: 'UTC',
      language: 'en-US',
      delegate_meetings: 'sendToDelegateOnly',
      replies: {
        status: 'scheduled',
        audience: 'all',
        from: Date.UTC(2026, 10, 14, 7),
        to: Date.UTC(2026, 10, 28, 7),
        internal: { hash: expect.stringMatching(/^[0-9a-f]{16}$/), domains: [] },
        external: {
          hash: expect.stringMatching(/^[0-9a-f]{16}$/),
          domains: ['mail.example', 'pay.evil.example'],
        },
      },
    });
  });

  it('keep nothing of what a reply says', () => {
    expect(JSON.stringify(settings())).not.toContain('account');
  });

  it.each([
    [{ value: 'room' }, 'room'],
    ['Room', 'room'],
    [{}, null],
    [undefined, null],
  ])('read the purpose %j as %s', (userPurpose, wanted) => {
    expect(settings({ userPurpose })['purpose']).toBe(wanted);
  });

  it('take no notice of the times of a reply that is not scheduled: they move by themselves', () => {
    const later = { scheduledStartDateTime: { dateTime: '2026-12-01T07:00:00', timeZone: 'UTC' } };
    expect(settings({}, { status: 'disabled', ...later })).toEqual(settings({}, { status: 'disabled' }));
    expect(settings({}, later)).not.toEqual(settings());
  });

  it('show a changed text as a change, and a time in a zone that is not UTC as unknown', () => {
    expect(settings({}, { externalReplyMessage: 'other' })).not.toEqual(settings());
    const there = { dateTime: '2026-11-14T07:00:00', timeZone: 'W. Europe Standard Time' };
    expect(settings({}, { scheduledStartDateTime: there })['replies']).toMatchObject({ from: null });
  });

  it.each([[{ settings: {} }], [{ mailboxId: USER }], [null], [{ mailboxId: USER, settings: [] }]])(
    '%j is refused with a reason',
    (raw) => {
      expect(entityKinds.get('mailbox_settings')?.parse(raw)).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/^the /),
      });
    },
  );

  it('a change of them is about the person whose mailbox it is', () => {
    const change = {
      kind: 'mailbox_settings',
      op: 'changed',
      id: USER,
      from: 1,
      to: 2,
      before: {},
      after: {},
    };
    expect(logSources.get('changes')?.parse(change, 'v1.0')).toMatchObject({ value: { userId: USER } });
  });
});

const shared = process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../shared');
const file = join(shared, 'samples', 'graph-docs.jsonl');

describe.skipIf(!existsSync(file))(`mailbox settings of the reference (${file})`, () => {
  it('parse, each with its values', () => {
    const records = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(':mailboxSettings"'))
      .map((line) => (JSON.parse(line) as { record: Json }).record);
    expect(records.length).toBeGreaterThan(3);
    for (const record of records) {
      const parsed = entityKinds.get('mailbox_settings')?.parse({ mailboxId: USER, settings: record });
      if (parsed?.ok !== true) throw new Error(parsed?.reason ?? 'no parser');
      const replies = record['automaticRepliesSetting'] as Json | undefined;
      const json = parsed.value.json as Json;
      expect(json['time_zone']).toBe(record['timeZone'] ?? null);
      if (replies === undefined) expect(json['replies']).toBeNull();
      else
        expect(json['replies']).toMatchObject({
          status: String(replies['status']).toLowerCase(),
          from: Date.parse(`${(replies['scheduledStartDateTime'] as Json)['dateTime'] as string}Z`),
        });
    }
  });
});

describe('a mailbox in Exchange', () => {
  const parse = (raw: Json) => {
    const parsed = entityKinds
      .get('mailbox')
      ?.parse({ ExternalDirectoryObjectId: USER.toUpperCase(), ...raw });
    if (parsed?.ok !== true) throw new Error(parsed?.reason ?? 'no parser');
    expect(parsed.value.id).toBe(USER);
    return parsed.value.json as Json;
  };

  it('tells forwarding, delegates and auditing, also where values are written as text', () => {
    const raw = {
      UserPrincipalName: 'Anna@Muster.example',
      PrimarySmtpAddress: 'anna@muster.example',
      RecipientTypeDetails: 'UserMailbox',
      ForwardingAddress: { Name: 'helper' },
      ForwardingSmtpAddress: 'smtp:Drop@Evil.example',
      DeliverToMailboxAndForward: 'False',
      AuditEnabled: 'True',
      GrantSendOnBehalfTo: ['b', { PrimarySmtpAddress: 'a@muster.example' }, 7],
    };
    expect(parse(raw)).toMatchObject({
      upn: 'anna@muster.example',
      forwarding: { recipient: 'helper', address: 'drop@evil.example', keeps_copy: false },
      audit_enabled: true,
      send_on_behalf: ['a@muster.example', 'b'],
    });
  });

  it.each([
    [{}, null],
    [{ ForwardingSmtpAddress: null }, { recipient: null, address: null, keeps_copy: null }],
    [{ ForwardingSmtpAddress: 17 }, { recipient: null, address: null, keeps_copy: null }],
    [
      { ForwardingSmtpAddress: 'smtp:no address' },
      { recipient: null, address: 'no address', keeps_copy: null },
    ],
  ])('of which %j is told forwards to %j', (raw, forwarding) => {
    const json = parse(raw);
    expect(json['forwarding']).toEqual(forwarding);
    expect([json['audit_enabled'], json['send_on_behalf']]).toEqual([null, null]);
  });

  it('has folders with who may do what, in a fixed order and without those who may do nothing', () => {
    const permissions = [
      { User: 'b', AccessRights: 'Editor, FolderVisible' },
      { User: { DisplayName: 'a' }, AccessRights: ['Owner'] },
      { User: 'Default', AccessRights: ['None'] },
      { User: 'c' },
      'no object',
    ];
    const parsed = entityKinds
      .get('mailbox_folder')
      ?.parse({ mailboxId: USER, folder: 'inbox', permissions });
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        id: `${USER}/inbox`,
        json: { mailbox_id: USER, folder: 'inbox', grants: ['a=Owner', 'b=Editor,FolderVisible'] },
      },
    });
  });

  it.each([
    ['mailbox', { Guid: USER }],
    ['mailbox', null],
    ['mailbox_folder', { mailboxId: USER }],
  ])('%s: %j is refused with a reason', (kind, raw) => {
    expect(entityKinds.get(kind)?.parse(raw)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^the /),
    });
  });
});
