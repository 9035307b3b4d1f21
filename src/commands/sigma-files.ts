import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../errors.ts';
import {
  linkCorrelations,
  linkRules,
  parseRules,
  type CompiledRule,
  type LinkedCorrelations,
  type ParsedFile,
  type SigmaProblem,
} from '../sigma/index.ts';
import type { CommandContext } from './command.ts';
import { printable } from './table.ts';

/** Rules of some files, ready to use, and everything that is wrong with them, in the order of the files. */
export interface LoadedRules {
  readonly files: number;
  readonly parsed: readonly ParsedFile[];
  readonly rules: readonly CompiledRule[];
  readonly correlations: LinkedCorrelations;
  readonly problems: readonly SigmaProblem[];
}

/**
 * Reads a rule file or every .yml and .yaml below a folder (but cases). Throws ConfigError where the path is missing
 * or holds no such file; a rule that is wrong is among the problems and keeps nobody else out.
 */
export function loadRules(
  context: CommandContext,
  path: string,
  placeholders: ReadonlyMap<string, readonly string[]> = new Map(),
): LoadedRules {
  const files = ruleFiles(context, path);
  const parsed = files.map((file) => parseRules(readFileSync(resolve(context.cwd, file), 'utf8'), file));
  const linked = linkRules(parsed, { placeholders });
  const correlations = linkCorrelations(
    parsed.flatMap((one) => one.correlations),
    parsed.flatMap((one) => one.rules),
  );
  const problems = [...parsed.flatMap((one) => one.problems), ...linked.problems, ...correlations.problems];
  return { files: files.length, parsed, rules: linked.rules, correlations, problems: distinct(problems) };
}

function ruleFiles(context: CommandContext, path: string): string[] {
  const full = resolve(context.cwd, path);
  if (!existsSync(full)) throw new ConfigError([`${path} does not exist; name a rule file or a folder.`]);
  if (!statSync(full).isDirectory()) return [path];
  const found = readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file) && !/\.cases\.ya?ml$/.test(file))
    .map((file) =>
      join(relative(context.cwd, full) || '.', file)
        .split(sep)
        .join('/'),
    )
    .sort();
  if (found.length === 0) throw new ConfigError([`${path} holds no .yml or .yaml file.`]);
  return found;
}

/** Two linkers may say the same of one document. */
function distinct(problems: readonly SigmaProblem[]): SigmaProblem[] {
  return [...new Map(problems.map((one) => [problemText(one), one])).values()];
}

export function problemText({ file, line, column, severity, message }: SigmaProblem): string {
  return `${file}:${line}:${column}: ${severity}: ${message}`;
}

/** Writes the errors to standard error and returns how many there were. */
export function writeErrors(context: CommandContext, problems: readonly SigmaProblem[]): number {
  const errors = problems.filter((problem) => problem.severity === 'error');
  for (const error of errors) context.stderr.write(`${printable(problemText(error))}\n`);
  return errors.length;
}
