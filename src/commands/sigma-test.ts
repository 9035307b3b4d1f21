import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../errors.ts';
import { CaseFileError, readCaseFile, runCase, type CaseOutcome } from '../sigma/index.ts';
import type { Command, CommandContext } from './command.ts';
import { printable, safeJson } from './table.ts';

/**
 * `sigma test FILE…`: runs conformance cases (format `sigma-case/1`). One line per file, each difference by id, and
 * the sum last. Exits 1 when a case that must hold does not, 2 when a file is none.
 */
export const test: Command = {
  name: 'test',
  summary: 'runs conformance cases against the engine',
  configure(node) {
    node
      .argument('<file...>', 'case files in JSON (format sigma-case/1)')
      .option('--json', 'prints one JSON object a line, one per case');
  },
  async run(context, args, options) {
    const json = options['json'] === true;
    const files = args.map((file) => ({ file, cases: readCases(context, file) }));
    const all: CaseOutcome[] = [];
    for (const { file, cases } of files) {
      const outcomes = cases.map(runCase);
      all.push(...outcomes);
      if (json) for (const one of outcomes) context.stdout.write(`${safeJson({ file, ...one })}\n`);
      else context.stdout.write(`${fileText(file, outcomes)}\n`);
    }
    if (!json) context.stdout.write(`${sumText(all)}\n`);
    return all.some((one) => one.verdict === 'failed') ? 1 : 0;
  },
};

function readCases(context: CommandContext, file: string): ReturnType<typeof readCaseFile> {
  const full = resolve(context.cwd, file);
  if (!existsSync(full)) throw new ConfigError([`sigma test: ${file} does not exist; name a case file.`]);
  try {
    return readCaseFile(JSON.parse(readFileSync(full, 'utf8')) as unknown);
  } catch (error) {
    if (!(error instanceof CaseFileError) && !(error instanceof SyntaxError)) throw error;
    throw new ConfigError([`sigma test: ${file} is no case file: ${error.message}.`]);
  }
}

function fileText(file: string, outcomes: readonly CaseOutcome[]): string {
  const rest = outcomes.filter((one) => one.verdict !== 'passed');
  const lines = rest.map(({ verdict, id, detail }) => `  ${verdict} ${id}: ${detail ?? ''}`);
  return [`${file}: ${sumText(outcomes)}`, ...lines].map(printable).join('\n');
}

function sumText(outcomes: readonly CaseOutcome[]): string {
  const count = (verdict: CaseOutcome['verdict']): number =>
    outcomes.filter((one) => one.verdict === verdict).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('differ')} differ`;
}
