import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Raw } from '../../world.ts';
import { GraphFailure } from '../errors.ts';
import type { Answer } from '../exchange.ts';
import { faultAnswer } from '../fault-answers.ts';
import type { FaultRule } from '../faults.ts';
import { exchangeAudiences, type Simulation } from '../simulation.ts';
import type { TenantState } from '../state.ts';
import { badRequest, ExchangeFailure, forbidden, notFound } from './failure.ts';
import { DOCUMENTED, KNOWN, mailboxesOf, type Mailbox } from './mailboxes.ts';

export interface ExchangeRequest {
  readonly method: string;
  /** Path and query without leading slash. */
  readonly target: string;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

const PERMISSION = 'Exchange.ManageAsAppV2';
/** Objects of one page, and how long its next link lives; the real numbers are told nowhere. */
const PAGE_SIZE = 10;
const LINK_LIFE_MS = 5 * 60_000;

/** `POST adminapi/v2.0/{tenant}/{endpoint}` (exchange/reference/admin-api-get-started). */
const PATH = /^adminapi\/v2\.0\/([^/]+)\/([^/]+)$/;

const input = z.strictObject({
  CmdletInput: z.strictObject({
    CmdletName: z.string(),
    Parameters: z.record(z.string(), z.unknown()).default({}),
  }),
});

interface Call {
  readonly simulation: Simulation;
  readonly tenant: TenantState;
  readonly endpoint: string;
  readonly query: URLSearchParams;
  readonly path: string;
  readonly parameters: Raw;
  readonly now: number;
}

/** Cmdlets that read, by endpoint, with the parameters that each takes. */
const CMDLETS: Readonly<
  Record<string, { cmdlet: string; parameters: readonly string[]; answer: (call: Call) => Raw[] }>
> = {
  Mailbox: {
    cmdlet: 'Get-Mailbox',
    parameters: ['Identity', 'ResultSize', 'IncludeGrantSendOnBehalfTowithDisplayNames'],
    answer: listMailboxes,
  },
  MailboxFolderPermission: {
    cmdlet: 'Get-MailboxFolderPermission',
    parameters: ['Identity', 'ResultSize'],
    answer: folderPermissions,
  },
};

export async function answerExchange(simulation: Simulation, request: ExchangeRequest): Promise<Answer> {
  const [path = '', query = ''] = request.target.split('?');
  const [, tenantId = '', endpoint = ''] = PATH.exec(path) ?? [];
  simulation.counters.count(`${request.method} /adminapi/${endpoint}`);
  const fault = simulation.faults.take(request.target, tenantId);
  if (fault?.kind === 'delay') await delay(fault.ms, undefined, { ref: false });
  const forced = faultAnswer(fault, ({ status, message, headers }) =>
    refusal(new ExchangeFailure(status, `Status${status}`, message, headers)),
  );
  if (forced) return forced;
  try {
    const call = callOf(simulation, request, { tenantId, endpoint, path, query });
    return spoil(fault, pageOf(call), simulation);
  } catch (error) {
    if (error instanceof ExchangeFailure) return refusal(error);
    if (error instanceof GraphFailure) return { status: 401, headers: headersOf(), body: '' };
    throw error;
  }
}

function callOf(
  simulation: Simulation,
  request: ExchangeRequest,
  asked: { tenantId: string; endpoint: string; path: string; query: string },
): Call {
  const now = simulation.clock.now();
  const token = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? null;
  const claims = simulation.signer.verify(token, exchangeAudiences(simulation), 'Bearer', now);
  const tenant = simulation.tenants.get(claims.tid);
  if (!tenant || asked.tenantId.toLowerCase() !== tenant.id) throw forbidden();
  if (!claims.roles.includes(PERMISSION) || tenant.exchange.role_group === 'none') throw forbidden();
  const known = CMDLETS[asked.endpoint];
  if (!known) throw notFound(asked.endpoint);
  assertForm(request, tenant.id);
  const parameters = parametersOf(request.body, known.cmdlet, known.parameters);
  const { endpoint, path, query } = asked;
  return { simulation, tenant, endpoint, path, query: new URLSearchParams(query), parameters, now };
}

function assertForm(request: ExchangeRequest, tenant: string): void {
  if (request.method !== 'POST') throw new ExchangeFailure(405, 'MethodNotAllowed', 'Use POST.');
  if (!/^application\/json\b/i.test(request.header('content-type') ?? ''))
    throw new ExchangeFailure(415, 'UnsupportedMediaType', 'Content-Type must be application/json.');
  if (!isAnchor(request.header('x-anchormailbox'), tenant))
    throw badRequest('X-AnchorMailbox names no mailbox of this organization.');
}

function isAnchor(anchor: string | undefined, tenant: string): boolean {
  if (anchor === undefined) return false;
  return (
    /^(?:UPN|AAD-UPN|AAD-SMTP):\S+@\S+$/.test(anchor) ||
    anchor === `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${tenant}`
  );
}

function parametersOf(body: string, cmdlet: string, known: readonly string[]): Raw {
  const parsed = input.safeParse(parseJson(body));
  if (!parsed.success) throw badRequest('The body holds no CmdletInput.');
  const { CmdletName: name, Parameters: parameters } = parsed.data.CmdletInput;
  if (name !== cmdlet) throw badRequest(`The cmdlet ${name} is not supported by this endpoint.`);
  const odd = Object.keys(parameters).find((one) => !known.includes(one));
  if (odd !== undefined)
    throw badRequest(`A parameter cannot be found that matches parameter name '${odd}'.`);
  return parameters;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function listMailboxes({ tenant, parameters, now, query }: Call): Raw[] {
  const told = tenant.exchange.tells === 'everything' ? KNOWN : DOCUMENTED;
  const select = query.get('$select')?.split(',') ?? [...told];
  const odd = select.find((name) => !told.has(name));
  if (odd !== undefined) throw badRequest(`Could not find a property named '${odd}'.`);
  const identity = parameters['Identity'];
  const all = mailboxesOf(tenant, now).filter(
    (one) => identity === undefined || isNamed(one, String(identity)),
  );
  if (identity !== undefined && all.length === 0) throw notFound(String(identity));
  return all.map(({ properties }) =>
    Object.fromEntries(select.flatMap((name) => (name in properties ? [[name, properties[name]]] : []))),
  );
}

function isNamed({ properties }: Mailbox, name: string): boolean {
  return ['ExternalDirectoryObjectId', 'UserPrincipalName', 'PrimarySmtpAddress'].some(
    (key) => String(properties[key]).toLowerCase() === name.toLowerCase(),
  );
}

/** `<mailbox>:\<path>`; without a path it is the root. */
function folderPermissions({ tenant, parameters, now }: Call): Raw[] {
  const identity = String(parameters['Identity'] ?? '');
  const [, name, path = ''] = /^([^:]+):\\(.*)$/.exec(identity) ?? [];
  if (name === undefined) throw badRequest(`Cannot bind parameter 'Identity' to '${identity}'.`);
  const mailbox = mailboxesOf(tenant, now).find((one) => isNamed(one, name));
  const folder = mailbox?.folders[path];
  if (!folder) throw notFound(identity);
  return folder.map((one) => ({ Identity: identity, FolderName: path, ...one }));
}

/** A page; the rest is behind a link that is asked for with the same question. */
function pageOf(call: Call): Answer {
  const known = CMDLETS[call.endpoint];
  const all = known?.answer(call) ?? [];
  const [from = 0, until = Infinity] = (call.query.get('$skiptoken') ?? '0').split('_').map(Number);
  if (call.now > until) throw badRequest('The continuation token has expired.');
  const end = from + PAGE_SIZE;
  const base = `${call.simulation.origins.exchange}/${call.path}`;
  const query = new URLSearchParams(call.query);
  query.set('$skiptoken', `${end}_${call.now + LINK_LIFE_MS}`);
  const more = end < all.length ? { '@odata.nextLink': `${base}?${query.toString()}` } : {};
  const body = { '@odata.context': `${base}/$metadata`, value: all.slice(from, end), ...more };
  return { status: 200, headers: headersOf(), body: JSON.stringify(body) };
}

function headersOf(): Record<string, string> {
  return { 'Content-Type': 'application/json; charset=utf-8', 'request-id': randomUUID() };
}

function refusal({ status, code, message, headers }: ExchangeFailure): Answer {
  const body = JSON.stringify({ error: { code, message } });
  return { status, headers: { ...headersOf(), ...headers }, body };
}

function spoil(fault: FaultRule | null, answer: Answer, { origins }: Simulation): Answer {
  const next = (link: string): Answer => {
    const body = { ...(JSON.parse(answer.body) as Raw), '@odata.nextLink': link };
    return { ...answer, body: JSON.stringify(body) };
  };
  switch (fault?.kind) {
    case 'malformed':
      return { ...answer, body: `${answer.body.slice(0, -1)},,` };
    case 'truncated':
      return { ...answer, damage: 'truncated' };
    case 'foreign_next_link':
      return next('https://outlook.foreign.example/adminapi/v2.0/x/Mailbox?$skiptoken=1');
    case 'loop_next_link':
      return next(`${origins.exchange}/adminapi/v2.0/loop/Mailbox`);
    default:
      return answer;
  }
}
