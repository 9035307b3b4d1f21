import { dirname, join } from 'node:path';
import { DateTime } from 'luxon';
import { loadConfig, type Config } from '../config/config.ts';
import type { TenantConfig } from '../model/tenant.ts';
import type { SimulatorReady } from './simulator-process.ts';

/** Where the simulated firms are. */
const DEMO_ZONE = 'Europe/Berlin';

/** What an operator would write in `.env` to watch one simulated tenant, with its database in `file`. */
export function simulatedEnvironment(
  ready: SimulatorReady,
  tenant: SimulatorReady['tenants'][number],
  file: string,
): Record<string, string> {
  return {
    TENANTWATCH_TENANT_ID: tenant.id,
    TENANTWATCH_TENANT_NAME: tenant.name,
    TENANTWATCH_CLIENT_ID: tenant.client_id,
    TENANTWATCH_CLIENT_SECRET: tenant.secret,
    TENANTWATCH_CLOUD: 'custom',
    TENANTWATCH_HOSTS: `graph=${ready.graph},authority=${ready.authority},management=${ready.management},exchange=${ready.exchange},clock=${ready.clock}`,
    TENANTWATCH_CA_FILE: ready.ca_file,
    TENANTWATCH_DATABASE_URL: `sqlite:${file}`,
    TENANTWATCH_TIMEZONE: DEMO_ZONE,
    TENANTWATCH_ALLOWED_COUNTRIES: 'DE,AT,CH',
    TENANTWATCH_SMTP_URL: ready.smtp.url,
    TENANTWATCH_MAIL_FROM: `watch@${tenant.domain}`,
    TENANTWATCH_RECIPIENTS: `management@${tenant.domain}`,
    TENANTWATCH_LOG_LEVEL: 'warn',
  };
}

/** The configurations of the simulated tenants, joined into one that has its database in `file`. */
export function simulatedConfig(ready: SimulatorReady, file: string): Config {
  const folder = dirname(file);
  const configs = ready.tenants.map((tenant) =>
    loadConfig(simulatedEnvironment(ready, tenant, file), folder),
  );
  const first = configs[0];
  if (first === undefined) throw new Error('read the configuration: the simulator has no tenants');
  return { ...first, tenants: configs.flatMap((config) => config.tenants) };
}

/** The demo's configuration: readers in both languages. */
export function demoConfig(ready: SimulatorReady, out: string): Config {
  const config = simulatedConfig(ready, join(out, 'demo.db'));
  return { ...config, tenants: config.tenants.map(inBothLanguages) };
}

/** Each firm has one reader in English and one in German, so that both mails can be seen. */
function inBothLanguages(tenant: TenantConfig): TenantConfig {
  const german = tenant.recipients.map((reader) => ({
    ...reader,
    address: reader.address.replace(/^management@/, 'leitung@'),
    language: 'de',
  }));
  return { ...tenant, recipients: [...tenant.recipients, ...german] };
}

/** Shortly after the digest is due, so that the week ends with its mail. */
export function endOfWeek(today: number, now: unknown): number {
  if (typeof now === 'string') {
    const at = DateTime.fromISO(now, { zone: 'utc' });
    if (!at.isValid)
      throw new Error(
        `run the demo: --now ${now} is no ISO 8601 time; write for example 2026-11-23T06:30:00Z`,
      );
    return at.toMillis();
  }
  const day = DateTime.fromMillis(today, { zone: DEMO_ZONE });
  const monday = day.startOf('week').set({ hour: 7, minute: 30 });
  return (monday > day ? monday.minus({ weeks: 1 }) : monday).toMillis();
}
