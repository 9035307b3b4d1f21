import type { Act, StoredEvent } from '../model/event.ts';
import { readPath } from '../sigma/index.ts';
import type { CorrelationHitRow } from '../store/correlation-hits.ts';
import type { HitRow } from '../store/hits.ts';
import { keysOf, type Part } from './catalogue.ts';
import { correlationRows } from './correlation-rows.ts';
import type { Enricher, UsedContext } from './enrich.ts';
import { importedKeys } from './mapping/keys.ts';
import type { Projection } from './mapping/project.ts';
import type { OriginPlan, Plan, PlannedRule } from './plan.ts';
import { fillTemplate } from './template.ts';

/** What one event says now, and which parts were asked: only their earlier hits may be withdrawn. */
export interface Evaluated {
  readonly event: StoredEvent;
  readonly originRank: number;
  readonly hits: readonly HitRow[];
  /** Ids of the parts that were evaluated, and of the detections whose undos were looked for. */
  readonly asked: ReadonlySet<string>;
  /** What correlations count of it. */
  readonly correlated: readonly CorrelationHitRow[];
  /** `feedKey` of every correlation and rule under it that looked at it. */
  readonly fed: ReadonlySet<string>;
  /** Ids of the detections whose correlations left some of its groups or values out, because they are too many. */
  readonly truncated: readonly string[];
}

/** Names a rule as one correlation sees it. */
export function feedKey(correlation: string, rule: string): string {
  return `${correlation} ${rule}`;
}

type Raw = Record<string, unknown> & { context?: unknown };

/** Evaluates events against the rules that their origins can carry. `now` is UTC epoch ms. */
export function evaluateEvents(
  events: readonly StoredEvent[],
  plan: Plan,
  enricher: Enricher,
  now: number,
): Evaluated[] {
  const asked = new Map<OriginPlan, Pick<Evaluated, 'asked' | 'fed'>>();
  return events.map((event) => {
    const origin = plan.of(event.origin);
    const asks = asked.get(origin) ?? askedBy(origin);
    asked.set(origin, asks);
    return { event, originRank: origin.rank, ...evaluateEvent(event, origin, enricher, now), ...asks };
  });
}

function askedBy(plan: OriginPlan): Pick<Evaluated, 'asked' | 'fed'> {
  const parts = plan.rules.map((rule) => rule.part.id);
  return {
    asked: new Set([...parts, ...plan.undoable.map((one) => `undo:${one.id}`)]),
    fed: new Set(feedKeysOf(plan)),
  };
}

/** `feedKey` of every correlation and rule under it that runs on an origin. */
export function feedKeysOf(plan: OriginPlan): string[] {
  return plan.rules.flatMap(({ part, feeds }) => feeds.map((feed) => feedKey(feed.part.id, part.id)));
}

type Found = Pick<Evaluated, 'hits' | 'correlated' | 'truncated'>;
const NOTHING: Found = { hits: [], correlated: [], truncated: [] };

function evaluateEvent(event: StoredEvent, plan: OriginPlan, enricher: Enricher, now: number): Found {
  if (plan.rules.length === 0 && plan.undoable.length === 0) return NOTHING;
  const raw = JSON.parse(event.rawText) as Raw;
  const empty = { acts: null, projected: null, correlated: [], truncated: [] };
  const record: Looked = { event, raw, plan, enricher, now, ...empty };
  const hits: HitRow[] = [];
  for (const rule of plan.rules) {
    const found = rule.readsTarget ? matchEachAct(record, rule) : matchOnce(record, rule);
    if (found !== null) hits.push(...found);
  }
  if (plan.undoable.length > 0) hits.push(...undos(record));
  const { correlated, truncated } = record;
  return { hits: hits.length > 1 ? distinct(hits) : hits, correlated, truncated };
}

/** One event while it is looked at. Acts and projected fields are computed when the first rule needs them. */
interface Looked {
  readonly event: StoredEvent;
  readonly raw: Raw;
  readonly plan: OriginPlan;
  readonly enricher: Enricher;
  readonly now: number;
  acts: Act[] | null;
  projected: Map<Projection, object> | null;
  readonly correlated: CorrelationHitRow[];
  readonly truncated: string[];
}

function actsOf(record: Looked): Act[] {
  record.acts ??= record.plan.acts(record.raw);
  return record.acts;
}

function matches(record: Looked, rule: PlannedRule, act: Act | null): UsedContext | null {
  if (rule.readsContext) record.raw.context = record.enricher.contextOf(record.event, record.raw, act);
  if (!rule.rule.match(shownTo(record, rule))) return null;
  return rule.readsContext ? record.enricher.used() : {};
}

/** The record itself, or the fields of it that imported rules know. */
function shownTo(record: Looked, { projection }: PlannedRule): object {
  if (projection === null) return record.raw;
  record.projected ??= new Map();
  const event = record.projected.get(projection) ?? projection.of(record.raw);
  record.projected.set(projection, event);
  return event;
}

