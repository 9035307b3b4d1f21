import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { SimulatorReady } from '../../src/commands/simulator-process.ts';

/** What must be the same whatever happened on the way. Ids and times of reading are left out: they may differ. */
export interface Facts {
  readonly events: string[];
  readonly entities: string[];
  readonly accounts: string[];
  readonly alerts: string[];
  readonly reports: string[];
  /** Message-IDs that the mail server took, each once. */
  readonly mails: string[];
}

export function readFacts(ready: SimulatorReady, folder: string): Facts {
  const db = new BetterSqlite3(join(folder, 'crash.db'), { readonly: true });
  const list = (sql: string): string[] =>
    (db.prepare(sql).raw().all() as unknown[][]).map((row) => row.join(' | ')).sort();
  const facts = {
    events: [
      ...list(
        `SELECT tenant_id, feed, native_id, occurred_at, content_hash FROM event WHERE feed <> 'changes'`,
      ),
      // A change is known by what changed; the reads around it lie where the reads were.
      ...list(
        `SELECT tenant_id, activity, json_extract(raw, '$.id'), json_extract(raw, '$.after') FROM event WHERE feed = 'changes'`,
      ),
    ],
    entities: list('SELECT tenant_id, kind, id, hash FROM entity'),
    accounts: list('SELECT tenant_id, id, enabled, disabled_since IS NULL FROM user_account'),
    alerts: list(
      `SELECT a.tenant_id, a.detection_id, a.subject, a.cause, a.life, a.state, a.close_reason, a.level, a.historical,
         CASE a.life WHEN 'event' THEN a.occurrence_start END,
         (SELECT group_concat(native_id, ',') FROM (SELECT native_id FROM alert_evidence e
           WHERE e.tenant_id = a.tenant_id AND e.alert_id = a.id AND e.feed <> 'changes' AND a.life = 'event' ORDER BY native_id))
       FROM alert a WHERE merged_into IS NULL`,
    ),
    reports: list('SELECT tenant_id, recipient, kind, number FROM report'),
    mails: receivedIds(ready),
  };
  db.close();
  return facts;
}

function receivedIds(ready: SimulatorReady): string[] {
  const folder = join(dirname(ready.stories_file), 'mails');
  const ids = readdirSync(folder)
    .filter((file) => file.endsWith('.eml'))
    .map(
      (file) =>
        /^message-id:\s*(<[^>]+>)/im.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? `none in ${file}`,
    );
  // A first look is named after the moment of enrolment, which lies where the first round was.
  return [...new Set(ids)].map((id) => id.replace(/^<first-look-[0-9a-f]+@/, '<first-look@')).sort();
}

/** What one has and the other lacks, line by line; empty = the same. */
export function differences<T extends { readonly [K in keyof T]: readonly string[] }>(
  calm: T,
  other: T,
): string[] {
  return (Object.keys(calm) as (keyof T & string)[]).flatMap((kind) => {
    const lines = [...new Set([...calm[kind], ...other[kind]])];
    const left = countLines(calm[kind]);
    const right = countLines(other[kind]);
    return lines
      .filter((line) => (left.get(line) ?? 0) !== (right.get(line) ?? 0))
      .map((line) => `${kind}: ${left.get(line) ?? 0} calm, ${right.get(line) ?? 0} here: ${line}`);
  });
}

function countLines(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}
