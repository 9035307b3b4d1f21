import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareWithStories, type StoryStep } from '../../src/commands/demo-compare.ts';
import { openChannel } from '../../src/commands/run.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant, deliverDue } from '../../src/jobs/cycle.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import type { Alert } from '../../src/model/alert.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import {
  DAY,
  END,
  HOUR,
  startSimulated,
  type ClientReport,
  type ReceivedMail,
  type Simulated,
} from './simulated.ts';

const STEP = 6 * HOUR;

/** Microsoft is busy now and then, each time with the wait it asks for. */
const BUSY = [
  { match: 'auditLogs/signIns', status: 429, headers: { 'Retry-After': '17' }, after: 3, times: 3 },
  { match: 'auditLogs/directoryAudits', status: 429, headers: { 'Retry-After': '31' }, after: 5, times: 3 },
  { match: 'users/delta', status: 429, headers: { 'Retry-After': '150' }, after: 9, times: 2 },
  { match: 'roleAssignments', status: 503, headers: { 'Retry-After': '60' }, after: 20, times: 2 },
].map((rule) => ({ kind: 'status', ...rule }));

interface Story {
  readonly tenant: string;
  readonly steps: readonly { readonly record_id: string; readonly expect: readonly string[] }[];
}

/** What a week of watching left behind. */
interface Week {
  readonly steps: readonly StoryStep[];
  readonly stories: readonly Story[];
  readonly alerts: readonly Alert[];
  readonly mails: readonly ReceivedMail[];
  readonly client: ClientReport;
  /** By alert id: catalogue id and the ids of records and objects that the alert stands on. */
  readonly shown: ReadonlyMap<string, { readonly catalogue: string; readonly records: ReadonlySet<string> }>;
}

let simulated: Simulated;
let runtime: Runtime;
let week: Week;

beforeAll(async () => {
  simulated = await startSimulated(7 * DAY);
  const folder = simulated.folder();
  runtime = await simulated.open(simulated.config(simulated.ready.tenants, folder));
  week = await watchWeek();
});

afterAll(async () => {
  await runtime?.close();
  await simulated?.stop();
});

async function watchWeek(): Promise<Week> {
  const catalogue = await loadCatalogue();
  const channel = openChannel(runtime.config, runtime.observe);
  await simulated.faults(...BUSY);
  for (let at = END - 7 * DAY; at <= END; at += STEP) {
    const now = await simulated.now();
    // The program's own waiting moves the simulated clock too.
    if (at > now) await runtime.clock.sleep(at - runtime.clock.now());
    for (const tenant of runtime.config.tenants) await cycleTenant(runtime, catalogue, tenant);
    await deliverDue(runtime, channel);
  }
  channel?.close();
  const alerts = await listAlerts(runtime.database.db, {});
  const names = new Map(catalogue.detections.map((one) => [one.id, one.catalogue]));
  const shown = alerts.map(async (alert) => {
    return [
      alert.id,
      { catalogue: names.get(alert.detectionId) ?? '', records: await recordsOf(alert) },
    ] as const;
  });
  const steps = await compareWithStories(runtime.database, catalogue, simulated.ready.stories_file, 6 * HOUR);
  const shipped = new Set(names.values());
  return {
    // The simulator also tells stories for which no detection is shipped yet.
    steps: steps.filter((step) => shipped.has(step.catalogue)),
    stories: JSON.parse(readFileSync(simulated.ready.stories_file, 'utf8')) as Story[],
    alerts,
    mails: await simulated.mails(),
    client: await simulated.report(),
    shown: new Map(await Promise.all(shown)),
  };
}

