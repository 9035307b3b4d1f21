import { GraphFailure } from './errors.ts';
import type { RouteMatch } from './routes/index.ts';
import type { Simulation } from './simulation.ts';
import type { Bucket } from './throttle.ts';
import type { TokenClaims } from './tokens.ts';

/**
 * Resource units of a read (graph-facts C); the longest beginning of the path counts. What the table leaves out costs one,
 * as Microsoft's own does (from general knowledge, UNVERIFIED).
 */
const COSTS: readonly (readonly [path: RegExp, cost: number])[] = [
  [/^groups\/[^/]+\/transitivemembers/, 5],
  [/^groups\/[^/]+\/members/, 3],
  [/^groups/, 3],
  [/^users/, 2],
  [/^applications/, 2],
  [/^oauth2permissiongrants/, 2],
  [/^subscribedskus/, 3],
  [/^(organization|domains|devices|serviceprincipals|rolemanagement|directoryroles)/, 1],
];

/** $top below this costs less. */
const FEW = 20;

/** A request in front of the quotas. `queryText` is as sent, without the question mark. */
export interface Asked {
  readonly path: string;
  readonly queryText: string;
  readonly match: RouteMatch;
  readonly claims: TokenClaims;
}

/** Counts a request against every quota that it falls under. Throws the 429 of the first that is full (concepts/throttling.md). */
export function checkQuotas(simulation: Simulation, { path, queryText, match, claims }: Asked): void {
  const { bucket } = match.route;
  const query = new URLSearchParams(queryText);
  const mailbox = bucket === 'outlook' ? (match.params[0] ?? '').toLowerCase() : '';
  if (bucket !== undefined) admit(simulation, bucket, claims, { mailbox });
  const cost = bucket === undefined ? costOf(path.toLowerCase(), query) : 0;
  if (cost > 0) admit(simulation, 'directory', claims, { cost });
  // [graph/api/serviceprincipal: keyCredentials] 150 requests a minute and tenant.
  if (/^serviceprincipals/i.test(path) && (query.get('$select') ?? '').includes('keyCredentials'))
    admit(simulation, 'key-credentials', claims, {});
}

/** 0 for what is no part of the directory. */
function costOf(path: string, query: URLSearchParams): number {
  const [, base = 0] = COSTS.find(([beginning]) => beginning.test(path)) ?? [];
  if (base === 0) return 0;
  const top = Number(query.get('$top') ?? FEW);
  const change = (query.has('$select') ? -1 : 0) + (query.has('$expand') ? 1 : 0) + (top < FEW ? -1 : 0);
  return Math.max(1, base + change);
}

function admit(
  simulation: Simulation,
  bucket: Bucket,
  { tid: tenant, appid: app }: TokenClaims,
  more: { readonly mailbox?: string; readonly cost?: number },
): void {
  const refused = simulation.throttle.admit(bucket, { tenant, app, ...more }, simulation.clock.now());
  if (!refused) return;
  const headers: Record<string, string> =
    refused.retryAfterS === null ? {} : { 'Retry-After': String(refused.retryAfterS) };
  throw new GraphFailure(429, 'TooManyRequests', 'Too many requests', headers);
}
