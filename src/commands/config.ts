import { loadConfig } from '../config/config.ts';
import { describeTenants, type DescribedTenant } from '../config/describe-tenants.ts';
import { describeConfig, type DescribedOption } from '../config/describe.ts';
import type { Command } from './command.ts';
import { safeJson } from './table.ts';

/** `tenantwatch config [--json]`: checks everything, then shows it redacted. Wrong configuration exits 2 like anywhere. */
export const command: Command = {
  name: 'config',
  summary: 'shows the configuration, without secrets',
  configure(node) {
    node.option('--json', 'prints one JSON object');
  },
  run(context, _args, options) {
    const config = loadConfig(context.env, context.cwd);
    const described = describeConfig(config);
    const tenants = describeTenants(config.fileTenants);
    const text = options['json'] === true ? asJson(described, tenants) : asText(described, tenants);
    context.stdout.write(text);
    return Promise.resolve(0);
  },
};

function asJson(described: readonly DescribedOption[], tenants: readonly DescribedTenant[]): string {
  const list = tenants.map(({ settings }) => entriesOf(settings));
  const shown = { ...entriesOf(described), ...(list.length === 0 ? {} : { tenants: list }) };
  return `${safeJson(shown)}\n`;
}

function entriesOf(described: readonly DescribedOption[]): Record<string, unknown> {
  return Object.fromEntries(described.map(({ name, value, origin }) => [name, { value, origin }]));
}

function asText(described: readonly DescribedOption[], tenants: readonly DescribedTenant[]): string {
  const parts = tenants.map(({ name, settings }) => `\n${name}\n${linesOf(settings, '  ')}`);
  return `${linesOf(described)}${parts.join('')}`;
}

function linesOf(described: readonly DescribedOption[], indent = ''): string {
  const width = Math.max(...described.map(({ name }) => name.length));
  return described
    .map(({ name, value, origin }) => {
      const shown = value === null ? 'not set' : `${value}  (${origin})`;
      return `${indent}${name.padEnd(width)}  ${shown}\n`;
    })
    .join('');
}
