// One interface per table, in the order of db/migrations: the shape both dialects share.
// Booleans are 0 | 1; times are UTC epoch ms; JSON columns hold JSON text.
import type { Generated } from 'kysely';
import type { CorrelationHitTable, CorrelationWaitTable } from './schema-correlations.ts';
import type { GroupMemberTable, ManagedDeviceTable } from './schema-directory.ts';
import type { LagTable, LateRecordTable, LedgerTable } from './schema-ledger.ts';
import type {
  AuditContentTable,
  AuditFallbackTable,
  AuditQueryTable,
  AuditSubscriptionTable,
  ReadTable,
  RejectedRecordTable,
  RunTable,
  ScopeStateTable,
} from './schema-collect.ts';
import type { ProgramCapabilityTable, ProgramSourceTable, ProgramTroubleTable } from './schema-program.ts';
import type { OutboxTable, ReportTable, RollupDayTable, SuppressionTable } from './schema-reports.ts';

export type * from './schema-directory.ts';
export type * from './schema-ledger.ts';
export type * from './schema-program.ts';
export type * from './schema-collect.ts';
export type * from './schema-reports.ts';
export type * from './schema-correlations.ts';

export interface TenantTable {
  tenant_id: string;
  name: string;
  domain: string | null;
  cloud: string;
  timezone: string;
  origin: string;
  state: string;
  enrolled_at: number | null;
  next_ingest_seq: Generated<number>;
  created_at: number;
  updated_at: number;
}

export interface SettingTable {
  tenant_id: string;
  name: string;
  value: string;
  origin: string;
}

export interface CapabilityTable {
  tenant_id: string;
  name: string;
  from_at: number;
  to_at: number | null;
  state: string;
  reason: string | null;
  detail: string | null;
}

export interface SourceStateTable {
  tenant_id: string;
  source: string;
  delta_link: string | null;
  last_run_at: number | null;
  last_ok_at: number | null;
  last_status: string | null;
  last_reason: string | null;
  last_error: string | null;
}

export interface WindowTable {
  tenant_id: string;
  source: string;
  id: string;
  kind: string;
  from_at: number;
  to_at: number;
  status: string;
  attempts: Generated<number>;
  pages: Generated<number>;
  records: Generated<number>;
  next_try_at: number | null;
  read_started_at: number | null;
  finished_at: number | null;
  reason: string | null;
  created_at: number;
  late: Generated<number>;
  late_worst_ms: Generated<number>;
  reads: Generated<number>;
}

export interface EventTable {
  tenant_id: string;
  feed: string;
  native_id: string;
  occurred_at: number;
  canonical_id: string;
  origin: string;
  activity: string | null;
  outcome: string | null;
  actor_id: string | null;
  user_id: string | null;
  ip: string | null;
  app_id: string | null;
  country: string | null;
  ingested_at: number;
  ingest_seq: number;
  revision: number;
  read_started_at: number;
  content_hash: string;
  raw: string | null;
  block_id: string | null;
}

export interface EventBlockTable {
  tenant_id: string;
  id: string;
  codec: string;
  events: number;
  payload: Uint8Array;
  created_at: number;
}

export interface EntityTable {
  tenant_id: string;
  kind: string;
  id: string;
  json: string;
  raw: string | null;
  hash: string;
  valid_from: number;
  read_id: string;
}

export interface EntityVersionTable {
  tenant_id: string;
  kind: string;
  id: string;
  valid_from: number;
  valid_to: number | null;
  json: string;
}

export interface EntityStageTable {
  tenant_id: string;
  source: string;
  read_id: string;
  kind: string;
  id: string;
  removed: number;
  json: string;
}

export interface UserAccountTable {
  tenant_id: string;
  id: string;
  upn: string;
  name: string | null;
  kind: string;
  enabled: number;
  disabled_since: number | null;
  created_at: number | null;
  leave_at: number | null;
  synced: number;
  manager_id: string | null;
  department: string | null;
  usage_location: string | null;
  external_state: string | null;
}

export interface UserLicenceTable {
  tenant_id: string;
  user_id: string;
  sku_id: string;
}

export interface SignInActivityTable {
  tenant_id: string;
  user_id: string;
  /** Start of the read that brought this. */
  read_at: number;
  last_sign_in: number | null;
  last_non_interactive: number | null;
  last_successful: number | null;
}

export interface RoleAssignmentTable {
  tenant_id: string;
  id: string;
  principal_id: string;
  principal_kind: string | null;
  role_template_id: string;
  role: string | null;
  tier: number | null;
  scope: string;
}