function matchOnce(record: Looked, rule: PlannedRule): HitRow[] | null {
  const used = matches(record, rule, null);
  if (used === null) return null;
  if (rule.feeds.length > 0) feedCorrelations(record, rule);
  if (rule.part.quiet) return null;
  const { act, id } = rule.detection;
  if (act === null) return [templateHit(record, rule, used)];
  return actsOf(record)
    .filter((one) => one.name === act && one.kind === 'do')
    .map((one) => makeHit(record, rule, used, one, id));
}

/** What each correlation over the rule counts of a record that it has matched. */
function feedCorrelations(record: Looked, { part, feeds, detection }: PlannedRule): void {
  const { event, raw, plan } = record;
  const [act] = actsOf(record);
  const words = act?.words ?? plan.words(raw);
  for (const feed of feeds) {
    const matched = { event, raw, originRank: plan.rank, act, words };
    const { rows, truncated } = correlationRows(feed, part.id, matched);
    record.correlated.push(...rows);
    if (truncated) record.truncated.push(detection.id);
  }
}

/** The rule asks what an act is about, so each act of the record is judged by itself. */
function matchEachAct(record: Looked, rule: PlannedRule): HitRow[] {
  const hits: HitRow[] = [];
  for (const act of actsOf(record)) {
    if (act.name !== rule.detection.act || act.kind !== 'do') continue;
    const used = matches(record, rule, act);
    if (used !== null) hits.push(makeHit(record, rule, used, act, rule.detection.id));
  }
  return hits;
}

function templateHit(record: Looked, rule: PlannedRule, used: UsedContext): HitRow {
  const act = actsOf(record)[0];
  const named: Act = {
    name: '',
    kind: 'do',
    ...keysFor(record, rule, act),
    words: act?.words ?? record.plan.words(record.raw),
  };
  return makeHit(record, rule, used, named, rule.detection.id);
}

function keysFor(record: Looked, rule: PlannedRule, act: Act | undefined): Pick<Act, 'subject' | 'cause'> {
  const fallback = fallbackSubject(record);
  if (rule.part.imported !== null) return importedKeys(record.event, record.raw, act, fallback);
  const keys = keysOf(rule.detection, rule.part);
  return {
    subject: fill(record, keys.subject) ?? act?.subject ?? fallback,
    cause: fill(record, keys.cause) ?? record.event.canonicalId,
  };
}

function fallbackSubject({ event }: Looked): string {
  if (event.userId !== null) return `user:${event.userId}`;
  return event.actorId === null ? `tenant:${event.tenantId}` : `user:${event.actorId}`;
}

function fill(record: Looked, template: Part['subject']): string | null {
  if (template === null) return null;
  const reads = template.parts.some((part, index) => index % 2 === 1 && part.startsWith('context.'));
  if (reads) record.raw.context = record.enricher.contextOf(record.event, record.raw, null);
  return fillTemplate(template, (name) => firstText(readPath(record.raw, name)));
}

function firstText(values: readonly unknown[]): string | null {
  for (const value of values) {
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  }
  return null;
}

/** Removals are kept for every detection that declares the act: they may arrive before what they undo. */
function undos(record: Looked): HitRow[] {
  const hits: HitRow[] = [];
  for (const act of actsOf(record)) {
    if (act.kind !== 'undo') continue;
    for (const detection of record.plan.undoable) {
      if (detection.act !== act.name) continue;
      hits.push(toRow(record, detection.id, `undo:${detection.id}`, detection.version, act, {}));
    }
  }
  return hits;
}

function makeHit(
  record: Looked,
  rule: PlannedRule,
  used: UsedContext,
  act: Act,
  detectionId: string,
): HitRow {
  return toRow(record, detectionId, rule.part.id, rule.detection.version, act, used);
}

function toRow(
  record: Looked,
  detectionId: string,
  partId: string,
  version: string,
  act: Act,
  used: UsedContext,
): HitRow {
  const { event, raw, plan, now } = record;
  // Only a change between two reads happened at an unknown instant; its record says between which.
  const between =
    event.feed === 'changes' && typeof raw['from'] === 'number' && typeof raw['to'] === 'number';
  return {
    tenant_id: event.tenantId,
    detection_id: detectionId,
    canonical_id: event.canonicalId,
    kind: act.kind,
    subject: act.subject,
    cause: act.cause,
    part_id: partId,
    version,
    feed: event.feed,
    native_id: event.nativeId,
    occurred_at: event.occurredAt,
    from_at: between ? (raw['from'] as number) : event.occurredAt,
    to_at: between ? (raw['to'] as number) : event.occurredAt,
    origin: event.origin,
    origin_rank: plan.rank,
    words: JSON.stringify(act.words),
    context: JSON.stringify(used),
    status: 'active',
    created_at: now,
    updated_at: now,
    group_hash: '',
  };
}

/** Two parts of one detection may say the same of one event: that is one hit. */
function distinct(hits: readonly HitRow[]): HitRow[] {
  const byKey = new Map<string, HitRow>();
  for (const hit of hits) {
    const key = hitKey(hit);
    if (!byKey.has(key)) byKey.set(key, hit);
  }
  return [...byKey.values()];
}

/** Text that is equal exactly for rows with equal primary keys (within one tenant). */
export function hitKey(hit: HitRow): string {
  return JSON.stringify([hit.detection_id, hit.canonical_id, hit.kind, hit.subject, hit.cause]);
}
