import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { checkAssertion } from './assertion.ts';
import type { GraphFailure } from './errors.ts';
import { faultAnswer, spoilAnswer } from './fault-answers.ts';
import type { Answer } from './exchange.ts';
import { exchangeAudiences, graphAudiences, managementAudiences } from './simulation.ts';
import type { Simulation } from './simulation.ts';
import { valuesNow } from './state.ts';
import type { AppState, TenantState } from './state.ts';
import * as problems from './token-errors.ts';
import type { TokenProblem } from './token-errors.ts';
import { TOKEN_LIFE_S } from './tokens.ts';

/** A refusal on the way to a token. */
class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal';
  readonly problem: TokenProblem;

  constructor(problem: TokenProblem) {
    super(problem.text);
    this.problem = problem;
  }
}

export interface AuthorityRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** `/{tenant}/v2.0/.well-known/openid-configuration`, `/{tenant}/oauth2/v2.0/token`, `/{tenant}/discovery/v2.0/keys`. */
export async function answerAuthority(simulation: Simulation, request: AuthorityRequest): Promise<Answer> {
  const [name = '', ...rest] = request.path.split('/').filter((segment) => segment !== '');
  const endpoint = rest.join('/');
  simulation.counters.count(`${request.method} /{tenant}/${endpoint}`);
  const tenant = findTenant(simulation, decodeURIComponent(name));
  const fault = simulation.faults.take(request.path, tenant?.id ?? null);
  if (fault?.kind === 'delay') await delay(fault.ms, undefined, { ref: false });
  const forced = faultAnswer(fault, (failure) => plainRefusal(simulation, failure));
  if (forced) return forced;
  const answer = answerEndpoint(simulation, request, endpoint, { name, tenant });
  return spoilAnswer(fault, answer) ?? answer;
}

interface NamedTenant {
  readonly name: string;
  readonly tenant: TenantState | undefined;
}

function answerEndpoint(
  simulation: Simulation,
  request: AuthorityRequest,
  endpoint: string,
  { name, tenant }: NamedTenant,
): Answer {
  if (request.method === 'GET' && endpoint === 'v2.0/.well-known/openid-configuration') {
    return tenant
      ? json(200, discovery(simulation, name, tenant))
      : refused(simulation, problems.unknownTenant(name, 'invalid_tenant'));
  }
  if (request.method === 'GET' && endpoint === 'discovery/v2.0/keys')
    return json(200, simulation.signer.keys);
  if (request.method !== 'POST' || endpoint !== 'oauth2/v2.0/token')
    return { status: 404, headers: {}, body: '' };
  if (!tenant) return refused(simulation, problems.unknownTenant(name, 'invalid_request'));
  try {
    return json(200, grant(simulation, tenant, name, new URLSearchParams(request.body)));
  } catch (error) {
    if (error instanceof TokenRefusal) return refused(simulation, error.problem);
    throw error;
  }
}

function findTenant(simulation: Simulation, name: string): TenantState | undefined {
  const wanted = name.toLowerCase();
  return [...simulation.tenants.values()].find(
    ({ id, domain }) => id === wanted || domain.toLowerCase() === wanted,
  );
}

/** v2-protocols-oidc.md; the host fields let a client tell the cloud (names UNVERIFIED). */
function discovery(simulation: Simulation, name: string, tenant: TenantState): Record<string, unknown> {
  const { authority, graph } = simulation.origins;
  return {
    token_endpoint: `${authority}/${name}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${authority}/${name}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${authority}/${tenant.id}/v2.0`,
    userinfo_endpoint: `${graph}/oidc/userinfo`,
    authorization_endpoint: `${authority}/${name}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${authority}/${name}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${authority}/${name}/oauth2/v2.0/logout`,
    tenant_region_scope: 'EU',
    cloud_instance_name: new URL(authority).host,
    msgraph_host: new URL(graph).host,
  };
}

function grant(
  simulation: Simulation,
  tenant: TenantState,
  name: string,
  form: URLSearchParams,
): Record<string, unknown> {
  const grantType = required(form, 'grant_type');
  if (grantType !== 'client_credentials') throw new TokenRefusal(problems.unsupportedGrant(grantType));
  const clientId = required(form, 'client_id');
  const app = findApp(tenant, clientId);
  authenticateClient(simulation, app, name, tenant, form);
  if (app.servicePrincipal === 'missing') {
    throw new TokenRefusal(problems.missingServicePrincipal(clientId, tenant.id));
  }
  const resource = readResource(required(form, 'scope'));
  const roles = rolesFor(simulation, tenant, resource);
  simulation.counters.report.tokens_issued++;
  const token = simulation.signer.issue(
    {
      tenant: tenant.id,
      clientId,
      principalId: principalOf(tenant, clientId, simulation.clock.now()),
      appName: 'tenantwatch',
      audience: resource,
      roles,
      certificate: form.has('client_assertion'),
      handlesClaims: /"cp1"/i.test(form.get('claims') ?? ''),
    },
    simulation.clock.now(),
  );
  const life = { expires_in: TOKEN_LIFE_S, ext_expires_in: TOKEN_LIFE_S };
  return { token_type: 'Bearer', ...life, access_token: token };
}

