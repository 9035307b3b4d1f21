import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { entityKinds, logSources, riskUpdatedAt } from '../../src/records/index.ts';
import type { Json } from './wire.ts';

/* Records that this project did not write, as in samples.test.ts: those of Entra ID Protection and of beta's signIn. */
const shared = process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../shared');
const file = join(shared, 'samples', 'graph-docs.jsonl');
const present = existsSync(file);
const why = present ? '' : ` (skipped: ${file} is not there; set SHARED_DIR)`;

const SIGN_IN_FEEDS: Readonly<Record<string, string>> = {
  nonInteractiveUser: 'non-interactive-sign-ins',
  servicePrincipal: 'service-principal-sign-ins',
  managedIdentity: 'managed-identity-sign-ins',
};

/** Elements of the answers for a resource. Some pages show one object where the list is. */
function samples(type: string): Json[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json)
    .filter((line) => String(line['schema']).endsWith(`:${type}`))
    .flatMap((line) => {
      const body = line['record'] as Json;
      const value = body['value'] ?? body;
      return Array.isArray(value) ? (value as Json[]) : [value as Json];
    });
}

/** Milliseconds written another way than the parser does. Microsoft's example has a stray `)` behind one time. */
function milliseconds(time: unknown): number {
  const [seconds = '', fraction = ''] = String(time)
    .replace(/[Z)]+$/, '')
    .split('.');
  return Date.parse(`${seconds}Z`) + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Ids compare without case, and an empty one is none. */
function idOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.toLowerCase() : null;
}

function countryOf(raw: Json): unknown {
  const location = raw['location'] as Json | null | undefined;
  return location?.['countryOrRegion'] ?? null;
}

function judgeDetection(feed: string, prefix: string, who: string, raw: Json): void {
  const answer = logSources.get(feed)?.parse(raw, 'v1.0');
  if (answer?.ok !== true) throw new Error(answer?.reason ?? 'no feed');
  const ip = String(raw['ipAddress']);
  expect(answer.value).toMatchObject({
    nativeId: raw['id'],
    occurredAt: milliseconds(raw['activityDateTime']),
    activity: raw['riskEventType'] ?? null,
    actorId: idOf(raw[who]),
    appId: idOf(raw['appId']),
    ip: isIP(ip) === 0 ? null : ip,
    country: countryOf(raw),
  });
  expect(riskUpdatedAt(answer.value)).toBe(milliseconds(raw['lastUpdatedDateTime']));
  expect(logSources.get(feed)?.acts(raw)).toMatchObject([{ subject: `${prefix}:${String(idOf(raw[who]))}` }]);
}

function judgeEntity(kind: string, pairs: Readonly<Record<string, string>>, raw: Json): void {
  const answer = entityKinds.get(kind)?.parse(raw);
  if (answer?.ok !== true) throw new Error(answer?.reason ?? 'no kind');
  expect(answer.value.id).toBe(idOf(raw['id']));
  for (const [ours, theirs] of Object.entries(pairs)) expect(answer.value.json[ours]).toBe(raw[theirs]);
}

function judgeSignIn(raw: Json): void {
  const [type = ''] = raw['signInEventTypes'] as string[];
  const feed = SIGN_IN_FEEDS[type] ?? '';
  const answer = logSources.get(feed)?.parse(raw, 'beta');
  if (answer?.ok !== true) throw new Error(answer?.reason ?? 'no feed');
  const status = raw['status'] as Json;
  expect(answer.value).toMatchObject({
    feed,
    nativeId: raw['id'],
    occurredAt: milliseconds(raw['createdDateTime']),
    userId: idOf(raw['userId']),
    appId: idOf(raw['appId']),
    ip: raw['ipAddress'],
    country: countryOf(raw),
  });
  expect(answer.value.outcome === 'success').toBe(status['errorCode'] === 0);
}

const RISK = { risk_level: 'riskLevel', risk_state: 'riskState', risk_detail: 'riskDetail' };
const USER = { name: 'userDisplayName', upn: 'userPrincipalName', ...RISK };
const PRINCIPAL = { name: 'displayName', app_id: 'appId', principal_type: 'servicePrincipalType', ...RISK };

const isOther = (raw: Json): boolean =>
  Array.isArray(raw['signInEventTypes']) && String(raw['signInEventTypes'][0]) in SIGN_IN_FEEDS;

describe.skipIf(!present)(`records of the reference about identities${why}`, () => {
  const counts: string[] = [];

  it.each([
    ['riskDetection', (raw: Json) => judgeDetection('risk-detections', 'user', 'userId', raw)],
    [
      'servicePrincipalRiskDetection',
      (raw: Json) => judgeDetection('service-principal-risk-detections', 'sp', 'servicePrincipalId', raw),
    ],
    ['riskyUser', (raw: Json) => judgeEntity('risky_user', USER, raw)],
    ['riskyServicePrincipal', (raw: Json) => judgeEntity('risky_service_principal', PRINCIPAL, raw)],
    ['signIn', judgeSignIn],
  ] as const)('%s: every one parses with the right values', (type, judge) => {
    const all = samples(type).filter((raw) => type !== 'signIn' || isOther(raw));
    for (const raw of all) judge(raw);
    expect(all.length).toBeGreaterThan(0);
    counts.push(`${type}${type === 'signIn' ? ' of another kind' : ''}: ${all.length} of ${all.length}`);
  });

  afterAll(() => process.stdout.write(`${counts.join('\n')}\n`));
});
