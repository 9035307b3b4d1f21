import { describe, expect, test } from 'vitest';
import { findFolder } from '../../../src/simulator/folders.ts';
import type { LogRecord, Raw, Story, World } from '../../../src/simulator/world.ts';
import { at, makeWorld, tenantNamed, tenantOf, TO } from './small-world.ts';

const world = makeWorld();
const tenant = tenantOf(world);

const HOUR = 3_600_000;
const HOME = new Set(['DE', 'AT', 'CH']);

function country(record: Raw): string {
  return String(at(record, 'location.countryOrRegion'));
}

function story(title: string): Story {
  const found = world.stories.find((candidate) => candidate.story === title);
  if (!found) throw new Error(`no story ${title}`);
  return found;
}

function logsOf({ tenants }: World): LogRecord[] {
  return tenants.flatMap(({ signIns, directoryAudits, unifiedAudits = [] }) => [
    ...signIns,
    ...directoryAudits,
    ...unifiedAudits,
  ]);
}

function idOf(told: Story, catalogueId: string): string {
  return told.steps.find(({ expect: ids }) => ids.includes(catalogueId))?.record_id ?? '';
}

describe('the labelled stories', () => {
  test('are these, in these tenants', () => {
    const names = new Map(world.tenants.map(({ id, name }) => [id, name]));
    expect(world.stories.map((told) => [names.get(told.tenant), told.story])).toEqual([
      ['Muster Bau GmbH', 'phished user, rule forwards outside'],
      ['Muster Bau GmbH', 'leaver disabled but still licensed and in a role'],
      ['Muster Bau GmbH', 'administrator made by an administrator'],
      ['Muster Bau GmbH', 'other privileged role given'],
      ['Nordlicht Gestaltung', 'mailbox read by an old protocol, rule forwards outside; no Entra ID P1'],
      ['Sonnhof Kliniken GmbH', 'password spray that succeeds'],
      ['Sonnhof Kliniken GmbH', 'device-code phish of a finance user'],
      ['Sonnhof Kliniken GmbH', 'Global Administrator given by a compromised administrator'],
      ['Sonnhof Kliniken GmbH', 'joiner who never signs in'],
    ]);
  });

  test('of the tenant without P1 need nothing that its audit log does not show', () => {
    const told = world.stories.filter((one) => one.tenant === tenantOf(world, 'free').id);
    expect(told.flatMap(({ steps }) => steps.flatMap(({ expect: ids }) => ids))).toEqual(['SI-29', 'MB-01']);
  });

  test('name records and objects that exist, at the times at which they happened', () => {
    const logs = new Map(logsOf(world).map((entry) => [entry.id, entry.at]));
    const objects = world.tenants.flatMap(({ users, roleAssignments, messageRules }) => [
      ...users,
      ...roleAssignments,
      ...[...messageRules.values()].flat(),
    ]);
    const ids = new Set(objects.map(({ id }) => id));
    for (const { at: when, record_id: id } of world.stories.flatMap(({ steps }) => steps)) {
      expect(logs.has(id) || ids.has(id)).toBe(true);
      if (logs.has(id)) expect(new Date(logs.get(id) ?? 0).toISOString()).toBe(when);
    }
  });

  test('happen within the last seven days, in working hours, early enough to be told before the end', () => {
    for (const { at: when, by_s: by } of world.stories.flatMap(({ steps }) => steps)) {
      const ms = Date.parse(when);
      expect(ms).toBeGreaterThan(TO - 7 * 86_400_000);
      expect([1, 2, 3, 4, 5]).toContain(new Date(ms).getUTCDay());
      expect(new Date(ms).getUTCHours()).toBeGreaterThanOrEqual(7);
      expect(new Date(ms).getUTCHours()).toBeLessThanOrEqual(16);
      expect(ms + by * 1000).toBeLessThan(TO);
    }
  });

  test('can be read in time to be told in time', () => {
    const logs = new Map(logsOf(world).map((entry) => [entry.id, entry]));
    for (const { record_id: id, by_s: by } of world.stories.flatMap(({ steps }) => steps)) {
      const entry = logs.get(id);
      if (entry) expect(entry.availableAt - entry.at).toBeLessThan((by * 1000) / 2);
    }
  });

  test('are left out when their day is not in the data', () => {
    const short = makeWorld(1, 3);
    expect(short.stories.map((told) => told.story)).toEqual([
      'other privileged role given',
      'Global Administrator given by a compromised administrator',
    ]);
    expect(JSON.stringify([...tenantOf(short).messageRules.values()])).not.toContain('freepost.example');
  });
});

