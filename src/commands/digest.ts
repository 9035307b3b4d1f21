import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../errors.ts';
import { reportFirstLook } from '../jobs/first-look.ts';
import { previewDigest, reportDigest, type DigestOutcome } from '../jobs/report.ts';
import type { Runtime } from '../jobs/runtime.ts';
import type { TenantConfig } from '../model/tenant.ts';
import type { Command, CommandContext } from './command.ts';
import { withRuntime } from './runtime.ts';
import { safeJson } from './table.ts';

/** `tenantwatch digest`: the report job of the weekly mail; `--preview` only shows it. */
export const command: Command = {
  name: 'digest',
  summary: 'writes the weekly reports that are due into the outbox, or shows one',
  configure(node) {
    node.option('--tenant <id>', 'only this tenant (id or name)');
    node.option('--as-of <time>', 'as if it were this time (ISO 8601)');
    node.option('--force', 'reports the last whole week now, if it is not reported yet');
    node.option('--preview', 'prints the report of the last whole week and writes nothing');
    node.option('--html <file>', 'with --preview: also writes the HTML of the first report to a file');
    node.option('--json', 'prints JSON: one object a line');
  },
  async run(context, _args, options) {
    const preview = options['preview'] === true;
    if (options['html'] !== undefined && !preview) {
      throw new ConfigError(['--html is for a preview; add --preview, or leave --html out']);
    }
    const asOf = readTime(options['asOf']);
    return withRuntime(context, async (runtime) => {
      const tenants = chooseTenants(runtime.config, options['tenant']);
      const now = asOf ?? runtime.clock.now();
      await (preview ? show : write)(context, runtime, tenants, now, options);
      return 0;
    });
  },
};

function chooseTenants(config: Config, wanted: unknown): readonly TenantConfig[] {
  if (typeof wanted !== 'string') return config.tenants;
  const found = config.tenants.filter(
    (tenant) => tenant.id === wanted.toLowerCase() || tenant.name === wanted,
  );
  if (found.length > 0) return found;
  const names = config.tenants.map((tenant) => tenant.name).join(', ');
  throw new ConfigError([`--tenant '${wanted}' is no configured tenant; there is: ${names}`]);
}

function readTime(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new ConfigError([`--as-of '${text}' is no time; write for instance 2026-11-23T07:00:00Z`]);
}

async function show(
  context: CommandContext,
  runtime: Runtime,
  tenants: readonly TenantConfig[],
  now: number,
  options: Record<string, unknown>,
): Promise<void> {
  let file = typeof options['html'] === 'string' ? resolve(context.cwd, options['html']) : null;
  for (const tenant of tenants) {
    for (const { recipient, facts, mail } of await previewDigest({
      database: runtime.database,
      tenant,
      now,
    })) {
      const text = `To: ${recipient}\nSubject: ${mail.subject}\n\n${mail.text}\n`;
      context.stdout.write(options['json'] === true ? `${safeJson({ recipient, ...mail, facts })}\n` : text);
      if (file !== null) writeFileSync(file, mail.html);
      file = null;
    }
  }
}

async function write(
  context: CommandContext,
  runtime: Runtime,
  tenants: readonly TenantConfig[],
  now: number,
  options: Record<string, unknown>,
): Promise<void> {
  for (const tenant of tenants) {
    const job = { database: runtime.database, tenant, now, mailFrom: runtime.config.mailFrom ?? '' };
    const first = await reportFirstLook(job);
    const weekly = await reportDigest({ ...job, force: options['force'] === true });
    const outcome = { ...weekly, queued: [...first, ...weekly.queued] };
    context.stdout.write(options['json'] === true ? asJson(tenant, outcome) : asText(tenant, outcome));
  }
}

function asJson(tenant: TenantConfig, outcome: DigestOutcome): string {
  return `${safeJson({ tenant: tenant.id, ...outcome })}\n`;
}

function asText(tenant: TenantConfig, outcome: DigestOutcome): string {
  if (tenant.recipients.length === 0)
    return `${tenant.name}: nobody to write to; name someone in RECIPIENTS\n`;
  const queued = outcome.queued.map(
    (report) => `${tenant.name}: report ${report.number} for ${report.recipient}: ${report.subject}`,
  );
  const next = outcome.next.map(
    (one) => `${tenant.name}: next for ${one.recipient} at ${new Date(one.dueAt).toISOString()}`,
  );
  return `${[...(queued.length > 0 ? queued : [`${tenant.name}: no report is due`]), ...next].join('\n')}\n`;
}
