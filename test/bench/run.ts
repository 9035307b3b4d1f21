import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchPart } from './bench.ts';
import { DEFAULTS, PARTS, runPart } from './bench.ts';
import { toLine } from './report.ts';

/**
 * `npm run bench [-- --only PART,… --rules DIR --records N --rounds N]`: speed as ratios of one run, with the size of
 * the machine. A goal that is missed is told, and is no failure: the machine may be the reason.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: PARTS.join() },
    rules: { type: 'string' },
    records: { type: 'string', default: String(DEFAULTS.records) },
    rounds: { type: 'string', default: String(DEFAULTS.rounds) },
  },
});
const options = {
  ...DEFAULTS,
  records: wholeNumber('records', values.records),
  rounds: wholeNumber('rounds', values.rounds),
  rules: values.rules ?? null,
};
const parts = values.only.split(',').map(partOf);
console.log(
  `${options.records} records, ${options.rounds} rounds, ${cpus().length} cores, Node ${process.version}`,
);
for (const part of parts) for (const figure of await runPart(part, options)) console.log(toLine(figure));

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`bench: --${name} ${text} is no whole number above 0`);
}

function partOf(text: string): BenchPart {
  const part = PARTS.find((one) => one === text);
  if (part !== undefined) return part;
  throw new Error(`bench: --only ${text} is not one of ${PARTS.join(', ')}`);
}
