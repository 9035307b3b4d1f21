import { styleText } from 'node:util';
import { DateTime } from 'luxon';
import type { CoverageDay, HourState } from '../jobs/coverage-hours.ts';
import { tenantCoverages, type SourceCoverageFacts, type TenantCoverage } from '../jobs/coverage.ts';
import type { Lag } from '../store/lateness.ts';
import type { Command, CommandContext } from './command.ts';
import { withRuntime } from './runtime.ts';
import { printable, safeJson } from './table.ts';

/** Exit code for a request that cannot be carried out as it was made. */
const USAGE = 2;
const UNITS = { h: 3_600_000, d: 24 * 3_600_000 } as const;

/** `tenantwatch coverage [--tenant X] [--since 7d|ISO] [--json]`: what was seen, hour by hour and source by source. Exits 0. */
export const command: Command = {
  name: 'coverage',
  summary: 'shows what was seen, hour by hour and source by source',
  configure(node) {
    node
      .option('--tenant <id>', 'of this tenant only (id, name or domain)')
      .option('--since <time>', 'from when on: 7d, 36h, or an ISO time', '7d')
      .option('--json', 'prints one JSON object a line, one per tenant');
  },
  run: (context, _args, options) =>
    withRuntime(context, async (runtime) => {
      const now = runtime.clock.now();
      const tenant = typeof options['tenant'] === 'string' ? options['tenant'] : null;
      const from = sinceOf(String(options['since']), now);
      if (from === null) {
        context.stderr.write(
          `tenantwatch: --since ${printable(String(options['since']))}: give a length such as 7d or 36h, or a past time such as 2026-11-17\n`,
        );
        return USAGE;
      }
      const span = { from, to: now };
      const found = await tenantCoverages(runtime.database.db, span, now, tenant);
      if (options['json'] === true) {
        for (const one of found) context.stdout.write(`${safeJson(one)}\n`);
        return 0;
      }
      if (found.length === 0) context.stdout.write(nobody(tenant));
      for (const one of found) context.stdout.write(`${asPicture(one, context)}\n`);
      return 0;
    }),
};

/** UTC epoch ms; null for what is neither a length nor a time before now. An ISO time without a zone is UTC. */
export function sinceOf(text: string, now: number): number | null {
  const [, count, unit] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * UNITS[unit as keyof typeof UNITS];
  const at = DateTime.fromISO(text, { zone: 'utc' });
  return at.isValid && at.toMillis() < now ? at.toMillis() : null;
}

function nobody(tenant: string | null): string {
  if (tenant === null) return "no tenant is watched; see 'tenantwatch config'\n";
  return `no tenant ${printable(tenant)} is known; 'tenantwatch status' lists them\n`;
}

interface Mark {
  readonly sign: string;
  readonly words: string;
  readonly colour: Parameters<typeof styleText>[0];
}

const MARKS: Readonly<Record<HourState, Mark>> = {
  seen: { sign: '#', words: 'seen', colour: 'green' },
  settling: { sign: '~', words: 'settling: late records may still come', colour: 'cyan' },
  partly: { sign: '+', words: 'partly', colour: 'yellow' },
  unseen: { sign: '.', words: 'not seen', colour: 'red' },
  given_up: { sign: 'x', words: 'given up', colour: 'red' },
  not_visible: { sign: '-', words: 'not visible (licence or permission)', colour: 'gray' },
  nothing_due: { sign: ' ', words: 'blank: before enrolment or retention, or still to come', colour: 'gray' },
};

function asPicture(tenant: TenantCoverage, context: CommandContext): string {
  const day = (at: number): string =>
    DateTime.fromMillis(at, { zone: tenant.zone }).toFormat('yyyy-MM-dd HH:mm');
  const head = `${printable(tenant.name)} (${tenant.id}), ${day(tenant.from)} to ${day(tenant.to)}, hours of ${tenant.zone}`;
  if (tenant.enrolledAt === null) return `${head}\nnothing was read yet; run 'tenantwatch collect'\n`;
  const width = Math.max(...tenant.sources.map((source) => source.source.length)) + 2;
  return [
    head,
    legend(context.colour),
    `${' '.repeat(width + LABEL)}0     6     12    18`,
    ...tenant.sources.flatMap((source) => sourceLines(source, tenant, width, context.colour)),
    total(tenant),
    '',
  ].join('\n');
}

/** Characters before the hours: `Tue 17.11. - Mon 23.11. `. */
const LABEL = 24;

function legend(colour: boolean): string {
  return Object.values(MARKS)
    .map(({ sign, words, colour: style }) =>
      sign === ' ' ? words : `${paint(sign, style, colour)} ${words}`,
    )
    .join('   ');
}

