import { createReadStream, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ConfigError } from '../errors.ts';
import { logSources, ruleLogsource } from '../records/index.ts';
import { readPath, type EventLogSource } from '../sigma/index.ts';
import type { CommandContext } from './command.ts';

/** Where the records of Microsoft and of common collectors say when something happened. */
const TIME_FIELDS = [
  ...['createdDateTime', 'activityDateTime', 'detectedDateTime', 'CreationTime', 'TimeGenerated'],
  ...['@timestamp', 'UtcTime', 'timestamp', 'time'],
];
/** Longest line read as an event, in characters; the largest audit records have some hundred thousand. */
const MAX_LINE = 10_000_000;

export interface EventLine {
  /** Counts from 1. */
  readonly line: number;
  /** Null where the line holds no JSON object. */
  readonly event: object | null;
}

/** Yields the lines of a JSON lines file (.gz too, or - for standard input); empty lines are left out. */
export async function* readEvents(context: CommandContext, path: string): AsyncGenerator<EventLine> {
  let line = 0;
  for await (const text of createInterface({ input: open(context, path), crlfDelay: Infinity })) {
    line += 1;
    context.signal.throwIfAborted();
    if (text.trim() !== '') yield { line, event: text.length > MAX_LINE ? null : parseObject(text) };
  }
}

function open(context: CommandContext, path: string): Readable {
  if (path === '-') return process.stdin;
  const full = resolve(context.cwd, path);
  if (!existsSync(full)) throw new ConfigError([`${path} does not exist; name a file of JSON lines.`]);
  const file = createReadStream(full);
  return path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
}

function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** When the event happened, ms; null where no field says so. */
export function eventTime(event: object, field: string | null): number | null {
  for (const name of field === null ? TIME_FIELDS : [field]) {
    const [value] = readPath(event, name);
    const time = typeof value === 'number' ? value : typeof value === 'string' ? parseTime(value) : NaN;
    if (Number.isFinite(time)) return time;
  }
  return null;
}

/** Microsoft's audit records write UTC without saying so. */
function parseTime(text: string): number {
  const named = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || !/^\d{4}-\d{2}-\d{2}[T ]\d/.test(text);
  return Date.parse(named ? text : `${text.replace(' ', 'T')}Z`);
}

/**
 * Reads `--source`: a source of tenantwatch (`sign-ins`), `product/service` (`azure/signinlogs`), or the parts by
 * name (`product=windows,category=process_creation`). Throws ConfigError for anything else.
 */
export function parseLogSource(text: string): EventLogSource {
  if (logSources.has(text)) return ruleLogsource(text);
  const pair = /^([^/=,]+)\/([^/=,]+)$/.exec(text);
  if (pair) return { product: pair[1] ?? null, service: pair[2] ?? null };
  const parts = text.split(',').map((part) => /^(product|category|service)=(.+)$/.exec(part.trim()));
  if (parts.every((part) => part !== null))
    return Object.fromEntries(parts.map((part) => [part[1], part[2]])) as EventLogSource;
  const known = [...logSources.keys()].join(', ');
  throw new ConfigError([
    `--source '${text}' is no log source; write one of ${known}, product/service, or product=…,category=…,service=….`,
  ]);
}
