import type { TenantState } from '../state.ts';
import type { ManagementCall, ManagementReply } from './index.ts';
import { CONTENT_TYPES, type ContentType } from './content.ts';
import { alreadyEnabled, invalidContentType, missingParameter, noSubscription } from './failure.ts';

/** A subscription of one app in one tenant. */
export interface Subscription {
  readonly contentType: ContentType;
  /** UTC epoch ms. */
  readonly startedAt: number;
  readonly status: 'enabled' | 'disabled';
}

export function contentTypeIn({ query }: ManagementCall): ContentType {
  const given = query.get('contentType');
  if (given === null || given === '') throw missingParameter('contentType');
  const known = CONTENT_TYPES.find((type) => type === given);
  if (known === undefined) throw invalidContentType();
  return known;
}

export function subscriptionOf(
  { tenant, claims }: ManagementCall,
  type: ContentType,
): Subscription | undefined {
  return tenant.subscriptions.get(`${claims.appid}|${type}`);
}

/** A stopped subscription begins anew: what happened meanwhile is not in it. */
export function startSubscription(call: ManagementCall): ManagementReply {
  const contentType = contentTypeIn(call);
  if (subscriptionOf(call, contentType)?.status === 'enabled') throw alreadyEnabled();
  call.tenant.subscriptions.set(`${call.claims.appid}|${contentType}`, {
    contentType,
    startedAt: call.now,
    status: 'enabled',
  });
  return { body: { contentType, status: 'enabled', webhook: null } };
}

/** Starts those of all content types for the watching app. */
export function startAll(tenant: TenantState, now: number): void {
  for (const contentType of CONTENT_TYPES) {
    const key = `${tenant.app.clientId}|${contentType}`;
    tenant.subscriptions.set(key, { contentType, startedAt: now, status: 'enabled' });
  }
}

export function stopSubscription(call: ManagementCall): ManagementReply {
  const contentType = contentTypeIn(call);
  if (!subscriptionOf(call, contentType)) throw noSubscription();
  call.tenant.subscriptions.delete(`${call.claims.appid}|${contentType}`);
  return { body: '' };
}

/** A bare array. */
export function listSubscriptions({ tenant, claims }: ManagementCall): ManagementReply {
  const own = [...tenant.subscriptions].filter(([key]) => key.startsWith(`${claims.appid}|`));
  return { body: own.map(([, { contentType, status }]) => ({ contentType, status, webhook: null })) };
}
