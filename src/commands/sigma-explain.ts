import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../errors.ts';
import { explainRule, type CompiledRule } from '../sigma/index.ts';
import type { Command, CommandContext } from './command.ts';
import { explanationLines } from './sigma-explanation.ts';
import { loadRules, writeErrors } from './sigma-files.ts';
import { printable, safeJson } from './table.ts';

/** `sigma explain RULE EVENT`: why a rule matches an event, or why not. Exits 0 when it matches, 1 when it does not. */
export const explain: Command = {
  name: 'explain',
  summary: 'says why a rule matches an event, or why not',
  configure(node) {
    node
      .argument('<rule>', 'a rule file; all its rules are explained')
      .argument('<event>', 'a JSON file with one event, or - for standard input')
      .option('--at <time>', 'ISO 8601 time of the event, for filters that expire')
      .option('--tenant <id>', 'tenant of the event, for filters that are for some tenants only')
      .option('--json', 'prints one JSON object a line, one per rule');
  },
  async run(context, args, options) {
    const [rulePath = '', eventPath = ''] = args;
    const loaded = loadRules(context, rulePath);
    if (writeErrors(context, loaded.problems) > 0 && loaded.rules.length === 0) return 2;
    if (loaded.rules.length === 0)
      throw new ConfigError([`sigma explain: ${rulePath} holds no rule with a detection.`]);
    const event = readEvent(context, eventPath);
    const judged = judgeOptions(options);
    let matched = false;
    for (const rule of loaded.rules) {
      const explanation = explainRule(rule, event, judged);
      matched ||= explanation.matched;
      if (options['json'] === true)
        context.stdout.write(`${safeJson({ rule: rule.rule.title, id: rule.rule.id, ...explanation })}\n`);
      else context.stdout.write(`${asText(rule, explanation)}\n`);
    }
    return matched ? 0 : 1;
  },
};

function asText(rule: CompiledRule, explanation: ReturnType<typeof explainRule>): string {
  const head = `${rule.rule.title}: ${explanation.matched ? 'matches' : 'does not match'}`;
  return [head, ...explanationLines(explanation).map((line) => `  ${line}`)].map(printable).join('\n');
}

function judgeOptions(options: Record<string, unknown>): { at?: number; tenant?: string } {
  const { at, tenant } = options;
  const time = typeof at === 'string' ? Date.parse(at) : undefined;
  if (time !== undefined && Number.isNaN(time))
    throw new ConfigError(['sigma explain: --at is no time; write it as 2026-11-24T00:00:00Z.']);
  return {
    ...(time === undefined ? {} : { at: time }),
    ...(typeof tenant === 'string' ? { tenant } : {}),
  };
}

function readEvent(context: CommandContext, path: string): object {
  const full = path === '-' ? 0 : resolve(context.cwd, path);
  if (typeof full === 'string' && !existsSync(full))
    throw new ConfigError([`sigma explain: ${path} does not exist; name a JSON file with one event.`]);
  let event: unknown;
  try {
    event = JSON.parse(readFileSync(full, 'utf8'));
  } catch (error) {
    throw new ConfigError([`sigma explain: ${path} is no JSON: ${(error as Error).message}.`]);
  }
  if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event;
  throw new ConfigError([`sigma explain: ${path} holds no JSON object; an event is one.`]);
}
