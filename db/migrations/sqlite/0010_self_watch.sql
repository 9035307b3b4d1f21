-- What the program knows of itself and of what each tenant lets it see, measured by the self-watch job for checks to read.
CREATE TABLE program_capability (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  area TEXT NOT NULL,
  state TEXT NOT NULL,
  state_before TEXT,
  reason TEXT,
  since INTEGER NOT NULL,
  needed INTEGER NOT NULL,
  detections INTEGER NOT NULL,
  titles TEXT NOT NULL,
  PRIMARY KEY (tenant_id, name)
) STRICT;

CREATE TABLE program_source (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  form TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  interval_ms INTEGER NOT NULL,
  last_ok_at INTEGER,
  last_new_at INTEGER,
  longest_gap_ms INTEGER,
  active_hours INTEGER NOT NULL,
  history_ms INTEGER NOT NULL,
  profiled_at INTEGER,
  p95_ms INTEGER,
  records INTEGER NOT NULL,
  usual_p95_ms INTEGER,
  usual_records INTEGER NOT NULL,
  throttled INTEGER NOT NULL,
  behind_ms INTEGER,
  behind_before_ms INTEGER,
  before_at INTEGER,
  PRIMARY KEY (tenant_id, source)
) STRICT;

-- Things of our own that may be wrong: gaps, credentials, mails, sight that was lost. The views give the columns their names.
CREATE TABLE program_trouble (
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  reason TEXT,
  since INTEGER,
  ends_at INTEGER,
  amount INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  titles TEXT NOT NULL,
  PRIMARY KEY (tenant_id, kind, id)
) STRICT;

-- Answers 429 that a run met.
ALTER TABLE run ADD COLUMN throttled INTEGER NOT NULL DEFAULT 0;
