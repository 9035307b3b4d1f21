import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectTenant } from '../../src/jobs/collect.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { tenantStatuses } from '../../src/jobs/status.ts';
import { DAY, MINUTE, startSimulated, type Simulated } from './simulated.ts';

describe('what a day of the service costs', () => {
  let simulated: Simulated;
  let runtime: Runtime;
  beforeAll(async () => {
    simulated = await startSimulated(3 * DAY);
    runtime = await simulated.open(simulated.config([simulated.licensed], simulated.folder()));
  });
  afterAll(async () => {
    await runtime?.close();
    await simulated?.stop();
  });

  it('is below 5,000 requests for a quiet tenant of 42 users with every licence', async () => {
    const [tenant] = runtime.config.tenants;
    if (tenant === undefined) throw new Error('no tenant is configured');
    const graph = runtime.graph(tenant);
    await round();
    const before = graph.requests();
    // Ticks of two minutes, the shortest interval.
    for (let tick = 0; tick < DAY / (2 * MINUTE); tick += 1) {
      await runtime.clock.sleep(2 * MINUTE);
      await round();
    }
    const sent = graph.requests() - before;
    expect(sent).toBeLessThan(5_000);

    const [status] = await tenantStatuses(runtime.database, runtime.clock.now());
    expect(status?.requests).toBeGreaterThan(sent - 20);
    expect(status?.requests).toBeLessThanOrEqual(sent + before);
    expect(status?.sources.find(({ source }) => source === 'sign-ins')?.requests).toBeGreaterThan(700);
    expect(await simulated.report()).toMatchObject({ throttled: 0, early_returns: [] });

    async function round(): Promise<void> {
      if (tenant !== undefined) await collectTenant({ ...runtime, graph, tenant, signInsApi: 'auto' });
    }
  }, 120_000);
});
