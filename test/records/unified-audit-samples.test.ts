import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/model/event.ts';
import { ipAddress, logSources } from '../../src/records/index.ts';
import type { Json } from './wire.ts';

/*
 * Records of the unified audit log that this project did not write: a lab's export of Log Analytics' table OfficeActivity,
 * which holds what the Management API sends under other column names and with every value as text. The columns are turned
 * back into Microsoft's names here; nothing else is changed. Graph's reference has no example of auditLogRecord.
 */
const shared = process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../shared');
const file = join(shared, 'samples', 'training-lab.jsonl');
const present = existsSync(file);
const why = present ? '' : ` (skipped: ${file} is not there; set SHARED_DIR)`;

/** Columns by the name that the record itself has. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  Id: ['OfficeId', 'SourceRecordId'],
  Operation: ['Operation'],
  RecordType: ['RecordType'],
  Workload: ['OfficeWorkload'],
  ObjectId: ['OfficeObjectId'],
  UserId: ['UserId'],
  UserKey: ['UserKey'],
  UserType: ['UserType'],
  ClientIP: ['ClientIP'],
  ClientIPAddress: ['Client_IPAddress'],
  ResultStatus: ['ResultStatus'],
  OrganizationId: ['OrganizationId'],
  MailboxOwnerUPN: ['MailboxOwnerUPN'],
  AppId: ['AppId'],
};

/** `4/28/2021, 2:54:37.000 PM`, UTC, as a spreadsheet shows it; Microsoft writes `2021-04-28T14:54:37`. */
function creationTime(shown: unknown): string | undefined {
  const found = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)[.\d]* ([AP])M$/.exec(String(shown));
  if (found === null) return undefined;
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', half] = found;
  const two = (value: string | number) => String(value).padStart(2, '0');
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0);
  return `${year}-${two(month)}-${two(day)}T${two(hours)}:${minute}:${second}`;
}

function asSent(columns: Json): Json {
  const record: Json = {};
  for (const [name, from] of Object.entries(COLUMNS)) {
    const value = from.map((column) => columns[column]).find((one) => typeof one === 'string' && one !== '');
    if (value !== undefined) record[name] = value;
  }
  record['CreationTime'] = creationTime(columns['Start_Time [UTC]'] ?? columns['TimeGenerated [UTC]']);
  if (typeof columns['Parameters'] === 'string')
    record['Parameters'] = JSON.parse(columns['Parameters']) as unknown;
  return record;
}

interface Sample {
  readonly columns: Json;
  readonly record: Json;
}

function samples(): Sample[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Json)
    .filter((line) => line['schema'] === 'log-analytics:OfficeActivity')
    .map((line) => ({ columns: line['record'] as Json, record: asSent(line['record'] as Json) }));
}

function parse(record: Json): EventRecord | null {
  const answer = logSources.get('unified-audit')?.parse(record, 'management');
  return answer?.ok === true ? answer.value : null;
}

let told = '';
afterAll(() => {
  if (told !== '') console.log(told);
});

describe.skipIf(!present)(`unified audit records of a lab${why}`, () => {
  const all = present ? samples() : [];
  const read = all.map((sample) => ({ ...sample, event: parse(sample.record) }));

  it('parse, at least 95 of 100', () => {
    const parsed = read.filter(({ event }) => event !== null).length;
    told = `OfficeActivity: ${parsed} of ${all.length} parsed`;
    expect(all.length).toBeGreaterThan(250);
    expect(parsed / all.length).toBeGreaterThanOrEqual(0.95);
  });

  it('keep what they say', () => {
    for (const { columns, record, event } of read) {
      if (event === null) continue;
      const kept = JSON.parse(event.rawText) as Json;
      expect(event.nativeId).toBe(columns['OfficeId'] ?? columns['SourceRecordId']);
      expect(new Date(event.occurredAt).toISOString().slice(0, 19)).toBe(record['CreationTime']);
      expect(event.activity).toBe(String(columns['Operation']).trim().replace(/\.$/, ''));
      expect(kept['service']).toBe(columns['OfficeWorkload']);
      expect(kept['userPrincipalName']).toBe(record['UserId']);
      expect(kept['auditData']).toEqual(record);
      const addresses = [columns['ClientIP'], columns['Client_IPAddress']].map(ipAddress);
      expect(event.ip).toBe(addresses.find((one) => one !== null) ?? null);
      expect(String(kept['auditLogRecordType'])).toMatch(/^[A-Z]/);
    }
    expect(read.filter(({ event }) => event?.ip != null).length).toBeGreaterThan(150);
  });

  it('show inbox rules as the lab labels them', () => {
    const rules = read.filter(({ columns }) => columns['Operation'] === 'New-InboxRule');
    expect(rules.length).toBeGreaterThan(0);
    for (const { columns, event } of rules) {
      const acts = logSources.get('unified-audit')?.acts(JSON.parse(event?.rawText ?? '{}') as Json) ?? [];
      expect(acts.length).toBeGreaterThan(0);
      for (const act of acts) expect(act.subject).toBe(`upn:${String(columns['UserId']).toLowerCase()}`);
      expect(acts.map(({ cause }) => cause)).toContain('stop:');
    }
  });
});
