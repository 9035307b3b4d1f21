import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverLogs } from '../../src/detection/case-coverage.ts';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import type { Database } from '../../src/store/database.ts';
import { DAY, NOW, signIn } from './detect-world.ts';

export const MINUTE = 60_000;
/** Ids of the documents below: a correlation, one above it, its rules. */
export const MAIN = '00000000-0000-4000-8000-0000000000a1';
const INNER = '00000000-0000-4000-8000-0000000000a2';
const FAILED = '00000000-0000-4000-8000-0000000000b1';
const SUCCESS = '00000000-0000-4000-8000-0000000000b2';

const part = (name: string, id: string, detection: string) => `---
title: ${name}
id: ${id}
name: ${name}
taxonomy: msgraph
logsource: { product: azure, service: signinlogs }
detection: ${detection}
tenantwatch: { part_of: ${MAIN}, sources: [sign-ins] }
`;
const failed = part('failed', FAILED, '{ a: { status.errorCode: 50126 }, condition: a }');
const success = part('success', SUCCESS, '{ a: { status.errorCode: 0 }, condition: a }');
const main = (correlation: string, keys: string) => `title: Correlated
id: ${MAIN}
level: medium
taxonomy: msgraph
correlation: ${correlation}
tenantwatch: { catalogue: XX-01, life: event, ${keys} }
`;
const BY_ADDRESS = "subject: 'ip:{ipAddress}', cause: spray";
const BY_PERSON = "subject: 'user:{userId}', cause: '{location.countryOrRegion}'";
const spray =
  '{ type: value_count, rules: [failed], group-by: [ipAddress], timespan: 20m, condition: { field: userId, gte: 3 } }';

/** Files of detections that tests share. */
export const FILES = {
  spray: `${main(spray, BY_ADDRESS)}${failed}`,
  /** The same with another threshold. */
  lowerSpray: `${main(spray.replace('gte: 3', 'gte: 2'), BY_ADDRESS)}${failed}`,
  sprayThenSuccess: `${main(
    '{ type: temporal_ordered, rules: [sprayed, success], group-by: [ipAddress], timespan: 6h }',
    BY_ADDRESS,
  )}---
title: sprayed
id: ${INNER}
name: sprayed
correlation: ${spray}
tenantwatch: { part_of: ${MAIN} }
${failed}${success}`,
  /** A failure that no success follows within the hour. */
  unresolved: `${main(
    '{ type: temporal, rules: [failed, success], group-by: [userId], timespan: 1h, condition: failed and not success }',
    "subject: 'user:{userId}', cause: unresolved",
  )}${failed}${success}`,
  newCountry: `${main(
    '{ type: new_terms, rules: [success], group-by: [userId], timespan: 14d, condition: { field: location.countryOrRegion, minimum_baseline: 7d } }',
    BY_PERSON,
  )}${success}`,
  travel: `${main(
    '{ type: impossible_travel, rules: [success], group-by: [userId], timespan: 24h, condition: { latitude: location.geoCoordinates.latitude, longitude: location.geoCoordinates.longitude } }',
    "subject: 'user:{userId}', cause: travel",
  )}${success}`,
} as const;

/** Loads one file of detections; throws when it has a problem. */
export async function load(text: string): Promise<Catalogue> {
  const catalogue = await tryToLoad(text);
  if (catalogue.problems.length > 0) throw new Error(JSON.stringify(catalogue.problems));
  return catalogue;
}

export async function tryToLoad(text: string): Promise<Catalogue> {
  const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-correlations-'));
  try {
    writeFileSync(join(folder, 'one.yml'), text);
    return await loadCatalogue(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const person = (index: number) => `1a000000-1111-4222-8333-00000000000${index}`;

/** A sign-in that failed with a wrong password. */
export function failure(id: string, at: number, index: number, changes: Record<string, unknown> = {}) {
  const names = { userId: person(index), userPrincipalName: `p${index}@muster.example` };
  return signIn(id, at, { ...names, status: { errorCode: 50126 }, ...changes });
}

/** Says that sign-ins were read from `from` on until `to`, but for the holes between the spans. */
export async function cover(
  database: Database,
  tenantId: string,
  spans: [number, number][] = [[NOW - 90 * DAY, NOW]],
): Promise<void> {
  await database.db.deleteFrom('window').where('tenant_id', '=', tenantId).execute();
  const nothing = { name: 'covered', written_from: 'simulator', tenant: {}, capability: {}, reads: [] };
  const one = { ...nothing, records: [], line: 1, covered: { 'sign-ins': spans } };
  await coverLogs(database, tenantId, one, { from: NOW, to: NOW });
}
