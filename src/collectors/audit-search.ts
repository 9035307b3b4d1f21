import type { Graph, SearchRequest } from '../microsoft/index.ts';

/** The permission to search all of it; those with a workload in their name show that one only [graph-facts A]. */
export const SEARCH_PERMISSION = 'AuditLogsQuery.Read.All';

/** Which source brings a record of this workload otherwise; everything else is `audit-general`. */
const SOURCES: ReadonlyMap<string, string> = new Map([
  ['azureactivedirectory', 'audit-azure-ad'],
  ['exchange', 'audit-exchange'],
  ['sharepoint', 'audit-sharepoint'],
  ['onedrive', 'audit-sharepoint'],
]);

/** Records are a handful of levels deep; what is deeper is left as it is, and the parser refuses it. */
const DEEPEST = 100;

/** How searches are asked for and worded. */
export function searchRequest(signal: AbortSignal): SearchRequest {
  return { what: 'search the audit log', needs: SEARCH_PERMISSION, signal };
}

/** Whether the app's token lets it search; asked of the token, so that nothing is tried in vain. */
export async function maySearch(graph: Graph): Promise<boolean> {
  return (await graph.roles()).includes(SEARCH_PERMISSION);
}

/**
 * A record as the Management API sends it: Graph writes type annotations beside the lists of the raw record, at every depth
 * [wire-facts]. Without them the same record has the same hash, whichever interface brought it.
 */
export function plainRecord(raw: unknown, depth = 0): unknown {
  if (typeof raw !== 'object' || raw === null || depth > DEEPEST) return raw;
  if (Array.isArray(raw)) return raw.map((item) => plainRecord(item, depth + 1));
  const entries = Object.entries(raw).filter(([key]) => !key.includes('@odata.'));
  return Object.fromEntries(entries.map(([key, value]) => [key, plainRecord(value, depth + 1)]));
}

/** The source that a record of a search belongs to. */
export function sourceOfRecord(raw: unknown): string {
  const record = isObject(raw) ? raw : {};
  const inner = isObject(record['auditData']) ? record['auditData'] : {};
  const workload = inner['Workload'] ?? record['service'];
  return SOURCES.get(typeof workload === 'string' ? workload.toLowerCase() : '') ?? 'audit-general';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
