import BetterSqlite3 from 'better-sqlite3';

/** What must be the same whatever happened on the way, a line each. Ids of ours and times of reading are left out. */
export interface Facts {
  readonly events: readonly string[];
  readonly changes: readonly string[];
  readonly entities: readonly string[];
  readonly alerts: readonly string[];
}

export function readFacts(file: string): Facts {
  const db = new BetterSqlite3(file, { readonly: true });
  const list = (sql: string): string[] =>
    (db.prepare(sql).raw().all() as unknown[][]).map((row) => row.join(' | ')).sort();
  const facts = {
    events: list(`SELECT feed, native_id, occurred_at, content_hash FROM event WHERE feed <> 'changes'`),
    // What we can see of a tenant is known when it was first read, which trouble puts off; that it changed must not be told.
    changes: list(
      `SELECT activity, json_extract(raw, '$.id'), json_extract(raw, '$.after') FROM event
       WHERE feed = 'changes' AND activity <> 'capability added'`,
    ),
    entities: list('SELECT kind, id, hash FROM entity'),
    // A state began for us where it was read. So did what only a change between two reads shows: it has no time of its own.
    alerts: list(
      `SELECT a.detection_id, a.subject, a.cause, a.life, a.state, a.close_reason, a.level, a.historical,
         CASE WHEN e.records IS NOT NULL THEN a.occurrence_start END, e.records
       FROM alert a LEFT JOIN (
         SELECT tenant_id, alert_id, group_concat(native_id, ',' ORDER BY native_id) AS records
         FROM alert_evidence WHERE feed <> 'changes' GROUP BY tenant_id, alert_id) e
         ON a.life = 'event' AND e.tenant_id = a.tenant_id AND e.alert_id = a.id
       -- The program tells of its own troubles, which were real; none of them may last.
       WHERE a.merged_into IS NULL AND NOT (a.subject LIKE 'program:%' AND a.state = 'closed')`,
    ),
  };
  db.close();
  return facts;
}
