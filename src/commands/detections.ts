import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { importedRulesFolder } from '../config/config.ts';
import { runCases, type CaseResult } from '../detection/cases.ts';
import { loadCatalogue, shippedDetections, type Catalogue, type Detection } from '../detection/catalogue.ts';
import { ConfigError } from '../errors.ts';
import { detect } from '../jobs/detect.ts';
import type { Command, CommandContext } from './command.ts';
import { importCommand } from './detections-import.ts';
import { plainTable, printable, safeJson } from './table.ts';

const list: Command = {
  name: 'list',
  summary: 'lists the detections that are loaded',
  configure(node) {
    node.option('--json', 'prints one JSON object a line');
  },
  async run(context, _args, options) {
    const catalogue = await loadCatalogue(shippedDetections, importedRulesFolder(context.env, context.cwd));
    if (options['json'] === true) {
      for (const one of catalogue.detections) context.stdout.write(`${safeJson(detectionJson(one))}\n`);
    } else {
      const rows = catalogue.detections.map((one) => [
        one.catalogue === '' ? 'imported' : one.catalogue,
        one.level,
        one.life,
        one.sources.join(', '),
        one.title,
      ]);
      context.stdout.write(
        `${plainTable(['row', 'level', 'life', 'reads', 'detection'], rows, context.colour)}\n`,
      );
    }
    return writeProblems(context, catalogue) > 0 ? 1 : 0;
  },
};

function detectionJson(one: Detection): Record<string, unknown> {
  return {
    id: one.id,
    catalogue: one.catalogue,
    title: one.title,
    level: one.level,
    life: one.life,
    version: one.version,
    match_hash: one.matchHash,
    sources: one.sources,
    file: one.file,
    author: one.parts[0]?.imported?.author ?? null,
  };
}

/** A broken file is named; the others are listed or tested all the same. */
function writeProblems(context: CommandContext, catalogue: Catalogue): number {
  for (const { file, line, column, message } of catalogue.problems) {
    context.stderr.write(`${printable(`${file}:${line}:${column}: ${message}`)}\n`);
  }
  return catalogue.problems.filter((problem) => problem.severity === 'error').length;
}

const test: Command = {
  name: 'test',
  summary: 'runs the cases beside the detections',
  configure(node) {
    node
      .argument('[path]', 'a folder of detections, or one detection file; the shipped ones unless given')
      .option('--json', 'prints one JSON object a line, one per case');
  },
  async run(context, args, options) {
    const { catalogue, detections } = await chosen(context, args[0]);
    const broken = writeProblems(context, catalogue);
    const results = await runCases(catalogue, detections, detect);
    const failed = results.filter((result) => result.problems.length > 0);
    if (options['json'] === true) for (const result of results) context.stdout.write(`${safeJson(result)}\n`);
    else context.stdout.write(asText(results, failed, detections.length));
    return failed.length + broken > 0 ? 1 : 0;
  },
};

async function chosen(context: CommandContext, path: string | undefined) {
  if (path === undefined) {
    const catalogue = await loadCatalogue(shippedDetections);
    return { catalogue, detections: catalogue.detections };
  }
  const full = resolve(context.cwd, path);
  if (!existsSync(full))
    throw new ConfigError([`detections test: ${path} does not exist; name a folder or a .yml file.`]);
  if (statSync(full).isDirectory()) {
    const catalogue = await loadCatalogue(full);
    return { catalogue, detections: catalogue.detections };
  }
  const file = basename(full).replace(/\.cases(?=\.ya?ml$)/, '');
  const whole = await loadCatalogue(dirname(full));
  const problems = whole.problems.filter((problem) => problem.file === file);
  return {
    catalogue: { ...whole, problems },
    detections: whole.detections.filter((one) => one.file === file),
  };
}

function asText(results: readonly CaseResult[], failed: readonly CaseResult[], detections: number): string {
  const lines = failed.flatMap((result) => [
    `${printable(result.file)}:${result.line}: ${printable(result.name)}`,
    ...result.problems.map((problem) => `  ${printable(problem)}`),
  ]);
  const sum = `${detections} detections, ${results.length} cases, ${failed.length} failed`;
  return `${[...lines, sum].join('\n')}\n`;
}

/** `tenantwatch detections list|test|import`. Needs no configuration and no tenant. */
export const command: Command = {
  name: 'detections',
  summary: 'lists the detections, runs their cases, imports rules',
  children: [list, test, importCommand],
};
