import { openSmtp } from '../channels/smtp.ts';
import { ConfigError } from '../errors.ts';
import { deliver, type DeliverOutcome } from '../jobs/deliver.ts';
import type { Runtime } from '../jobs/runtime.ts';
import { retryMails, undeliveredMails } from '../store/outbox.ts';
import type { Command } from './command.ts';
import { withRuntime } from './runtime.ts';
import { safeJson } from './table.ts';

/** `tenantwatch deliver`: sends what is due in the outbox. Exits 1 when a mail could not be sent. */
export const command: Command = {
  name: 'deliver',
  summary: 'sends the mails that wait in the outbox',
  configure(node) {
    node.option('--retry', 'tries every mail that is not sent now, refused ones too');
    node.option('--json', 'prints one JSON object');
  },
  run: (context, _args, options) =>
    withRuntime(context, async (runtime) => {
      if (options['retry'] === true) await retryMails(runtime.database.db, runtime.clock.now());
      const outcome = await deliverAll(runtime);
      const text = options['json'] === true ? `${safeJson(outcome)}\n` : await asText(outcome, runtime);
      context.stdout.write(text);
      return outcome.retry + outcome.failed > 0 ? 1 : 0;
    }),
};

async function deliverAll(runtime: Runtime): Promise<DeliverOutcome> {
  const { config, database, clock, holder, observe } = runtime;
  if (config.smtp === null || config.mailFrom === null) {
    throw new ConfigError(['SMTP_URL is not set; name the mail server, mails wait in the outbox until then']);
  }
  const channel = openSmtp({ server: config.smtp, from: config.mailFrom, caPem: config.caPem, observe });
  try {
    return await deliver({ database, channel, clock, holder });
  } finally {
    channel.close();
  }
}

async function asText(outcome: DeliverOutcome, runtime: Runtime): Promise<string> {
  const unsent = await undeliveredMails(runtime.database.db);
  const lines = unsent.map((row) => {
    const state = row.status === 'failed' ? 'refused' : `again at ${new Date(row.next_try_at).toISOString()}`;
    return `${row.recipient} (${state}): ${row.error ?? 'not tried yet'}`;
  });
  return `${[`sent ${outcome.sent}, to be tried again ${outcome.retry}, refused ${outcome.failed}`, ...lines].join('\n')}\n`;
}