/** Object id of the app's service principal; where the directory shows none, one made of tenant and app. */
function principalOf(tenant: TenantState, clientId: string, now: number): string {
  const found = valuesNow(tenant.directory.servicePrincipals.values(), now).find(
    ({ appId }) => appId === clientId,
  );
  if (found) return String(found['id']);
  const hex = createHash('sha256').update(`${tenant.id}|${clientId}`).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw new TokenRefusal(problems.missingParameter(name));
  return value;
}

function findApp(tenant: TenantState, clientId: string): AppState {
  const { app } = tenant;
  if (app.app === 'missing' || app.clientId.toLowerCase() !== clientId.toLowerCase()) {
    throw new TokenRefusal(problems.unknownApp(clientId, tenant.name));
  }
  if (app.servicePrincipal === 'disabled')
    throw new TokenRefusal(problems.disabledApp(clientId, 'tenantwatch'));
  return app;
}

function authenticateClient(
  simulation: Simulation,
  app: AppState,
  name: string,
  tenant: TenantState,
  form: URLSearchParams,
): void {
  const assertion = form.get('client_assertion');
  const secret = form.get('client_secret');
  if (assertion === null && secret === null) throw new TokenRefusal(problems.missingCredential());
  const problem = assertion === null ? checkSecret(app, secret ?? '') : checkSigned(assertion);
  if (problem) throw new TokenRefusal(problem);

  function checkSigned(signed: string): TokenProblem | null {
    const wanted = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    if (form.get('client_assertion_type') !== wanted)
      return problems.missingParameter('client_assertion_type');
    const base = simulation.origins.authority;
    const audiences = [name, tenant.id].flatMap((id) => [
      `${base}/${id}/oauth2/v2.0/token`,
      `${base}/${id}/v2.0`,
    ]);
    const { clientId, certificates } = app;
    return checkAssertion(signed, { clientId, certificates, audiences, seen: simulation.seenAssertions });
  }
}

function checkSecret({ clientId, secret }: AppState, given: string): TokenProblem | null {
  if (secret.state === 'removed' || given !== secret.value) return problems.wrongSecret(clientId);
  return secret.state === 'expired' ? problems.expiredSecret(clientId) : null;
}

function readResource(scope: string): string {
  const resource = /^(\S+?)\/?\/\.default$/.exec(scope)?.[1];
  if (resource === undefined) throw new TokenRefusal(problems.invalidScope(scope));
  return resource;
}

/** The granted application permissions of one resource: a token never carries those of another. */
function rolesFor(simulation: Simulation, tenant: TenantState, resource: string): readonly string[] {
  const isFeed = (role: string): boolean =>
    role.startsWith('ActivityFeed.') || role.startsWith('ServiceHealth.');
  const isExchange = (role: string): boolean => role.startsWith('Exchange.') || role === 'full_access_as_app';
  if (graphAudiences(simulation).includes(resource))
    return tenant.app.roles.filter((role) => !isFeed(role) && !isExchange(role));
  if (exchangeAudiences(simulation).includes(resource)) return tenant.app.roles.filter(isExchange);
  if (managementAudiences(simulation).includes(resource)) return tenant.app.roles.filter(isFeed);
  throw new TokenRefusal(problems.unknownResource(resource, tenant.name));
}

function refused(simulation: Simulation, problem: TokenProblem): Answer {
  return json(problem.status, problems.tokenErrorBody(problem, simulation.clock.now()));
}

/** A fault's status has no AADSTS number of its own: 90055 stands for throttling and outage (reference-error-codes.md). */
function plainRefusal(simulation: Simulation, failure: GraphFailure): Answer {
  const problem = {
    code: 90055,
    error: 'temporarily_unavailable',
    status: failure.status,
    text: failure.message,
  };
  const answer = refused(simulation, problem);
  return { ...answer, headers: { ...answer.headers, ...failure.headers } };
}

function json(status: number, body: Record<string, unknown>): Answer {
  return {
    status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store, no-cache',
      'x-ms-request-id': randomUUID(),
    },
    body: JSON.stringify(body),
  };
}
