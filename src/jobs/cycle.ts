import type { Channel } from '../channels/channel.ts';
import type { Catalogue } from '../detection/catalogue.ts';
import type { TenantConfig } from '../model/tenant.ts';
import { collectTenant, type CollectOptions, type CollectProgress, type SourceResult } from './collect.ts';
import { deliver, type DeliverOutcome } from './deliver.ts';
import { detect } from './detect.ts';
import { reportFirstLook } from './first-look.ts';
import { reportDigest, type QueuedReport } from './report.ts';
import type { Runtime } from './runtime.ts';
import { watchOurselves } from './self-watch.ts';

export interface CycleOptions extends CollectOptions {
  readonly onProgress?: (progress: CollectProgress) => void;
}

export interface CycleResult {
  readonly sources: readonly SourceResult[];
  readonly reports: readonly QueuedReport[];
}

/** One round for one tenant: read what is due, detect, write the reports that are due. Safe to run twice. */
export async function cycleTenant(
  runtime: Runtime,
  catalogue: Catalogue,
  tenant: TenantConfig,
  options: CycleOptions = {},
): Promise<CycleResult> {
  const { database, clock, config } = runtime;
  const sources = await collectTenant(
    {
      database,
      graph: runtime.graph(tenant),
      tenant,
      clock,
      signal: runtime.signal,
      signInsApi: config.signInsApi,
      dns: runtime.dns,
      memory: runtime.memory,
      onProgress: options.onProgress,
    },
    options,
  );
  await watchOurselves({ database, catalogue, tenant, now: clock.now(), force: options.force === true });
  await detect({ database, catalogue, tenantId: tenant.id, now: clock.now() });
  if (config.mailFrom === null) return { sources, reports: [] };
  const job = { database, tenant, now: clock.now(), mailFrom: config.mailFrom };
  const first = await reportFirstLook(job);
  const { queued } = await reportDigest(job);
  return { sources, reports: [...first, ...queued] };
}

/** Sends what is due in the outbox of all tenants; null where no mail server is configured. */
export async function deliverDue(runtime: Runtime, channel: Channel | null): Promise<DeliverOutcome | null> {
  if (channel === null) return null;
  return deliver({ database: runtime.database, channel, holder: runtime.holder, clock: runtime.clock });
}
