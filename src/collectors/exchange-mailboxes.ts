import { GraphError } from '../errors.ts';
import type { CmdletRequest, ExchangeAdmin, Graph } from '../microsoft/index.ts';
import type { RawObject, StateCollector, StateOptions, StatePart } from './collector.ts';
import { skipReason } from './refusal.ts';
import { exchangeReads, stateIntervals } from './settings.ts';

const PERMISSION = 'Exchange.ManageAsAppV2';
const MAILBOX = 'mailbox';
const FOLDER = 'mailbox_folder';

/**
 * What is set on mailboxes in Exchange and Graph does not show: forwarding, who may send on behalf, auditing, and who may
 * open the main folders. Through the Exchange Online Admin API, a preview that Microsoft documents for delegates and folder
 * permissions; whether it tells forwarding and auditing too is not promised, and what is not told stays unknown. Opt-in: its
 * permission lets an app change what its role in Exchange lets it change.
 * https://learn.microsoft.com/exchange/reference/admin-api-endpoints-reference
 */
export const exchangeMailboxes: StateCollector = {
  kind: 'state',
  source: 'exchange-mailboxes',
  needs: { permission: PERMISSION, of: 'Office 365 Exchange Online', licence: null },
  intervalMs: stateIntervals.exchangeMailboxes,
  kinds: [MAILBOX, FOLDER],
  read: readExchange,
};

async function* readExchange(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const { exchange } = graph;
  if (exchange === null) {
    const detail = 'asking Exchange about mailboxes is not switched on; set TENANTWATCH_EXCHANGE_ADMIN=on';
    yield { type: 'unread', scope: '*', status: 'skipped', reason: 'not_configured', detail };
    return;
  }
  const found = new Map<string, string>();
  for await (const objects of mailboxPages(exchange, options)) {
    for (const one of objects) found.set(one.id, addressOf(one));
    yield { type: 'page', scope: '*', objects, unreadable: [] };
  }
  yield { type: 'done', scope: '*', completeFor: [MAILBOX] };
  for (const id of dueForFolders([...found.keys()], options)) {
    const part = await readFolders(exchange, id, found.get(id) ?? '', options);
    yield* part;
  }
}

/** Properties that are asked for by name; an endpoint that does not know one of them is asked without names. */
const PROPERTIES = [
  'ExternalDirectoryObjectId',
  'Guid',
  'UserPrincipalName',
  'PrimarySmtpAddress',
  'DisplayName',
  'RecipientTypeDetails',
  'GrantSendOnBehalfTo',
  'ForwardingAddress',
  'ForwardingSmtpAddress',
  'DeliverToMailboxAndForward',
  'AuditEnabled',
];

async function* mailboxPages(exchange: ExchangeAdmin, options: StateOptions): AsyncGenerator<RawObject[]> {
  const request: CmdletRequest = {
    endpoint: 'Mailbox',
    cmdlet: 'Get-Mailbox',
    parameters: { ResultSize: 'Unlimited' },
    ...asked('read mailboxes in Exchange', options),
  };
  let begun = false;
  try {
    for await (const page of exchange.pages({ ...request, select: PROPERTIES })) {
      begun = true;
      yield toMailboxes(page.objects);
    }
  } catch (error) {
    if (begun || !(error instanceof GraphError) || error.status !== 400) throw error;
    for await (const page of exchange.pages(request)) yield toMailboxes(page.objects);
  }
}

function asked(what: string, { signal }: StateOptions) {
  return { what, needs: PERMISSION, signal };
}

/** By the directory's object id where it has one; mailboxes of the system have none, and are left out. */
function toMailboxes(objects: readonly unknown[]): RawObject[] {
  return objects.flatMap((raw) => {
    if (!isObject(raw)) return [];
    const id = raw['ExternalDirectoryObjectId'];
    if (typeof id !== 'string' || id.trim() === '') return [];
    return [{ kind: MAILBOX, id: id.trim().toLowerCase(), removed: false, raw }];
  });
}

function addressOf({ raw }: RawObject): string {
  const address = raw['PrimarySmtpAddress'] ?? raw['UserPrincipalName'];
  return typeof address === 'string' ? address : '';
}

/** Mailboxes whose folders were read longest ago, those never read first; each once a day, a part of them in one run. */
function dueForFolders(ids: readonly string[], { lastReads, now }: StateOptions): string[] {
  const due = ids.filter((id) => now - (lastReads.get(id) ?? 0) >= exchangeReads.foldersEveryMs);
  const rank = (id: string) => lastReads.get(id) ?? 0;
  return due.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, exchangeReads.mailboxesPerRun);
}

/**
 * The folders that let somebody read a mailbox. The root has no name; the others are named in the language of the mailbox,
 * and the names of other languages than these are not known here: such a folder is left out.
 */
const FOLDERS: readonly (readonly [name: string, paths: readonly string[]])[] = [
  ['root', ['']],
  ['inbox', ['Inbox', 'Posteingang']],
  ['calendar', ['Calendar', 'Kalender']],
];

async function readFolders(
  exchange: ExchangeAdmin,
  id: string,
  address: string,
  options: StateOptions,
): Promise<StatePart[]> {
  const objects: RawObject[] = [];
  try {
    for (const [folder, paths] of FOLDERS) {
      const permissions = await firstFolder(exchange, address, paths, options);
      if (permissions === null) continue;
      const raw = { mailboxId: id, folder, permissions };
      objects.push({ kind: FOLDER, id: `${id}/${folder}`, removed: false, raw });
    }
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const reason = skipReason(error, null);
    const status = reason === null ? 'failed' : 'skipped';
    return [{ type: 'unread', scope: id, status, reason, detail: error.message }];
  }
  return [
    { type: 'page', scope: id, objects, unreadable: [] },
    { type: 'done', scope: id, completeFor: [FOLDER], idPrefix: `${id}/` },
  ];
}

/** Permissions of the first of these folders that is there; null when none is. */
async function firstFolder(
  exchange: ExchangeAdmin,
  address: string,
  paths: readonly string[],
  options: StateOptions,
): Promise<unknown[] | null> {
  for (const path of paths) {
    const permissions: unknown[] = [];
    try {
      for await (const page of exchange.pages({
        endpoint: 'MailboxFolderPermission',
        cmdlet: 'Get-MailboxFolderPermission',
        parameters: { Identity: `${address}:\\${path}` },
        mailbox: address,
        ...asked('read the permissions of folders', options),
      }))
        permissions.push(...page.objects);
      return permissions;
    } catch (error) {
      if (!isNoFolder(error)) throw error;
    }
  }
  return null;
}

/** Not there, as 404 or as a failed cmdlet whose text names the object: the status is not documented. */
function isNoFolder(error: unknown): boolean {
  if (!(error instanceof GraphError)) return false;
  return error.status === 404 || (error.status === 400 && /couldn't be found|NotFound/i.test(error.message));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
