import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { assessAll, LICENCES, permissions, tablePage, type Row } from './licence-table.ts';

const EXPECTED = new URL('licence-table.expected.md', import.meta.url);

let opened: TestDatabase;
let rows: Row[];

beforeAll(async () => {
  opened = await testDatabases()[0]!.open();
  rows = await assessAll(opened.database);
}, 60_000);

afterAll(async () => {
  await opened.dispose();
});

function row(licence: string, missing: string | null): Row {
  return rows.find((one) => one.licence === licence && one.missing === missing)!;
}

function source(licence: string, missing: string | null, name: string): string {
  const line = row(licence, missing).sources.find((one) => one.name === name)!;
  return line.text === '' ? line.state : `${line.state}: ${line.text}`;
}

function detection(licence: string, missing: string | null, name: string): string {
  const line = row(licence, missing).detections.find((one) => one.name.startsWith(name))!;
  return line.text === '' ? line.state : `${line.state}: ${line.text}`;
}

describe('a licence and a missing permission', () => {
  it('leave what the table says; write it anew with node test/detection/write-licence-table.ts', () => {
    expect(tablePage(rows)).toBe(readFileSync(EXPECTED, 'utf8'));
  });

  it('are tried in every combination', () => {
    expect(rows).toHaveLength(LICENCES.length * (1 + permissions().length));
    expect(permissions()).toEqual(
      expect.arrayContaining(['AuditLog.Read.All', 'ActivityFeed.Read', 'MailboxSettings.Read']),
    );
  });

  it('leave nothing out with P2 and every permission', () => {
    const whole = row('P2', null);
    expect([...whole.sources, ...whole.detections].filter((line) => line.state !== 'full')).toEqual([]);
  });

  it('say why wherever something is not full', () => {
    const mute = rows
      .flatMap((one) => [...one.sources, ...one.detections])
      .filter((line) => (line.state === 'full') !== (line.text === ''));
    expect(mute).toEqual([]);
  });

  // Written by hand from what Microsoft's pages say of each source, not from the table.
  it.each([
    ['none', null, 'sign-ins', 'off: the tenant has no Microsoft Entra ID P1'],
    ['none', null, 'directory-audits', 'full'],
    ['none', null, 'risky-users', 'off: the tenant has no Microsoft Entra ID P2'],
    ['P1', null, 'sign-ins', 'full'],
    ['P1', null, 'risky-users', 'off: the tenant has no Microsoft Entra ID P2'],
    ['P1', null, 'role-eligibility', 'off: the tenant has no Microsoft Entra ID P2'],
    ['P2', null, 'role-eligibility', 'full'],
    ['P1', 'AuditLog.Read.All', 'sign-ins', 'off: AuditLog.Read.All is not granted'],
    ['none', 'AuditLog.Read.All', 'sign-ins', 'off: the tenant has no Microsoft Entra ID P1'],
    ['none', 'AuditLog.Read.All', 'directory-audits', 'off: AuditLog.Read.All is not granted'],
    ['P2', 'MailboxSettings.Read', 'mailbox-rules', 'off: MailboxSettings.Read is not granted'],
    // Directory.Read.All includes them.
    ['P2', 'User.Read.All', 'users', 'full'],
    ['P2', 'Directory.Read.All', 'oauth2-grants', 'off: Directory.Read.All is not granted'],
    [
      'none',
      null,
      'registration-details',
      'reduced: the tenant has no Microsoft Entra ID P1, so it is read user by user, without what only the report says',
    ],
    [
      'none',
      'UserAuthenticationMethod.Read.All',
      'registration-details',
      'off: UserAuthenticationMethod.Read.All is not granted',
    ],
    ['P1', 'UserAuthenticationMethod.Read.All', 'registration-details', 'full'],
  ] as const)('%s without %s: %s is %s', (licence, missing, name, expected) => {
    expect(source(licence, missing, name)).toBe(expected);
  });

  it.each([
    // Device codes stand in a property that the audit log does not have.
    ['none', null, 'SI-32', /^off: sign-ins: the tenant has no Microsoft Entra ID P1/],
    ['P1', null, 'SI-32', /^full$/],
    ['none', null, 'SI-02', /^reduced: sign-ins: audit-azure-ad stands in for it, with less/],
    ['none', 'ActivityFeed.Read', 'SI-02', /^off: sign-ins: the tenant has no Microsoft Entra ID P1/],
    ['P1', 'AuditLog.Read.All', 'SI-02', /^reduced: sign-ins: audit-azure-ad stands in for it, with less/],
    ['P2', 'MailboxSettings.Read', 'MB-01', /^off: mailbox-rules: MailboxSettings.Read is not granted$/],
    ['none', null, 'LC-11', /^full$/],
    ['none', null, 'OP-03', /^full$/],
  ] as const)('%s without %s: detection %s is %s', (licence, missing, name, expected) => {
    expect(detection(licence, missing, name)).toMatch(expected);
  });

  it('never leave a detection full that reads only what is off', async () => {
    const { detections } = await loadCatalogue();
    for (const one of rows) {
      const off = new Set(one.sources.filter((line) => line.state === 'off').map((line) => line.name));
      for (const { title, catalogue, sources } of detections) {
        if (!sources.every((name) => off.has(name))) continue;
        const line = one.detections.find((other) => other.name === `${catalogue} ${title}`)!;
        expect(line.state, `${line.name} with ${one.licence} without ${one.missing}`).not.toBe('full');
      }
    }
  });
});