describe('the phished user', () => {
  const told = story('phished user, rule forwards outside');
  const entry = tenant.signIns.find(({ id }) => id === told.steps[0]?.record_id);
  const rules = tenant.messageRules.get(String(entry?.record.userId)) ?? [];
  const rule = (id: string) => rules.find((candidate) => candidate.id === idOf(told, id))?.versions[0];

  test('signs in through OfficeHome from a hosting network abroad: 50074, 50140, 0 in one correlation', () => {
    const same = tenant.signIns.filter(({ record }) => record.correlationId === entry?.record.correlationId);
    expect(same.map(({ record }) => at(record, 'status.errorCode'))).toEqual([50074, 50140, 0]);
    for (const { record } of same) {
      expect(record.appId).toBe('4765445b-32c6-49b0-83e6-1d93765276ca');
      expect(at(record, 'location.countryOrRegion')).toBe('NL');
      expect(record.autonomousSystemNumber).toBe(60404);
      expect(at(record, 'deviceDetail.deviceId')).toBe('');
    }
  });

  test('gets two rules 4 to 10 minutes later: one forwards outside, one hides in RSS Feeds', () => {
    for (const version of ['MB-01', 'MB-02'].map(rule)) {
      const minutes = ((version?.from ?? 0) - (entry?.at ?? 0)) / 60_000;
      expect(minutes).toBeGreaterThanOrEqual(4);
      expect(minutes).toBeLessThanOrEqual(10);
    }
    expect(JSON.stringify(rule('MB-01'))).toContain('@freepost.example');
    const hide = rule('MB-02')?.value;
    const actions = hide?.actions as Raw;
    expect(hide?.displayName).toBe('.');
    expect(actions.markAsRead).toBe(true);
    expect(findFolder(String(entry?.record.userId), String(actions.moveToFolder))?.displayName).toBe(
      'RSS Feeds',
    );
  });

  test('is then read by IMAP with name and password', () => {
    const legacy = tenant.signIns.find(({ id }) => id === idOf(told, 'SI-29'))?.record ?? {};
    expect(legacy).toMatchObject({
      clientAppUsed: 'IMAP4',
      userAgent: 'BAV2ROPC',
      authenticationProtocol: 'ropc',
      authenticationRequirement: 'singleFactorAuthentication',
      conditionalAccessStatus: 'notApplied',
      ipAddress: entry?.record.ipAddress,
    });
    expect(at(legacy, 'status.errorCode')).toBe(0);
  });
});

describe('the leaver', () => {
  const told = story('leaver disabled but still licensed and in a role');
  const user = tenant.users.find(({ id }) => id === idOf(told, 'LC-11'));

  test('is off to the end and licensed to the end', () => {
    const disabled = user?.versions.find(({ value }) => value?.accountEnabled === false);
    expect(new Date(disabled?.from ?? 0).toISOString()).toBe(told.steps[0]?.at);
    const last = user?.versions.at(-1)?.value;
    expect(last).toMatchObject({ accountEnabled: false, assignedLicenses: [{}] });
  });

  test('is in a role to the end', () => {
    const assignment = tenant.roleAssignments.find(({ id }) => id === idOf(told, 'LC-16'));
    expect(assignment?.versions.at(-1)?.value?.principalId).toBe(user?.id);
  });

  test('worked until then', () => {
    const days = tenant.signIns.filter(({ record }) => record.userId === user?.id && record.sessionId !== '');
    expect(days.length).toBeGreaterThan(30);
    expect(days.at(-1)?.at).toBeLessThanOrEqual(Date.parse(told.steps[0]?.at ?? ''));
  });
});

describe.each([
  ['administrator made by an administrator', 'RL-01', '62e90394-69f5-4237-9190-012177145e10'],
  ['other privileged role given', 'RL-02', 'fe930be7-5e62-47db-91af-98c3a49a38b1'],
])('%s', (title, catalogueId, template) => {
  const told = story(title);
  const audit = tenant.directoryAudits.find(({ id }) => id === idOf(told, catalogueId));

  test('stands in the audits and, from the same moment, among the role assignments', () => {
    const target = (audit?.record.targetResources as { id: string; modifiedProperties: Raw[] }[])[0];
    expect(target?.modifiedProperties).toContainEqual({
      displayName: 'Role.TemplateId',
      oldValue: null,
      newValue: JSON.stringify(template),
    });
    const assignment = tenant.roleAssignments.find(({ versions }) => {
      const value = versions[0]?.value;
      return value?.roleDefinitionId === template && value.principalId === target?.id;
    });
    expect(assignment?.versions[0]?.from).toBe(audit?.at);
  });
});

