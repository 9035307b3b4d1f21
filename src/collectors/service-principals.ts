import type { Graph } from '../microsoft/index.ts';
import { servicePrincipalSelect, servicePrincipalSelectPlain } from '../records/index.ts';
import { toObjects, type StateCollector, type StateOptions, type StatePart } from './collector.ts';
import { firstKnown } from './first-known.ts';
import { stateIntervals } from './settings.ts';

/**
 * Every application that is present in the tenant, Microsoft's own among them. Selecting keyCredentials is limited to 150
 * requests a minute and tenant [graph-facts C]; this is one for each 999.
 * https://learn.microsoft.com/graph/api/serviceprincipal-list
 */
export const servicePrincipals: StateCollector = {
  kind: 'state',
  source: 'service-principals',
  needs: { permission: 'Application.Read.All', licence: null },
  intervalMs: stateIntervals.directory,
  kinds: ['service_principal'],
  read: readServicePrincipals,
};

async function* readServicePrincipals(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const request = {
    what: 'read service principals',
    needs: servicePrincipals.needs.permission,
    signal: options.signal,
  };
  const ask = (select: readonly string[]) => () =>
    graph.pages('/servicePrincipals', { ...request, query: { $select: select.join(','), $top: '999' } });
  for await (const page of firstKnown([ask(servicePrincipalSelect), ask(servicePrincipalSelectPlain)])) {
    yield { type: 'page', scope: '*', ...toObjects('service_principal', page.records) };
  }
  yield { type: 'done', scope: '*', completeFor: ['service_principal'] };
}
