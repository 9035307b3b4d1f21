/** Views over our own state, for checks; PostgreSQL's are made by migration 0010. */
export const programViews: Readonly<Record<string, readonly string[]>> = {
  v_capability: [
    'name',
    'area',
    'state',
    'state_before',
    'reason',
    'since',
    'needed',
    'detections',
    'titles',
  ],
  v_source: [
    'source',
    'form',
    'state',
    'reason',
    'interval_ms',
    'last_ok_at',
    'last_new_at',
    'longest_gap_ms',
    'active_hours',
    'history_ms',
  ],
  v_lag: ['source', 'history_ms', 'p95_ms', 'records', 'usual_p95_ms', 'usual_records'],
  v_backlog: ['source', 'throttled', 'behind_ms', 'behind_before_ms'],
  v_window_gap: ['id', 'source', 'from_at', 'to_at', 'reason', 'given_up_at'],
  v_own_credential: ['id', 'form', 'name', 'ends_at', 'replaced'],
  v_outbox_failure: ['id', 'recipient', 'since', 'failed', 'waiting', 'error'],
  v_lost_sight: ['id', 'source', 'why', 'since', 'detections', 'titles'],
};

/** SQLite's form of them; `of` limits a table to the tenant and counts its rows. */
export function sqliteProgramViews(of: (table: string) => string): string {
  const trouble = (kind: string) =>
    `FROM main.program_trouble WHERE ${of('program_trouble')} AND kind = '${kind}'`;
  return `
    CREATE TEMP VIEW v_capability AS
      SELECT name, area, state, state_before, reason, since, needed, detections, titles
      FROM main.program_capability WHERE ${of('program_capability')};
    CREATE TEMP VIEW v_source AS
      SELECT source, form, state, reason, interval_ms, last_ok_at, last_new_at, longest_gap_ms, active_hours, history_ms
      FROM main.program_source WHERE ${of('program_source')};
    CREATE TEMP VIEW v_lag AS
      SELECT source, history_ms, p95_ms, records, usual_p95_ms, usual_records
      FROM main.program_source WHERE ${of('program_source')};
    CREATE TEMP VIEW v_backlog AS
      SELECT source, throttled, behind_ms, behind_before_ms FROM main.program_source WHERE ${of('program_source')};
    CREATE TEMP VIEW v_window_gap AS
      SELECT id, name AS source, since AS from_at, ends_at AS to_at, reason, amount AS given_up_at ${trouble('gap')};
    CREATE TEMP VIEW v_own_credential AS
      SELECT id, reason AS form, name, ends_at, waiting AS replaced ${trouble('credential')};
    CREATE TEMP VIEW v_outbox_failure AS
      SELECT id, name AS recipient, since, amount AS failed, waiting, reason AS error ${trouble('mail')};
    CREATE TEMP VIEW v_lost_sight AS
      SELECT id, name AS source, reason AS why, since, amount AS detections, titles ${trouble('sight')};`;
}
