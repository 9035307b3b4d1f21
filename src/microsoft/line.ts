import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { OperationObserver } from '../model/outcome.ts';
import type { TenantConfig } from '../model/tenant.ts';
import type { Line } from './ask.ts';
import { openTokenSource } from './credential.ts';
import { appOf } from './identity.ts';
import { openSdk } from './sdk.ts';
import { openLimiter, openMemoryLedger, type QuotaLedger } from './throttle.ts';
import { openTransport, type ProxyOptions, type Timeouts, type Transport } from './transport.ts';

export interface GraphOptions {
  readonly tenant: TenantConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Called before each request on the network: `http:GET /v1.0/users`. */
  readonly observe?: OperationObserver | undefined;
  /** The only authority trusted in a custom cloud; elsewhere one more. */
  readonly caPem?: string | undefined;
  /** For jitter; in [0, 1). */
  readonly random?: (() => number) | undefined;
  /** Shared by everybody who reads the tenant; own otherwise. */
  readonly quota?: QuotaLedger | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** True: Exchange may be asked about mailboxes. */
  readonly exchangeAdmin?: boolean | undefined;
  /** Never used in a custom cloud. */
  readonly proxy?: ProxyOptions | undefined;
  /** ms of the clock for one question with its retries; default 15 min. */
  readonly retryBudgetMs?: number | undefined;
}

/** The way out for one tenant: its trust, time-outs and proxy. */
export function transportFor({ tenant, caPem, timeouts, proxy }: GraphOptions): Transport {
  const custom = tenant.cloud === 'custom';
  return openTransport({
    ...(caPem ? { ca: { pem: caPem, only: custom } } : {}),
    ...(timeouts ? { timeouts } : {}),
    ...(proxy && !custom ? { proxy } : {}),
  });
}

/** What every request of the tenant goes through, over that way out. */
export function openLine(options: GraphOptions, transport: Transport): Line {
  const { tenant, clock, log, observe, random = Math.random, quota = openMemoryLedger() } = options;
  const { id, credential, hosts } = tenant;
  return {
    tenantId: id,
    clock,
    log,
    random,
    observe,
    budgetMs: options.retryBudgetMs,
    tokens: openTokenSource({ tenantId: id, credential, hosts, clock, random, transport, observe }),
    scope: `${hosts.graph}/.default`,
    limiter: openLimiter(id, appOf(credential), clock, quota),
    sdk: openSdk(hosts.graph, transport),
    sent: 0,
    throttled: 0,
  };
}