export interface SubscribedSkuTable {
  tenant_id: string;
  sku_id: string;
  sku: string;
  consumed: number;
  enabled: number;
}

export interface OwnDomainTable {
  tenant_id: string;
  domain: string;
  origin: string;
}

export interface InboxRuleTable {
  tenant_id: string;
  mailbox_id: string;
  rule_id: string;
  name: string | null;
  enabled: number;
}

export interface RuleActionTable {
  tenant_id: string;
  mailbox_id: string;
  rule_id: string;
  action: string;
  target: string;
  target_domain: string | null;
}

export interface DetectionVersionTable {
  id: string;
  version: string;
  match_hash: string;
  title: string;
  level: string;
  life: string;
  catalogue: string | null;
  texts: string;
  steps: string;
  sources: string;
  reduced: string;
  file: string;
  current: number;
  seen_at: number;
}

export interface DetectCursorTable {
  tenant_id: string;
  cursor: number;
}

export interface DetectionBuildTable {
  tenant_id: string;
  detection_id: string;
  match_hash: string;
}

export interface HitTable {
  tenant_id: string;
  detection_id: string;
  canonical_id: string;
  kind: string;
  subject: string;
  cause: string;
  part_id: string;
  version: string;
  feed: string;
  native_id: string;
  occurred_at: number;
  from_at: number;
  to_at: number;
  origin: string;
  origin_rank: number;
  words: string;
  context: string;
  status: string;
  created_at: number;
  updated_at: number;
  /** Of a correlation's hit the group it is of; else the empty text. */
  group_hash: string;
}

export interface TermTable {
  tenant_id: string;
  detection_id: string;
  group_hash: string;
  term_hash: string;
  from_at: number;
  to_at: number;
}

export interface AlertTable {
  tenant_id: string;
  id: string;
  detection_id: string;
  version: string;
  subject: string;
  cause: string;
  occurrence_start: number;
  life: string;
  state: string;
  close_reason: string | null;
  closed_at: number | null;
  closed_by: string | null;
  close_note: string | null;
  level: string;
  expected_by: string | null;
  historical: number;
  first_event_at: number;
  last_event_at: number;
  last_true_at: number | null;
  capability: string | null;
  not_visible_since: number | null;
  withdrawn: Generated<number>;
  merged_into: string | null;
  words: string;
  created_at: number;
  updated_at: number;
}

export interface AlertEvidenceTable {
  tenant_id: string;
  alert_id: string;
  feed: string;
  native_id: string;
  at: number;
  withdrawn: Generated<number>;
}

export interface AssessmentTable {
  tenant_id: string;
  detection_id: string;
  from_at: number;
  to_at: number | null;
  state: string;
  reason: string | null;
}

export interface LeaseTable {
  tenant_id: string;
  name: string;
  holder: string;
  expires_at: number;
}

export interface Schema {
  tenant: TenantTable;
  setting: SettingTable;
  capability: CapabilityTable;
  source_state: SourceStateTable;
  window: WindowTable;
  ledger: LedgerTable;
  late_record: LateRecordTable;
  lag: LagTable;
  audit_subscription: AuditSubscriptionTable;
  audit_content: AuditContentTable;
  audit_query: AuditQueryTable;
  audit_fallback: AuditFallbackTable;
  read: ReadTable;
  scope_state: ScopeStateTable;
  run: RunTable;
  event: EventTable;
  event_block: EventBlockTable;
  rejected_record: RejectedRecordTable;
  entity: EntityTable;
  entity_version: EntityVersionTable;
  entity_stage: EntityStageTable;
  user_account: UserAccountTable;
  user_licence: UserLicenceTable;
  sign_in_activity: SignInActivityTable;
  role_assignment: RoleAssignmentTable;
  group_member: GroupMemberTable;
  program_capability: ProgramCapabilityTable;
  program_source: ProgramSourceTable;
  program_trouble: ProgramTroubleTable;
  managed_device: ManagedDeviceTable;
  subscribed_sku: SubscribedSkuTable;
  own_domain: OwnDomainTable;
  inbox_rule: InboxRuleTable;
  rule_action: RuleActionTable;
  detection_version: DetectionVersionTable;
  detect_cursor: DetectCursorTable;
  detection_build: DetectionBuildTable;
  hit: HitTable;
  term: TermTable;
  correlation_hit: CorrelationHitTable;
  correlation_wait: CorrelationWaitTable;
  alert: AlertTable;
  alert_evidence: AlertEvidenceTable;
  assessment: AssessmentTable;
  report: ReportTable;
  rollup_day: RollupDayTable;
  outbox: OutboxTable;
  lease: LeaseTable;
  suppression: SuppressionTable;
}
