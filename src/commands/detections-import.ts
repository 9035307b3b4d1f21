import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { SingleBar } from 'cli-progress';
import { importedRulesFolder } from '../config/config.ts';
import { INDEX_NAME } from '../detection/import-index.ts';
import { importRules, type ImportedEntry, type ImportResult } from '../detection/import-rules.ts';
import { isRunning, RULE_STATUSES, type RuleStatus } from '../detection/mapping/judge.ts';
import { ConfigError } from '../errors.ts';
import type { Command, CommandContext } from './command.ts';
import { plainTable, printable, safeJson } from './table.ts';

/** What each status is called, and counted as in the sum. */
const WORDS: Readonly<Record<RuleStatus, string>> = {
  works: 'works',
  beta: 'works with a beta property',
  placeholder: 'needs a list',
  no_source: 'no source in Graph',
  state: 'state, not events',
  unmapped: 'unknown field',
  prose: 'matches nothing',
  correlate: 'needs a correlation',
  unsupported: 'not supported',
};

/** `tenantwatch detections import --from DIR`: needs no tenant. Exits 1 when nothing could be read. */
export const importCommand: Command = {
  name: 'import',
  summary: 'takes over rules of a SigmaHQ checkout, or of any folder, and says what each can do',
  configure(node) {
    node
      .requiredOption('--from <dir>', 'folder of rules, such as a checkout of SigmaHQ/sigma')
      .option('--to <dir>', 'folder that keeps them, in place of the configured one')
      .option('--trust-values', "takes values that are on no list of Microsoft's as they are")
      .option('--dry-run', 'says what it would do and writes nothing')
      .option('--json', 'prints one JSON object');
  },
  run(context, _args, options) {
    const from = sourceFolder(context, String(options['from']));
    const to = targetFolder(context, options, from);
    const quiet = options['json'] === true;
    const bar = progressBar(context, quiet);
    let result: ImportResult;
    try {
      result = importRules({
        from,
        to: options['dryRun'] === true ? null : to,
        trustValues: options['trustValues'] === true,
        signal: context.signal,
        onProgress: bar.update,
      });
    } finally {
      bar.stop();
    }
    const written = options['dryRun'] === true ? null : to;
    context.stdout.write(quiet ? `${safeJson(toJson(result, written))}\n` : asText(context, result, written));
    return Promise.resolve(result.rules.length + result.otherProducts === 0 ? 1 : 0);
  },
};

function sourceFolder(context: CommandContext, from: string): string {
  const path = resolve(context.cwd, from);
  if (existsSync(path) && statSync(path).isDirectory()) return path;
  throw new ConfigError([`detections import: ${from} is no folder; name one that holds rules.`]);
}

/** A folder of its own: what an earlier import left there is replaced. */
function targetFolder(context: CommandContext, options: Record<string, unknown>, from: string): string {
  const { to } = options;
  const path =
    typeof to === 'string' ? resolve(context.cwd, to) : importedRulesFolder(context.env, context.cwd);
  if (isInside(path, from) || isInside(from, path)) {
    throw new ConfigError([
      `detections import: ${path} and ${from} lie in each other; name another folder with --to.`,
    ]);
  }
  if (existsSync(path) && readdirSync(path).length > 0 && !existsSync(join(path, INDEX_NAME))) {
    throw new ConfigError([
      `detections import: ${path} holds something else than imported rules; name an empty folder with --to.`,
    ]);
  }
  return path;
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}

/** Thousands of files take seconds; only a terminal is told meanwhile. */
function progressBar(context: CommandContext, quiet: boolean) {
  if (quiet || !context.isTerminal) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: '{bar} {value}/{total} files',
    stream: context.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  let started = false;
  return {
    update(read: number, found: number) {
      if (!started) bar.start(found, 0);
      started = true;
      bar.update(read);
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

function toJson(result: ImportResult, to: string | null): Record<string, unknown> {
  return {
    to,
    files: result.files,
    rules: result.rules.map((one) => ({ ...one, runs: runs(one) })),
    totals: Object.fromEntries(RULE_STATUSES.map((status) => [status, countOf(result, status)])),
    running: result.rules.filter(runs).length,
    other_products: result.otherProducts,
    unreadable: result.unreadable,
  };
}

function countOf(result: ImportResult, status: RuleStatus): number {
  return result.rules.filter((one) => one.status === status).length;
}

/** Whether this version judges records by the rule, if the tenant gives its lists. */
function runs(one: ImportedEntry): boolean {
  return isRunning(one.status) && one.unread === null;
}

function asText(context: CommandContext, result: ImportResult, to: string | null): string {
  const order = (one: ImportedEntry): number => RULE_STATUSES.indexOf(one.status);
  const rows = [...result.rules]
    .sort((a, b) => order(a) - order(b))
    .map((one) => [WORDS[one.status], one.level ?? '', one.source, one.title, whyOf(one)]);
  const lines = [
    ...(rows.length === 0
      ? []
      : [plainTable(['result', 'level', 'log source', 'rule', 'why'], rows, context.colour), '']),
    ...result.unreadable.map(({ file, why }) => printable(`${file}: ${why}`)),
    ...sums(result),
    to === null ? 'nothing was written' : printable(`written to ${to}`),
  ];
  return `${lines.join('\n')}\n`;
}

function whyOf(one: ImportedEntry): string {
  const unread = isRunning(one.status) && one.unread !== null ? `waits: ${one.unread} is not read yet` : '';
  return [one.why, unread].filter((part) => part !== '').join('; ');
}

function sums(result: ImportResult): string[] {
  const counts = RULE_STATUSES.map((status) => [WORDS[status], countOf(result, status)] as const);
  const waiting = result.rules.filter((one) => isRunning(one.status) && one.unread !== null).length;
  return [
    `${result.files} files, ${result.rules.length} rules about Azure and Microsoft 365`,
    ...counts.filter(([, count]) => count > 0).map(([word, count]) => `  ${word}: ${count}`),
    `run by this version: ${result.rules.filter(runs).length}; waiting for a source that it does not read: ${waiting}`,
    `another product: ${result.otherProducts}; unreadable: ${result.unreadable.length}`,
  ];
}
