import { loadConfig } from '../config/config.ts';
import { describeConfig, type DescribedOption } from '../config/describe.ts';
import type { Command } from './command.ts';

/** `tenantwatch config [--json]`: checks everything, then shows it redacted. Wrong configuration exits 2 like anywhere. */
export const command: Command = {
  name: 'config',
  summary: 'shows the configuration, without secrets',
  configure(node) {
    node.option('--json', 'prints one JSON object');
  },
  run(context, _args, options) {
    const described = describeConfig(loadConfig(context.env, context.cwd));
    context.stdout.write(options['json'] === true ? asJson(described) : asText(described));
    return Promise.resolve(0);
  },
};

function asJson(described: readonly DescribedOption[]): string {
  const entries = described.map(({ name, value, origin }) => [name, { value, origin }]);
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

function asText(described: readonly DescribedOption[]): string {
  const width = Math.max(...described.map(({ name }) => name.length));
  const lines = described.map(({ name, value, origin }) =>
    value === null ? `${name.padEnd(width)}  not set` : `${name.padEnd(width)}  ${value}  (${origin})`,
  );
  return `${lines.join('\n')}\n`;
}
