import { loadCatalogue, shippedDetections } from '../detection/catalogue.ts';
import { DeliveryError } from '../errors.ts';
import { examineTenant, type Finding } from '../jobs/doctor.ts';
import { probeTenant } from '../jobs/probe.ts';
import type { Runtime } from '../jobs/runtime.ts';
import type { Command, CommandContext } from './command.ts';
import { openChannel } from './run.ts';
import { withRuntime } from './runtime.ts';
import { plainTable, printable, safeJson } from './table.ts';

/** `tenantwatch doctor [--mail ADDRESS] [--probe] [--json]`: exits 1 when something that was tried did not work. */
export const command: Command = {
  name: 'doctor',
  summary: 'tries everything a tenant needs and says what is lost without it',
  configure(node) {
    node.option('--mail <address>', 'sends a test mail to this address');
    node.option(
      '--probe',
      'asks the tenant what docs/assumptions.md leaves open; statuses and counts, no names',
    );
    node.option('--json', 'prints one JSON object a line, one per finding');
  },
  run: (context, _args, options) => withRuntime(context, (runtime) => examine(context, runtime, options)),
};

async function examine(
  context: CommandContext,
  runtime: Runtime,
  options: Record<string, unknown>,
): Promise<number> {
  if (options['probe'] === true) return probe(context, runtime, options);
  const catalogue = await loadCatalogue(shippedDetections, runtime.config.importedRules);
  let bad = false;
  for (const tenant of runtime.config.tenants) {
    const findings = await examineTenant(runtime, catalogue, tenant);
    bad ||= findings.some(isBad);
    if (options['json'] === true) {
      for (const finding of findings)
        context.stdout.write(`${safeJson({ tenant_id: tenant.id, ...finding })}\n`);
    } else context.stdout.write(asText(tenant.name, findings, context));
  }
  if (typeof options['mail'] !== 'string') return bad ? 1 : 0;
  const mail = await tryMail(runtime, options['mail']);
  context.stdout.write(
    options['json'] === true ? `${safeJson(mail)}\n` : `mail: ${mail.state}: ${printable(mail.detail)}\n`,
  );
  return bad || isBad(mail) ? 1 : 0;
}

async function probe(
  context: CommandContext,
  runtime: Runtime,
  options: Record<string, unknown>,
): Promise<number> {
  for (const tenant of runtime.config.tenants) {
    const answers = await probeTenant(runtime.graph(tenant), runtime.signal);
    if (options['json'] === true) for (const answer of answers) context.stdout.write(`${safeJson(answer)}\n`);
    else {
      const rows = answers.map((one) => [one.assumption, one.answer]);
      context.stdout.write(
        `${printable(tenant.name)}\n${plainTable(['assumption', 'answer'], rows, context.colour)}\n`,
      );
    }
  }
  return 0;
}

function isBad(finding: Finding): boolean {
  return finding.state === 'failed' || finding.state === 'refused';
}

async function tryMail(runtime: Runtime, recipient: string): Promise<Finding> {
  const channel = openChannel(runtime.config, runtime.observe);
  if (channel === null) {
    return {
      check: 'mail',
      state: 'failed',
      detail: 'no mail server is configured; set TENANTWATCH_SMTP_URL and TENANTWATCH_MAIL_FROM',
      lost: ['every mail'],
    };
  }
  const text = 'This is a test of tenantwatch. The mail server takes its mails.';
  try {
    await channel.send({
      messageId: `<test-${runtime.holder}@${runtime.config.mailFrom?.split('@')[1]?.replace('>', '') ?? 'localhost'}>`,
      recipient,
      subject: 'tenantwatch: test mail',
      text,
      html: `<p>${text}</p>`,
      writtenAt: runtime.clock.now(),
    });
    return { check: 'mail', state: 'ok', detail: 'the mail server took a test mail', lost: [] };
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return { check: 'mail', state: 'failed', detail: error.message, lost: ['every mail'] };
  } finally {
    channel.close();
  }
}

function asText(name: string, findings: readonly Finding[], context: CommandContext): string {
  const rows = findings.map((finding) => [finding.check, finding.state, finding.detail]);
  const lost = findings
    .filter((finding) => finding.lost.length > 0)
    .map((finding) => `without ${finding.check}: ${finding.lost.join('; ')}`);
  return `${[printable(name), plainTable(['what', 'state', 'detail'], rows, context.colour), ...lost.map(printable), ''].join('\n')}\n`;
}
