import type { Graph } from '../microsoft/index.ts';
import type { RawObject, StateCollector, StateOptions, StatePart } from './collector.ts';
import { stateIntervals } from './settings.ts';

/**
 * How federated domains are federated: whose signature opens every account in them. A permission of its own, and a request
 * for each federated domain, of which most tenants have none. Also needs Domain.Read.All, which `domains` asks for.
 * https://learn.microsoft.com/graph/api/domain-list-federationconfiguration
 */
export const domainFederation: StateCollector = {
  kind: 'state',
  source: 'domain-federation',
  needs: { permission: 'Domain-InternalFederation.Read.All', licence: null },
  intervalMs: stateIntervals.policies,
  kinds: ['domain_federation'],
  read: readFederations,
};

async function* readFederations(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const { signal } = options;
  const list = { what: 'read the domains', needs: 'Domain.Read.All', signal };
  const what = 'read the federation of a domain';
  for await (const page of graph.pages('/domains', list)) {
    for (const domain of page.records.flatMap(federated)) {
      const path = `/domains/${encodeURIComponent(domain)}/federationConfiguration`;
      const configurations = graph.pages(path, { what, needs: domainFederation.needs.permission, signal });
      for await (const { records } of configurations) {
        yield { type: 'page', scope: '*', ...toFederations(domain, records) };
      }
    }
  }
  yield { type: 'done', scope: '*', completeFor: ['domain_federation'] };
}

function federated(domain: unknown): string[] {
  if (typeof domain !== 'object' || domain === null) return [];
  const { id, authenticationType } = domain as { id?: unknown; authenticationType?: unknown };
  return typeof id === 'string' && authenticationType === 'Federated' ? [id] : [];
}

function toFederations(
  domain: string,
  records: readonly unknown[],
): { objects: RawObject[]; unreadable: unknown[] } {
  const objects: RawObject[] = [];
  const unreadable: unknown[] = [];
  for (const configuration of records) {
    const id =
      typeof configuration === 'object' && configuration !== null
        ? (configuration as { id?: unknown }).id
        : undefined;
    if (typeof id !== 'string' || id === '') unreadable.push(configuration);
    else
      objects.push({
        kind: 'domain_federation',
        id: `${domain}/${id}`,
        removed: false,
        raw: { domain, configuration },
      });
  }
  return { objects, unreadable };
}
