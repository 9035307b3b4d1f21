import { afterAll, beforeAll, expect, it } from 'vitest';
import { collectTenant, type CollectOptions } from '../../src/jobs/collect.ts';
import type { Runtime } from '../../src/jobs/runtime.ts';
import { HOUR, MINUTE, startSimulated, type Simulated } from './simulated.ts';

let simulated: Simulated;
let runtime: Runtime;

beforeAll(async () => {
  simulated = await startSimulated(6 * HOUR);
  runtime = await simulated.open(simulated.config([simulated.free], simulated.folder()));
  await simulated.change(simulated.free, { secret: { state: 'expired' } });
});
afterAll(async () => {
  await runtime?.close();
  await simulated?.stop();
});

it('asks nobody again for an hour once its credential was refused for good', async () => {
  expect(await round()).toEqual(['failed']);
  await simulated.change(simulated.free, { secret: { state: 'valid' } });
  await runtime.clock.sleep(50 * MINUTE);
  expect(await round(), 'within the hour it does not know that the secret was mended').toEqual(['failed']);
  await runtime.clock.sleep(15 * MINUTE);
  expect(await round()).toContain('ok');
});

it('asks at once where a person asks for it', async () => {
  await simulated.change(simulated.free, { secret: { state: 'expired' } });
  await runtime.clock.sleep(2 * HOUR);
  expect(await round()).toEqual(['failed']);
  await simulated.change(simulated.free, { secret: { state: 'valid' } });
  expect(await round({ force: true })).toContain('ok');
});

/** How the sources of a round ended, each way once. */
async function round(options: CollectOptions = {}): Promise<string[]> {
  const [tenant] = runtime.config.tenants;
  if (tenant === undefined) throw new Error('no tenant is configured');
  const graph = runtime.graph(tenant);
  const results = await collectTenant({ ...runtime, graph, tenant, signInsApi: 'auto' }, options);
  return [...new Set(results.map(({ outcome }) => outcome.status))].sort();
}