describe('what happens in the tenant without P1', () => {
  const told = story('mailbox read by an old protocol, rule forwards outside; no Entra ID P1');
  const free = tenantOf(world, 'free');

  test('is a mailbox read with a password by a protocol that the audit log names, twenty minutes before', () => {
    const entry = free.signIns.find(({ id }) => id === idOf(told, 'SI-29'));
    expect(entry?.record.userAgent).toBe('BAV2ROPC');
    const rule = told.steps.find(({ expect: ids }) => ids.includes('MB-01'));
    expect(Date.parse(rule?.at ?? '') - (entry?.at ?? 0)).toBe(20 * 60_000);
  });

  test('stands in the audit log of Exchange: the rule, and that the whole mailbox is forwarded', () => {
    const audits = (free.unifiedAudits ?? []).map(({ record }) => record);
    const [made] = audits.filter(({ Parameters }) => JSON.stringify(Parameters).includes('freepost.example'));
    expect(made).toMatchObject({
      Operation: 'New-InboxRule',
      RecordType: 1,
      Workload: 'Exchange',
      ResultStatus: 'True',
    });
    const whole = audits.find(({ Id }) => Id === told.steps.at(-1)?.record_id);
    expect(whole).toMatchObject({ Operation: 'Set-Mailbox' });
    expect(JSON.stringify(whole?.Parameters)).toContain('"ForwardingSmtpAddress","Value":"smtp:');
  });

  test('is a rule that forwards outside under an ordinary name and hides nothing', () => {
    const rules = [...free.messageRules.values()].flat();
    const rule = rules.find(({ id }) => id === idOf(told, 'MB-01'))?.versions[0]?.value;
    expect(rule?.displayName).toBe('Rechnungen ablegen');
    const actions = rule?.actions as Raw;
    expect(Object.keys(actions)).toEqual(['forwardTo']);
    expect(JSON.stringify(actions.forwardTo)).toContain('@freepost.example');
  });
});

describe('the password spray', () => {
  const told = story('password spray that succeeds');
  const clinics = tenantNamed(world, 'Sonnhof Kliniken GmbH');
  const hit = clinics.signIns.find(({ id }) => id === idOf(told, 'SI-02'));
  const end = hit?.at ?? 0;
  const foreign = clinics.signIns.filter(
    ({ at: when, record }) => when <= end && when > end - 42 * HOUR && !HOME.has(country(record)),
  );
  const burst = foreign.filter(({ at: when }) => when > end - HOUR);
  const slow = foreign.filter(({ at: when }) => when <= end - HOUR);

  test('tries many names in a burst from one address, with wrong, missing and locked ones', () => {
    const failed = burst.filter(
      ({ record }) => record.ipAddress === hit?.record.ipAddress && record !== hit?.record,
    );
    expect(failed.length).toBeGreaterThanOrEqual(34);
    expect(new Set(failed.map(({ record }) => record.userPrincipalName)).size).toBeGreaterThanOrEqual(17);
    const codes = failed.map(({ record }) => at(record, 'status.errorCode'));
    expect(new Set(codes)).toEqual(new Set([50126, 50034, 50053]));
  });

  test('tried slowly before, for more than a day, from changing networks', () => {
    expect(slow.length).toBeGreaterThanOrEqual(20);
    expect((slow.at(-1)?.at ?? 0) - (slow[0]?.at ?? 0)).toBeGreaterThan(30 * HOUR);
    expect(new Set(slow.map(({ record }) => record.ipAddress)).size).toBeGreaterThan(8);
    expect(slow.every(({ record }) => at(record, 'status.errorCode') !== 0)).toBe(true);
  });

  test('tries no account that is disabled or an emergency one', () => {
    const tried = new Set(foreign.map(({ record }) => record.userId));
    const spared = clinics.users.filter(({ versions }) => {
      const last = versions.at(-1)?.value;
      return last?.accountEnabled === false || String(last?.userPrincipalName).startsWith('notfall');
    });
    expect(spared.length).toBeGreaterThan(2);
    expect(spared.filter(({ id }) => tried.has(id))).toEqual([]);
  });

  test('names that are in no directory have no id of a user', () => {
    const users = new Set(clinics.users.map(({ id }) => id));
    const missing = foreign.filter(({ record }) => at(record, 'status.errorCode') === 50034);
    expect(missing.length).toBeGreaterThanOrEqual(8);
    for (const { record } of missing) expect(users.has(String(record.userId))).toBe(false);
  });

  test('succeeds once, without MFA', () => {
    expect(foreign.filter(({ record }) => at(record, 'status.errorCode') === 0)).toEqual([hit]);
    expect(hit?.record).toMatchObject({
      userDisplayName: 'Schulung Raum',
      authenticationRequirement: 'singleFactorAuthentication',
      conditionalAccessStatus: 'notApplied',
      mfaDetail: null,
    });
  });
});

