import { parseArgs } from 'node:util';
import { Feed } from './feed.ts';
import { runOurs, type OurOutcome } from './ours.ts';
import { CURSOR_RULES, runCursor, type Outcome } from './rules.ts';
import { DAYS, hostileTrace, MINUTE, SOURCES, type Trace } from './trace.ts';

/**
 * `npm run bench:collection [-- --seed N]`: replays a hostile month against the product's plan and against the cursor
 * rules of comparable products. Exits 1 when ours loses a record that came within L, or does not count one that did not.
 */
const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } });
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed))
  throw new Error(`bench collection: --seed ${values.seed} is no whole number`);

const within = SOURCES.map((source, index) => hostileTrace(source, seed + index, false));
const total = within.reduce((sum, trace) => sum + trace.records.length, 0);
const names = SOURCES.map(({ name, latenessMs }) => `${name} (L ${latenessMs / 3_600_000} h)`).join(', ');
console.log(`${total} records of ${DAYS} days, seed ${seed}: ${names}`);
console.log('rule                                    lost   requests   readable to stored: p50      p95');
const ours = await ourOutcomes(within, true);
const lostWithin = tell('tenantwatch', within, ours);
for (const rule of CURSOR_RULES)
  tell(
    rule.rule,
    within,
    within.map((trace) => runCursor(rule, new Feed(trace, seed))),
  );
console.log(`rows of the ledger at the end: ${ours.reduce((sum, one) => sum + one.windows, 0)}`);

// Every quarter of an hour: lateness of days needs no interval of minutes, and the bench stays quick.
const beyond = SOURCES.map((source, index) =>
  hostileTrace({ ...source, intervalMs: 15 * MINUTE }, seed + 100 + index, true),
);
const count = beyond.reduce((sum, trace) => sum + trace.records.filter(isBeyond(trace)).length, 0);
console.log(`\na second trace: ${count} records come four to eight days later than L`);
const daily = await ourOutcomes(beyond, false);
const lostDaily = tell('(ours without the deep reconciliation)', beyond, daily);
const deep = await ourOutcomes(beyond, true);
const lostDeep = tell('tenantwatch', beyond, deep);
const counted = deep.reduce((sum, one) => sum + one.beyond, 0);
console.log(`counted in the ledger as later than L: ${counted} of ${count}`);

const stray = strays(beyond, daily) + strays(beyond, deep) + lostWithin;
if (stray > 0) console.log(`WRONG: ${stray} records that came within L are lost`);
const right = counted === count && lostDaily === count && lostDeep === 0;
if (!right) console.log('WRONG: a record that came later than L is lost and not counted');
process.exitCode = right && stray === 0 ? 0 : 1;

async function ourOutcomes(traces: readonly Trace[], deepToo: boolean): Promise<OurOutcome[]> {
  const outcomes: OurOutcome[] = [];
  for (const trace of traces) outcomes.push(await runOurs(new Feed(trace, seed), { deep: deepToo }));
  return outcomes;
}

/** Prints a line of the table and returns how many records are lost. */
function tell(rule: string, traces: readonly Trace[], outcomes: readonly Outcome[]): number {
  const waits: number[] = [];
  let lost = 0;
  traces.forEach((trace, index) => {
    for (const record of trace.records) {
      const at = outcomes[index]?.stored.get(record.id);
      if (at === undefined) lost += 1;
      else waits.push(at - record.readableAt);
    }
  });
  waits.sort((a, b) => a - b);
  const share = (part: number): string => length(waits[Math.floor(part * waits.length)] ?? 0);
  const requests = outcomes.reduce((whole, one) => whole + one.requests, 0);
  console.log(
    `${rule.padEnd(38)}${String(lost).padStart(6)}${String(requests).padStart(11)}${share(0.5).padStart(26)}${share(0.95).padStart(9)}`,
  );
  return lost;
}

function isBeyond(trace: Trace): (record: Trace['records'][number]) => boolean {
  return (record) => record.readableAt - record.at > trace.source.latenessMs;
}

/** Lost records that came within L: there must be none. */
function strays(traces: readonly Trace[], outcomes: readonly Outcome[]): number {
  return traces.reduce(
    (whole, trace, index) =>
      whole +
      trace.records.filter((record) => !isBeyond(trace)(record) && !outcomes[index]?.stored.has(record.id))
        .length,
    0,
  );
}

function length(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
