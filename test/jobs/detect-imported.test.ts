import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import { importRules } from '../../src/detection/import-rules.ts';
import { detect } from '../../src/jobs/detect.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import { setCapability } from '../../src/store/capabilities.ts';
import { currentDetectionVersions } from '../../src/store/detection-versions.ts';
import type { Database } from '../../src/store/database.ts';
import { ruleText } from '../detection/mapping/rules.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { ANNA, BERT, germanTenant, HOUR, NOW, roleAudit, signIn, store } from './detect-world.ts';

const T = 'tenant-1';
const root = mkdtempSync(join(tmpdir(), 'tenantwatch-detect-imported-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const iso = (at: number): string => new Date(at).toISOString();
const ID = (last: number): string => `5b0c2c11-0000-4000-8000-${String(last).padStart(12, '0')}`;
const FAILED = 1;
const ROLE = 2;
const ONE_FACTOR = 3;
const FAR = 4;
const RISK = 5;
const RULES: [number, string, string][] = [
  [FAILED, 'azure/signinlogs', 'a: {ResultType: 50126}\ncondition: a'],
  [
    ROLE,
    'azure/auditlogs',
    'a: {properties.message: Add member to role, TargetResources|contains: 62e90394-69f5-4237-9190-012177145e10}\ncondition: a',
  ],
  // On an origin that lacks the field this would be true of every record.
  [
    ONE_FACTOR,
    'azure/signinlogs',
    'a: {Status: Success}\nb: {AuthenticationRequirement: multiFactorAuthentication}\ncondition: a and not b',
  ],
  [
    FAR,
    'azure/signinlogs',
    'a: {ResultType: 0}\nb: {location|expand: "%Known_Location%"}\ncondition: a and not b',
  ],
  [RISK, 'azure/riskdetection', 'a: {riskEventType: leakedCredentials}\ncondition: a'],
];

async function importedCatalogue(): Promise<Catalogue> {
  const [from, to] = [join(root, 'from'), join(root, 'to')];
  mkdirSync(from, { recursive: true });
  for (const [last, source, detection] of RULES)
    writeFileSync(
      join(from, `${last}.yml`),
      ruleText(source, detection, { id: ID(last), title: `Rule ${last}`, level: 'high' }),
    );
  importRules({ from, to, trustValues: false });
  const all = await loadCatalogue(undefined, to);
  const detections = all.detections.filter((one) => one.file.startsWith('imported/'));
  return { ...all, detections, byId: new Map(detections.map((one) => [one.id, one])) };
}
const catalogue = await importedCatalogue();

describe.each(testDatabases())('imported rules on $name', ({ open }) => {
  let opened: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    opened = await open();
    database = opened.database;
    await germanTenant(database, T);
  });
  afterEach(() => opened.dispose());
  const run = () => detect({ database, catalogue, tenantId: T, now: NOW });
  const alerts = async (last: number) =>
    (await listAlerts(database.db, { tenantId: T })).filter((one) => one.detectionId === ID(last));
  const stateOf = async (last: number) => {
    const { assessments } = await run();
    const one = assessments.find((found) => found.detectionId === ID(last));
    return [one?.state, one?.reason === null ? null : (JSON.parse(one?.reason ?? '') as unknown)];
  };
  const giveLists = (lists: Record<string, string[]>) =>
    database.db
      .insertInto('setting')
      .values({
        tenant_id: T,
        name: 'placeholders',
        value: JSON.stringify(Object.entries(lists)),
        origin: 'case',
      })
      .onConflict((c) =>
        c.columns(['tenant_id', 'name']).doUpdateSet({ value: JSON.stringify(Object.entries(lists)) }),
      )
      .execute();

  it('make alerts with the person and country + app of sign-ins', async () => {
    const failed = { status: { errorCode: 50126 }, appId: '00000002-0000-0ff1-ce00-000000000000' };
    await store(database, T, 'sign-ins', [
      signIn('s1', NOW - HOUR, failed),
      signIn('s2', NOW - HOUR / 2, failed),
      signIn('s3', NOW - HOUR / 3, { ...failed, location: null }),
      signIn('s4', NOW - HOUR / 4),
    ]);
    await run();
    const found = (await alerts(FAILED)).sort((a, b) => (a.cause < b.cause ? -1 : 1));
    expect(found.map((one) => [one.subject, one.cause, one.level, one.life, one.evidence.length])).toEqual([
      [`user:${ANNA}`, '-/00000002-0000-0ff1-ce00-000000000000', 'high', 'event', 1],
      [`user:${ANNA}`, 'NG/00000002-0000-0ff1-ce00-000000000000', 'high', 'event', 2],
    ]);
    expect(found[1]?.words).toMatchObject({ subject: 'anna@muster.example', app: 'Outlook' });
  });

  it('make alerts with the first target and the activity of audits', async () => {
    await store(database, T, 'directory-audits', [
      roleAudit('d1', NOW - HOUR, 'Add member to role'),
      roleAudit('d2', NOW - HOUR, 'Remove member from role'),
    ]);
    await run();
    expect(await alerts(ROLE)).toMatchObject([
      { subject: `user:${ANNA}`, cause: 'Add member to role', words: { actor: 'bert@muster.example' } },
    ]);
  });

  it('are not evaluated on records that cannot carry what they read, and say so', async () => {
    await store(database, T, 'sign-ins', [signIn('s1', NOW - HOUR)], { api: 'v1.0' });
    expect(await stateOf(ONE_FACTOR)).toEqual([
      'off',
      [{ without: 'authenticationRequirement', why: 'not_carried' }],
    ]);
    expect(await alerts(ONE_FACTOR)).toEqual([]);
    const beta = { authenticationRequirement: 'singleFactorAuthentication' };
    await store(database, T, 'sign-ins', [signIn('s2', NOW, beta)], { api: 'beta' });
    expect(await stateOf(ONE_FACTOR)).toEqual(['full', null]);
    expect(await alerts(ONE_FACTOR)).toHaveLength(1);
  });

  it('are off without the lists that they ask for, and compiled with those of their tenant', async () => {
    await store(database, T, 'sign-ins', [
      signIn('s1', NOW - HOUR),
      signIn('s2', NOW - HOUR, { location: { countryOrRegion: 'DE' } }),
    ]);
    expect(await stateOf(FAR)).toEqual(['off', [{ without: '%Known_Location%', why: 'no_placeholder' }]]);
    expect(await alerts(FAR)).toEqual([]);
    await giveLists({ KNOWN_LOCATION: ['DE', 'AT'] });
    expect(await stateOf(FAR)).toEqual(['full', null]);
    // What was stored before is looked at anew, as history.
    expect(await alerts(FAR)).toMatchObject([{ cause: 'NG/Outlook', historical: true }]);
    await giveLists({ KNOWN_LOCATION: ['DE', 'N?'] });
    await run();
    expect((await alerts(FAR)).filter((one) => !one.withdrawn)).toEqual([]);
  });

  it('of a source that is not read are off', async () => {
    const off = { state: 'off', reason: 'no_licence', detail: null };
    await setCapability(database.db, T, 'source:risk-detections', off, NOW);
    expect(await stateOf(RISK)).toEqual(['off', [{ without: 'risk-detections', why: 'no_licence' }]]);
  });

  it('run on the risk detections of users, with the user and the detection', async () => {
    const risk = { riskLevel: 'high', userId: ANNA, userPrincipalName: 'anna@muster.example' };
    const detections = [
      { ...risk, id: 'r1', riskEventType: 'leakedCredentials', activityDateTime: iso(NOW - HOUR) },
      { ...risk, id: 'r2', riskEventType: 'unlikelyTravel', activityDateTime: iso(NOW - HOUR) },
    ];
    await store(database, T, 'risk-detections', detections);
    expect(await stateOf(RISK)).toEqual(['full', null]);
    expect(await alerts(RISK)).toMatchObject([
      { subject: `user:${ANNA}`, cause: 'r1', level: 'high', words: { subject: 'anna@muster.example' } },
    ]);
  });

  it('of interactive sign-ins do not run on those that no person types', async () => {
    const failed = { status: { errorCode: 50126 }, servicePrincipalId: BERT };
    for (const feed of [
      'non-interactive-sign-ins',
      'service-principal-sign-ins',
      'managed-identity-sign-ins',
    ])
      await store(database, T, feed, [signIn(`${feed}-1`, NOW - HOUR, failed)], { api: 'beta' });
    await run();
    expect(await alerts(FAILED)).toEqual([]);
    await store(database, T, 'sign-ins', [signIn('s1', NOW - HOUR, failed)], { api: 'beta' });
    await run();
    expect(await alerts(FAILED)).toHaveLength(1);
  });

  it('are kept for reports with their title and author and no other text', async () => {
    await run();
    const version = (await currentDetectionVersions(database.db)).get(ID(ROLE));
    expect(version).toMatchObject({
      title: `Rule ${ROLE} (rule by The testers)`,
      steps: '[]',
      texts: '{"en":{"author":"The testers"}}',
    });
  });
});