/** One line a day, days that look alike in one; sums behind the last. What is not visible at all is one line. */
function sourceLines(
  source: SourceCoverageFacts,
  tenant: TenantCoverage,
  width: number,
  colour: boolean,
): string[] {
  const groups: CoverageDay[][] = [];
  for (const day of source.days) {
    const last = groups.at(-1);
    if (last !== undefined && pattern(last[0]) === pattern(day)) last.push(day);
    else groups.push([day]);
  }
  const shown = source.hoursDue === 0 ? groups.slice(-1) : groups;
  return shown.map((days, index) => {
    const name = (index === 0 ? source.source : '').padEnd(width);
    const hours = days[0]?.hours ?? [];
    const signs = hours.map((hour) => paint(MARKS[hour].sign, MARKS[hour].colour, colour)).join('');
    const end = index === shown.length - 1 ? `${' '.repeat(27 - hours.length)}${sums(source, tenant)}` : '';
    return `${name}${labelOf(days, source).padEnd(LABEL)}${signs}${end}`.trimEnd();
  });
}

function labelOf(days: readonly CoverageDay[], source: SourceCoverageFacts): string {
  const [first, last] = [source.hoursDue === 0 ? source.days[0] : days[0], days.at(-1)];
  return first === last ? dayName(first) : `${dayName(first)} - ${dayName(last)}`;
}

function pattern(day: CoverageDay | undefined): string {
  return (day?.hours ?? []).map((hour) => MARKS[hour].sign).join('');
}

function dayName(day: CoverageDay | undefined): string {
  return DateTime.fromISO(day?.date ?? '').toFormat('ccc dd.MM.', { locale: 'en' });
}

function sums(source: SourceCoverageFacts, tenant: TenantCoverage): string {
  if (source.hoursDue === 0) return source.hours.not_visible > 0 ? 'not visible' : 'nothing due yet';
  const parts = [`${source.hoursSeen} of ${source.hoursDue} hours seen`];
  if (source.hours.given_up > 0) parts.push(`${source.hours.given_up} given up`);
  if (source.hours.not_visible > 0) parts.push(`${source.hours.not_visible} not visible`);
  if (source.kind === 'log')
    parts.push(lateWords(source), ...lagWords(source), watermarkWords(source, tenant));
  return parts.join('; ');
}

function lateWords({ late, latenessMs }: SourceCoverageFacts): string {
  const records = late.reduce((sum, one) => sum + one.records, 0);
  if (records === 0) return 'no late records';
  const by = late.map((one) => {
    if (one.foundBy !== 'beyond') return `${one.foundBy} ${one.records}`;
    return `${one.records} later than ${length(latenessMs ?? 0)}`;
  });
  const worst = Math.max(...late.map((one) => one.worstMs));
  return `${records} late (${by.join(', ')}; up to ${length(worst)})`;
}

function lagWords({ lag, readableLag }: SourceCoverageFacts): string[] {
  const words = (name: string, one: Lag | null): string[] =>
    one === null ? [] : [`${name} p50 ${length(one.p50)}, p95 ${length(one.p95)}, p99 ${length(one.p99)}`];
  return [...words('lag', lag), ...words('from readable', readableLag)];
}

function watermarkWords({ watermark }: SourceCoverageFacts, { zone }: TenantCoverage): string {
  if (watermark === null) return 'no watermark yet';
  return `complete to ${DateTime.fromMillis(watermark, { zone }).toFormat('dd.MM. HH:mm')}`;
}

function total({ sources }: TenantCoverage): string {
  const sum = (count: (source: SourceCoverageFacts) => number): number =>
    sources.reduce((whole, source) => whole + count(source), 0);
  const late = sum((source) => source.late.reduce((whole, one) => whole + one.records, 0));
  const lost = sum((source) => source.late.find((one) => one.foundBy === 'beyond')?.records ?? 0);
  const hours = `${sum((source) => source.hoursSeen)} of ${sum((source) => source.hoursDue)} hours of all sources seen`;
  return `${hours}; ${late} late records, ${lost} of them beyond what is looked for daily; ${sum((source) => source.hours.given_up)} hours given up`;
}

/** `45 s`, `12 min`, `3.5 h`, `4 d`. */
function length(ms: number): string {
  const round = (value: number): string =>
    String(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
  if (ms < 60_000) return `${round(ms / 1000)} s`;
  if (ms < 2 * UNITS.h) return `${round(ms / 60_000)} min`;
  if (ms < 2 * UNITS.d) return `${round(ms / UNITS.h)} h`;
  return `${round(ms / UNITS.d)} d`;
}

function paint(text: string, style: Mark['colour'], colour: boolean): string {
  // Whether it may be coloured was decided from the terminal and NO_COLOR before; Node would look at its own stream.
  return colour ? styleText(style, text, { validateStream: false }) : text;
}
