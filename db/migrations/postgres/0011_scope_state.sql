-- How each scope of a state source was last read: asked at every round, so that it is kept beside the history in `read`.
CREATE TABLE scope_state (
  tenant_id TEXT NOT NULL,
  source TEXT NOT NULL,
  scope TEXT NOT NULL,
  first_ok_at BIGINT,
  ok_at BIGINT,
  ok_read_id TEXT,
  ok_capability TEXT,
  last_at BIGINT NOT NULL,
  last_status TEXT NOT NULL,
  last_reason TEXT,
  PRIMARY KEY (tenant_id, source, scope)
);

INSERT INTO scope_state
SELECT r.tenant_id, r.source, r.scope,
  (SELECT MIN(o.started_at) FROM read o WHERE o.tenant_id = r.tenant_id AND o.source = r.source AND o.scope = r.scope
    AND o.status = 'ok'),
  k.started_at, k.read_id, k.capability, r.started_at, r.status, r.reason
FROM read r
LEFT JOIN read k ON k.tenant_id = r.tenant_id AND k.source = r.source AND k.scope = r.scope AND k.status = 'ok'
  AND k.read_id = (SELECT o.read_id FROM read o WHERE o.tenant_id = r.tenant_id AND o.source = r.source
    AND o.scope = r.scope AND o.status = 'ok' ORDER BY o.started_at DESC, o.read_id DESC LIMIT 1)
WHERE r.read_id = (SELECT n.read_id FROM read n WHERE n.tenant_id = r.tenant_id AND n.source = r.source
  AND n.scope = r.scope ORDER BY n.started_at DESC, n.read_id DESC LIMIT 1);
