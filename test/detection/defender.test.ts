import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCases, type CaseResult } from '../../src/detection/cases.ts';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import { detect } from '../../src/jobs/detect.ts';

/* What rules and checks can say about Defender and Intune; no shipped detection reads them. */

const TEXT = `{ title: T, what: '{subject} {alert}', why: W, ask: A }`;
const CHECK_TEXT = `{ title: T, what: '{name} {upn}', why: W, ask: A }`;

const ALERT = `
title: Serious alert of Defender
id: 3d000000-0000-4000-8000-000000000001
status: test
level: high
falsepositives: [none]
logsource: { product: m365, service: securityalert }
detection:
  serious: { severity: [medium, high] }
  false: { classification: falsePositive }
  known: { evidence.userAccount.userPrincipalName|endswith: '@muster.example' }
  condition: serious and known and not false
tenantwatch:
  catalogue: DV-10
  life: event
  act: defender_alert
  level_reason: test
  sources: [defender-alerts]
  respond: [look]
  text: { en: ${TEXT}, de: ${TEXT} }
`;

const CHECK = `
title: Somebody's computer is not encrypted
id: 3d000000-0000-4000-8000-000000000002
status: test
level: low
falsepositives: [none]
tenantwatch:
  catalogue: DV-08
  life: state
  subject: 'user:{entity_id}'
  cause: 'not encrypted:{device}'
  level_reason: test
  check:
    reads: [intune-devices, users]
    scope: SELECT id AS entity_id FROM v_user
    sql: SELECT user_id AS entity_id, id AS device, name, upn FROM v_managed_device WHERE encrypted = 0
  respond: [look]
  text: { en: ${CHECK_TEXT}, de: ${CHECK_TEXT} }
`;

const record = (classification: string): string => `
    - source: defender-alerts
      record:
        id: da1
        title: Malware
        severity: high
        classification: ${classification}
        createdDateTime: '2026-11-17T09:42:00.1234567Z'
        lastUpdateDateTime: '2026-11-17T10:42:00.1234567Z'
        evidence:
          - '@odata.type': '#microsoft.graph.security.userEvidence'
            userAccount: { azureAdUserId: 1a000000-1111-4222-8333-000000000001, userPrincipalName: anna@muster.example }`;

const ALERT_CASES = `
- name: somebody of ours
  records:${record('unknown')}
  fires:
    - { subject: 'user:1a000000-1111-4222-8333-000000000001', cause: da1, words: { subject: anna@muster.example, alert: Malware } }
- name: which turned out to be nothing
  records:${record('falsePositive')}
  silent: true
- name: in a tenant without Defender
  capability: { defender-alerts: no_licence }
  records: []
  not_assessed: defender-alerts
`;

const DEVICE = '2d000000-0000-4000-8000-000000000001';
const ANNA = '1a000000-1111-4222-8333-000000000001';
const device = (encrypted: boolean): string =>
  `[{ id: ${DEVICE}, deviceName: PC-1, userId: ${ANNA}, userPrincipalName: anna@muster.example, isEncrypted: ${encrypted} }]`;

const USERS = `[{ id: ${ANNA}, userPrincipalName: anna@muster.example, accountEnabled: true, userType: Member }]`;

const CHECK_CASES = `
- name: opens, and closes once it is encrypted
  reads:
    - { at: '2026-11-17T09:00:00Z', users: ${USERS}, intune-devices: ${device(false)} }
    - { at: '2026-11-17T10:00:00Z', intune-devices: { skipped: no_licence } }
    - { at: '2026-11-17T11:00:00Z', users: ${USERS}, intune-devices: ${device(true)} }
  fires:
    - { subject: 'user:${ANNA}', cause: 'not encrypted:${DEVICE}', open_after: [1, 2], closed: { after_read: 3, reason: fixed } }
`;

let folder: string;
let catalogue: Catalogue;
let results: CaseResult[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantwatch-defender-'));
  const files = { 'a.yml': ALERT, 'a.cases.yml': ALERT_CASES, 'b.yml': CHECK, 'b.cases.yml': CHECK_CASES };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  catalogue = await loadCatalogue(folder);
  results = await runCases(catalogue, catalogue.detections, detect);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a detection about Defender or Intune', () => {
  it('loads: log source, act, fields, words, sources and view are known', () => {
    expect(catalogue.problems).toEqual([]);
    expect(catalogue.detections).toHaveLength(2);
  });

  it('finds whom the alert names, and not what somebody called false', () => {
    expect(results.map(({ kind, problems }) => [kind, problems])).toEqual([
      ['fires', []],
      ['fires', []],
      ['silent', []],
      ['not_assessed', []],
    ]);
  });
});
