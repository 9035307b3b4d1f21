import { describe, expect, test } from 'vitest';
import { findFolder } from '../../../src/simulator/folders.ts';
import type { Raw, Story } from '../../../src/simulator/world.ts';
import { at, makeWorld, tenantOf, TO } from './small-world.ts';

const world = makeWorld();
const tenant = tenantOf(world);

function story(title: string): Story {
  const found = world.stories.find((candidate) => candidate.story === title);
  if (!found) throw new Error(`no story ${title}`);
  return found;
}

function idOf(told: Story, catalogueId: string): string {
  return told.steps.find(({ expect: ids }) => ids.includes(catalogueId))?.record_id ?? '';
}

describe('the labelled stories', () => {
  test('are four, all in the P1 tenant', () => {
    expect(world.stories.map((told) => told.story)).toEqual([
      'phished user, rule forwards outside',
      'leaver disabled but still licensed and in a role',
      'administrator made by an administrator',
      'other privileged role given',
    ]);
    expect(new Set(world.stories.map((told) => told.tenant))).toEqual(new Set([tenant.id]));
  });

  test('name records and objects that exist, at the times at which they happened', () => {
    const logs = new Map([...tenant.signIns, ...tenant.directoryAudits].map((entry) => [entry.id, entry.at]));
    const objects = [...tenant.users, ...tenant.roleAssignments, ...[...tenant.messageRules.values()].flat()];
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
    const logs = new Map([...tenant.signIns, ...tenant.directoryAudits].map((entry) => [entry.id, entry]));
    for (const { record_id: id, by_s: by } of world.stories.flatMap(({ steps }) => steps)) {
      const entry = logs.get(id);
      if (entry) expect(entry.availableAt - entry.at).toBeLessThan((by * 1000) / 2);
    }
  });

  test('are left out when their day is not in the data', () => {
    const short = makeWorld(1, 3);
    expect(short.stories.map((told) => told.story)).toEqual(['other privileged role given']);
    expect(JSON.stringify([...tenantOf(short).messageRules.values()])).not.toContain('freepost.example');
  });
});

describe('the phished user', () => {
  const told = story('phished user, rule forwards outside');
  const entry = tenant.signIns.find(({ id }) => id === told.steps[0]?.record_id);

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
    const rules = tenant.messageRules.get(String(entry?.record.userId)) ?? [];
    const rule = (id: string) => rules.find((candidate) => candidate.id === id)?.versions[0];
    const forward = rule(idOf(told, 'MB-01'));
    const hide = rule(idOf(told, 'MB-02'));
    for (const version of [forward, hide]) {
      const minutes = ((version?.from ?? 0) - (entry?.at ?? 0)) / 60_000;
      expect(minutes).toBeGreaterThanOrEqual(4);
      expect(minutes).toBeLessThanOrEqual(10);
    }
    expect(JSON.stringify(forward?.value?.actions)).toContain('@freepost.example');
    const actions = hide?.value?.actions as Raw;
    expect(hide?.value?.displayName).toBe('.');
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

  test('is off to the end, licensed to the end, and in a role to the end', () => {
    const disabled = user?.versions.filter(({ value }) => value?.accountEnabled === false) ?? [];
    expect(new Date(disabled[0]?.from ?? 0).toISOString()).toBe(told.steps[0]?.at);
    expect(user?.versions.at(-1)?.value).toMatchObject({ accountEnabled: false });
    expect(user?.versions.at(-1)?.value?.assignedLicenses).toHaveLength(1);
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