describe('the device-code phish', () => {
  const told = story('device-code phish of a finance user');
  const clinics = tenantNamed(world, 'Sonnhof Kliniken GmbH');
  const entry = clinics.signIns.find(({ id }) => id === idOf(told, 'SI-32'));

  test('is confirmed at the office and redeemed abroad, by the Authentication Broker', () => {
    const flow = clinics.signIns.filter(({ record }) => record.correlationId === entry?.record.correlationId);
    expect(flow.map(({ record }) => at(record, 'status.errorCode'))).toEqual([50199, 0]);
    expect(flow.map(({ record }) => country(record))).toEqual(['DE', 'LU']);
    for (const { record } of flow) {
      expect(record).toMatchObject({
        authenticationProtocol: 'deviceCode',
        appId: '29d9ed98-a469-4536-ade2-f981bc1d605e',
        resourceId: '00000002-0000-0ff1-ce00-000000000000',
      });
    }
  });

  test('takes the head of accounts, MFA satisfied by the token', () => {
    const user = clinics.users.find(({ id }) => id === entry?.record.userId)?.versions[0]?.value;
    expect(user?.department).toBe('Buchhaltung');
    expect(entry?.record).toMatchObject({ authenticationRequirement: 'multiFactorAuthentication' });
    expect(at(entry?.record ?? {}, 'deviceDetail.isManaged')).toBe(false);
    expect(told.steps[0]?.expect).toEqual(['SI-32', 'SI-02']);
  });
});

describe('the compromised administrator', () => {
  const told = story('Global Administrator given by a compromised administrator');
  const clinics = tenantNamed(world, 'Sonnhof Kliniken GmbH');
  const audit = (id: string) => clinics.directoryAudits.find((entry) => entry.id === idOf(told, id));
  const entry = clinics.signIns.find(({ id }) => id === idOf(told, 'SI-02'));
  const grant = audit('RL-01');

  test('signs in from abroad', () => {
    expect(country(entry?.record ?? {})).toBe('RU');
    expect(String(entry?.record.userPrincipalName)).toMatch(/^adm\.lechner@/);
  });

  test.each(['MF-04', 'RL-01'])('does what %s is about from the same address and within the hour', (id) => {
    const act = audit(id);
    const by = at(act?.record ?? {}, 'initiatedBy.user') as Raw;
    expect(by.id).toBe(entry?.record.userId);
    expect(by.ipAddress).toBe(entry?.record.ipAddress);
    const after = (act?.at ?? 0) - (entry?.at ?? 0);
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThan(HOUR);
  });

  test('the role stands in the directory from that moment to the end', () => {
    const receiver = (grant?.record.targetResources as { id: string }[])[0]?.id;
    const assignment = clinics.roleAssignments.find(
      ({ versions }) => versions[0]?.value?.principalId === receiver,
    );
    expect(assignment?.versions).toHaveLength(1);
    expect(assignment?.versions[0]).toMatchObject({
      from: grant?.at,
      value: { roleDefinitionId: '62e90394-69f5-4237-9190-012177145e10' },
    });
  });
});

describe('the joiner who never signs in', () => {
  const told = story('joiner who never signs in');
  const clinics = tenantNamed(world, 'Sonnhof Kliniken GmbH');
  const user = clinics.users.find(({ id }) => id === idOf(told, 'LC-05'));

  test('was made and licensed two weeks before the step, and is on to the end', () => {
    const created = Date.parse(String(user?.versions[0]?.value?.createdDateTime));
    expect(Math.floor(Date.parse(told.steps[0]?.at ?? '') / 1000) * 1000 - created).toBe(14 * 24 * HOUR);
    expect(user?.versions.at(-1)?.value).toMatchObject({ accountEnabled: true, assignedLicenses: [{}] });
    expect(user?.versions.at(-1)?.value).not.toHaveProperty('signInActivity');
    expect(clinics.messageRules.get(String(user?.id))).toEqual([]);
  });

  test('has no sign-in that succeeded, though strangers tried the name', () => {
    const tries = clinics.signIns.filter(({ record }) => record.userId === user?.id);
    expect(tries.length).toBeGreaterThan(0);
    expect(tries.filter(({ record }) => at(record, 'status.errorCode') === 0)).toEqual([]);
  });
});
