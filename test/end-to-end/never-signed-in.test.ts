import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant } from '../../src/jobs/cycle.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import { currentCapabilities } from '../../src/store/capabilities.ts';
import { entitiesOf } from '../../src/store/entities.ts';
import { sourceStates } from '../../src/store/reads.ts';
import { DAY, END, HOUR, MINUTE, startSimulated, type Simulated, type SimulatedTenant } from './simulated.ts';

const BEGIN = END - 7 * DAY;
const SOURCE = 'sign-in-activity';
/** Business Premium; the check asks only whether there is a licence. */
const SKU = 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46';
const LENA = '1f000000-1111-4222-8333-000000000006';

let simulated: Simulated;
let runtime: Runtime;
let catalogue: Catalogue;

/** An account of three weeks, licensed, of whom no sign-in is known. */
function joiner(tenant: SimulatedTenant) {
  return {
    put_user: {
      id: LENA,
      userPrincipalName: `lena.lang@${tenant.domain}`,
      displayName: 'Lena Lang',
      accountEnabled: true,
      userType: 'Member',
      createdDateTime: new Date(BEGIN - 21 * DAY).toISOString(),
      department: 'Einkauf',
      usageLocation: 'DE',
      assignedLicenses: [{ skuId: SKU, disabledPlans: [] }],
      assignedPlans: [],
    },
  };
}

/** A round at this time, for both tenants. */
async function round(at: number): Promise<void> {
  await runtime.clock.sleep(Math.max(0, at - runtime.clock.now()));
  for (const tenant of runtime.config.tenants) await cycleTenant(runtime, catalogue, tenant);
}

async function stateOf(tenant: SimulatedTenant) {
  return (await sourceStates(runtime.database.db, tenant.id)).find(({ source }) => source === SOURCE);
}

async function neverSignedIn(tenant: SimulatedTenant) {
  const id = catalogue.detections.find((one) => one.catalogue === 'LC-05')?.id;
  const alerts = await listAlerts(runtime.database.db, { tenantId: tenant.id });
  return alerts.filter((alert) => alert.detectionId === id);
}

beforeAll(async () => {
  simulated = await startSimulated(7 * DAY);
  catalogue = await loadCatalogue();
  for (const tenant of [simulated.licensed, simulated.free]) await simulated.change(tenant, joiner(tenant));
  const config = simulated.config([simulated.licensed, simulated.free], simulated.folder());
  runtime = await simulated.open(config);
  await round(BEGIN);
}, 30_000);

afterAll(async () => {
  await runtime?.close();
  await simulated?.stop();
});

describe('somebody who has never signed in', () => {
  it('is told where the tenant has Entra ID P1, and nobody else is', async () => {
    const alerts = await neverSignedIn(simulated.licensed);
    expect(alerts.map(({ subject, cause, state }) => [subject, cause, state])).toEqual([
      [`user:${LENA}`, 'never-signed-in', 'open'],
    ]);
  });

  it('is not told where it has not: the source is skipped for want of the licence', async () => {
    expect(await neverSignedIn(simulated.free)).toEqual([]);
    const known = await currentCapabilities(runtime.database.db, simulated.free.id);
    expect(known.get(`source:${SOURCE}`)).toMatchObject({ state: 'off', reason: 'no_licence' });
    expect(await entitiesOf(runtime.database.db, simulated.free.id, 'sign_in_activity')).toEqual(new Map());
  });

  it('is looked for once a day, and what changes daily makes no events', async () => {
    const first = await stateOf(simulated.licensed);
    await round(BEGIN + 12 * HOUR);
    expect((await stateOf(simulated.licensed))?.last_run_at).toBe(first?.last_run_at);
    await round(BEGIN + DAY);
    expect((await stateOf(simulated.licensed))?.last_ok_at).toBeGreaterThanOrEqual(BEGIN + DAY);
    const known = await entitiesOf(runtime.database.db, simulated.licensed.id, 'sign_in_activity');
    expect(known.size).toBeGreaterThan(30);
    const events = await runtime.database.db
      .selectFrom('event')
      .select('native_id')
      .where('feed', '=', 'changes')
      .where('native_id', 'like', 'sign_in_activity:%')
      .execute();
    expect(events).toEqual([]);
  });

  it('is asked about again within the hour after a failure, and not a day later', async () => {
    const down = { kind: 'status', status: 503, times: null, tenant: simulated.licensed.id };
    await simulated.faults({ match: 'signInActivity', ...down });
    await round(BEGIN + 2 * DAY);
    expect(await stateOf(simulated.licensed)).toMatchObject({ last_status: 'failed' });
    await simulated.clearFaults();
    await round(BEGIN + 2 * DAY + HOUR + 30 * MINUTE);
    expect(await stateOf(simulated.licensed)).toMatchObject({ last_status: 'ok' });
  });

  it('is closed as deleted when the account goes', async () => {
    await simulated.change(simulated.licensed, { delete_user: LENA });
    await round(BEGIN + 3 * DAY + 4 * HOUR);
    expect(await neverSignedIn(simulated.licensed)).toMatchObject([
      { state: 'closed', closeReason: 'deleted' },
    ]);
  });
});