/** Its evidence (also under the id that another log gives the same happening), its subject, and the rules and role assignments that belong to the subject. */
async function recordsOf(alert: Alert): Promise<Set<string>> {
  const owner = alert.subject.replace(/^user:/, '');
  const versions = await runtime.database.db
    .selectFrom('entity_version')
    .select(['id', 'json'])
    .where('tenant_id', '=', alert.tenantId)
    .where('kind', 'in', ['inbox_rule', 'role_assignment'])
    .execute();
  const owned = versions.filter((version) => version.json.includes(owner)).map((version) => version.id);
  const own = owned.map((id) => id.split('/').at(-1) ?? id);
  const shown = alert.evidence.map((item) => item.nativeId);
  const copies = await runtime.database.db
    .selectFrom('event')
    .select('canonical_id')
    .where('tenant_id', '=', alert.tenantId)
    .where('native_id', 'in', shown)
    .execute();
  return new Set([owner, ...own, ...shown, ...copies.map((copy) => copy.canonical_id)]);
}

describe('a week of watching every tenant in steps of six hours', () => {
  test('finds every step that a shipped detection can find', () => {
    const found = week.steps.filter((step) => step.foundAt !== null).map((step) => step.catalogue);
    const rows = ['LC-11', 'LC-16', 'MB-01', 'MB-02', 'RL-01', 'RL-02', 'SI-02', 'SI-29'];
    expect(found).toEqual(expect.arrayContaining(rows));
    expect(week.steps.filter((step) => step.foundAt === null)).toEqual([]);
  });

  test('tells every step as news and not as history', () => {
    expect(week.steps.filter((step) => step.verdict.includes('history'))).toEqual([]);
  });

  test('raises no alert that is neither of a story nor history', () => {
    const steps = week.stories.flatMap((story) => story.steps);
    const unexplained = week.alerts
      .filter((alert) => !alert.historical)
      .filter((alert) => {
        const shown = week.shown.get(alert.id);
        return !steps.some(
          (step) => step.expect.includes(shown?.catalogue ?? '') && shown?.records.has(step.record_id),
        );
      });
    expect(unexplained.map(({ subject, cause }) => ({ subject, cause }))).toEqual([]);
  });

  test('waits as long as Microsoft asks before it comes back', () => {
    expect(week.client.throttled).toBeGreaterThanOrEqual(8);
    expect(week.client.early_returns).toEqual([]);
  });

  test('mails each tenant one digest, each under a Message-ID of its own', () => {
    const { tenants } = simulated.ready;
    const receivers = digests().flatMap((mail) => mail.envelope.to);
    expect(receivers.toSorted()).toEqual(tenants.map((one) => `management@${one.domain}`).toSorted());
    expect(new Set(week.mails.map((mail) => mail.message_id)).size).toBe(week.mails.length);
  });

  test('tells the tenant without P1 that its sign-ins were seen in the audit log only', async () => {
    const text = await digestOf(simulated.free.domain);
    expect(text).toContain('Not watched: dates of last sign-ins (the licence for it is missing).');
    expect(text).toContain(
      'Seen only in the audit log of Entra ID, later and with less detail: sign-ins (the licence for it is missing).',
    );
    expect(text).toContain('signed in with BAV2ROPC');
    expect(text).not.toMatch(/could not see who signed in|all is well|nothing happened this week/i);
  });

  test('names in the digest of the licensed tenant whom it happened to', async () => {
    const text = await digestOf(simulated.licensed.domain);
    expect(text).not.toContain('Not watched: sign-ins');
    for (const name of ['Nadine Krüger', 'Timo Sommer', 'Frank Hoffmann', 'Oliver Seidel']) {
      expect(text).toContain(name);
    }
  });
});

/** The weekly ones among the mails: the id of a report begins with its kind. */
function digests(): ReceivedMail[] {
  return week.mails.filter((mail) => mail.message_id.startsWith('<digest-'));
}

async function digestOf(domain: string): Promise<string> {
  const mail = digests().find((one) => one.envelope.to.includes(`management@${domain}`));
  if (mail === undefined) throw new Error(`no digest for ${domain}`);
  const parsed = await simpleParser(readFileSync(mail.file));
  return (parsed.text ?? '').replaceAll(/\s+/g, ' ');
}
