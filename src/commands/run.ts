import { ping } from '../channels/heartbeat.ts';
import { openSmtp } from '../channels/smtp.ts';
import type { Channel } from '../channels/channel.ts';
import type { Config } from '../config/config.ts';
import { loadCatalogue, shippedDetections, type Catalogue } from '../detection/catalogue.ts';
import { cycleTenant, deliverDue } from '../jobs/cycle.ts';
import type { Runtime } from '../jobs/runtime.ts';
import type { OperationObserver } from '../model/outcome.ts';
import { runEveryMinute } from '../scheduler/cron.ts';
import type { Command } from './command.ts';
import { withRuntime } from './runtime.ts';

/** `tenantwatch run`: the service. Reads, detects, reports and mails until it is stopped. */
export const command: Command = {
  name: 'run',
  summary: 'runs the service until it is stopped',
  configure(node) {
    node.option('--once', 'does one round and ends');
  },
  run: (context, _args, options) =>
    withRuntime(context, async (runtime) => {
      const catalogue = await loadCatalogue(shippedDetections, runtime.config.importedRules);
      const channel = openChannel(runtime.config, runtime.observe);
      for (const { file, line, column, message } of catalogue.problems) {
        runtime.log.warn(`${file}:${line}:${column}: ${message}`);
      }
      const work = () => round(runtime, catalogue, channel);
      try {
        if (options['once'] === true) await work();
        else
          await runEveryMinute({
            signal: context.signal,
            work,
            onError: (error) => runtime.log.error(error),
          });
      } finally {
        channel?.close();
      }
      return 0;
    }),
};

/** One round over all tenants. One tenant's trouble is logged and never stops another. */
async function round(runtime: Runtime, catalogue: Catalogue, channel: Channel | null): Promise<void> {
  let complete = true;
  for (const tenant of runtime.config.tenants) {
    if (runtime.signal.aborted) return;
    try {
      const { sources } = await cycleTenant(runtime, catalogue, tenant);
      complete &&= sources.every((source) => source.outcome.status !== 'failed');
    } catch (error) {
      complete = false;
      runtime.log.error({ tenant: tenant.id, err: error }, 'watch tenant');
    }
  }
  const sent = await deliverDue(runtime, channel);
  if (sent && sent.attempts.length > 0)
    runtime.log.info({ sent: sent.sent, retry: sent.retry, failed: sent.failed }, 'deliver mails');
  await beat(runtime, complete);
}

/** Silence must mean trouble, so a ping that does not arrive is told but stops nothing. */
async function beat(runtime: Runtime, complete: boolean): Promise<void> {
  if (runtime.config.heartbeatUrl === null) return;
  const problem = await ping(runtime.config.heartbeatUrl, complete);
  if (problem !== null) runtime.log.warn(problem);
}

/** The configured mail server, or null: then what is written stays in the outbox. */
export function openChannel(config: Config, observe: OperationObserver): Channel | null {
  if (config.smtp === null || config.mailFrom === null) return null;
  return openSmtp({ server: config.smtp, from: config.mailFrom, caPem: config.caPem, observe });
}
