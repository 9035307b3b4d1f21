import type { ManagementCall, ManagementReply } from './index.ts';
import { blobsOf, CONTENT_TYPES, type Blob, type ContentType } from './content.ts';
import * as failures from './failure.ts';
import { contentTypeIn, subscriptionOf } from './subscriptions.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 7 * DAY_MS;
/** Pieces in one answer; the real number is told nowhere. */
const PAGE_SIZE = 50;

/** `GET subscriptions/content`: what was created in [startTime, endTime), oldest first, in pages. */
export function listContent(call: ManagementCall): ManagementReply {
  const type = contentTypeIn(call);
  const subscription = subscriptionOf(call, type);
  if (!subscription) throw failures.noSubscription();
  if (subscription.status === 'disabled') throw failures.disabledSubscription();
  const { from, to } = range(call);
  const listed = blobsOf(call.tenant, type, subscription.startedAt).filter(
    ({ createdAt }) => createdAt >= from && createdAt < to && createdAt <= call.now,
  );
  const start = offset(call);
  const page = listed.slice(start, start + PAGE_SIZE);
  const body = page.map((blob) => listEntry(call, type, blob));
  if (start + PAGE_SIZE >= listed.length) return { body };
  return { body, headers: { NextPageUri: nextPage(call, start + PAGE_SIZE) } };
}

function listEntry(call: ManagementCall, contentType: ContentType, { id, createdAt }: Blob) {
  const base = `${call.simulation.origins.management}/api/v1.0/${call.tenant.id}/activity/feed`;
  return {
    contentUri: `${base}/audit/${id}`,
    contentId: id,
    contentType,
    contentCreated: new Date(createdAt).toISOString(),
    contentExpiration: new Date(createdAt + KEPT_MS).toISOString(),
  };
}

/** Both or neither, at most 24 h apart, begun at most 7 days ago; without them the last 24 h. */
function range({ query, now }: ManagementCall): { from: number; to: number } {
  const start = query.get('startTime');
  const end = query.get('endTime');
  if (start === null && end === null) return { from: now - DAY_MS, to: now };
  if (start === null || end === null) throw failures.wrongRange();
  const from = readTime('startTime', start);
  const to = readTime('endTime', end);
  if (to < from || to - from > DAY_MS || from < now - KEPT_MS) throw failures.wrongRange();
  return { from, to };
}

/**
 * YYYY-MM-DD, YYYY-MM-DDTHH:MM, YYYY-MM-DDTHH:MM:SS: UTC without saying so. The reference names no other form, but the
 * CLI for Microsoft 365 (pnp/cli-microsoft365, purview auditlog list) sends a fraction and a Z, and so works.
 */
function readTime(name: string, text: string): number {
  const form = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?$/;
  const zoned = text.length === 10 || text.endsWith('Z') ? text : `${text}Z`;
  const at = form.test(text) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(at)) throw failures.wrongType(name);
  return at;
}

function offset({ query }: ManagementCall): number {
  const token = query.get('nextPage');
  if (token === null) return 0;
  if (!/^\d{1,9}$/.test(token)) throw failures.wrongPage(token);
  return Number(token);
}

function nextPage({ simulation, tenant, query }: ManagementCall, at: number): string {
  const next = new URLSearchParams(query);
  next.set('nextPage', String(at));
  return `${simulation.origins.management}/api/v1/${tenant.id}/activity/feed/subscriptions/content/?${next.toString()}`;
}

/** `GET audit/{id}`: the records of one piece; the id names its type. */
export function readContent(call: ManagementCall): ManagementReply {
  const id = decodeURIComponent(call.path.slice('audit/'.length));
  const type = CONTENT_TYPES.find((one) => id.includes(`$${one.toLowerCase().replaceAll('.', '_')}$`));
  const subscription = type === undefined ? undefined : subscriptionOf(call, type);
  if (type === undefined || !subscription) throw failures.noContent(id);
  const blob = blobsOf(call.tenant, type, subscription.startedAt).find((one) => one.id === id);
  if (!blob || blob.createdAt > call.now) throw failures.noContent(id);
  if (blob.createdAt < call.now - KEPT_MS) throw failures.expiredContent(id);
  return { body: blob.records };
}
