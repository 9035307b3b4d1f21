import type { EntityRecord } from '../model/entity.ts';
import { mailAddress } from './address.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, objects, own, sorted, text, texts, type Raw } from './property.ts';

/**
 * A mailbox as Get-Mailbox tells it. What the interface does not tell is null, and never "off": whether it tells of
 * forwarding and auditing is not promised.
 */
export function parseMailbox(raw: unknown): Parsed<EntityRecord> {
  const mailbox = object(raw);
  const id = objectId(own(mailbox, 'ExternalDirectoryObjectId'));
  if (mailbox === null || id === null) return refused('the mailbox has no ExternalDirectoryObjectId');
  const json = {
    upn: text(own(mailbox, 'UserPrincipalName'))?.toLowerCase() ?? null,
    address: mailAddress(own(mailbox, 'PrimarySmtpAddress')),
    name: text(own(mailbox, 'DisplayName')),
    type: text(own(mailbox, 'RecipientTypeDetails')),
    forwarding: forwardingOf(mailbox),
    send_on_behalf: namesOf(own(mailbox, 'GrantSendOnBehalfTo')),
    audit_enabled: truth(own(mailbox, 'AuditEnabled')),
  };
  return accepted({ kind: 'mailbox', id, json, scalars: {} });
}

/** Null = not told; an object without targets = told, and not forwarded. */
function forwardingOf(mailbox: Raw): Raw | null {
  const told = ['ForwardingAddress', 'ForwardingSmtpAddress'].some((name) => Object.hasOwn(mailbox, name));
  if (!told) return null;
  const smtp = text(own(mailbox, 'ForwardingSmtpAddress'))?.replace(/^smtp:/i, '') ?? null;
  return {
    recipient: nameOf(own(mailbox, 'ForwardingAddress')),
    address: mailAddress(smtp) ?? smtp?.toLowerCase() ?? null,
    keeps_copy: truth(own(mailbox, 'DeliverToMailboxAndForward')),
  };
}

/** Cmdlets answer with true and false, and with "True" and "False" where they write text. */
function truth(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const word = text(value)?.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : null;
}

/** Delegates, by whatever the interface calls them: a name, an address, or an object with one of these. */
function namesOf(value: unknown): string[] | null {
  if (!Array.isArray(value)) return null;
  return sorted(value.map(nameOf).filter((name) => name !== null));
}

function nameOf(value: unknown): string | null {
  const one = object(value);
  if (one === null) return text(value);
  const found = ['PrimarySmtpAddress', 'UserPrincipalName', 'Name', 'DisplayName'].map((key) =>
    text(own(one, key)),
  );
  return found.find((name) => name !== null) ?? null;
}

/** What the parser takes: a folder's permissions, and whose folder it is, which they do not say. */
export interface MailboxFolderInput {
  /** Object id of the mailbox. */
  readonly mailboxId: string;
  /** `root`, `inbox` or `calendar`. */
  readonly folder: string;
  /** Raw answers of Get-MailboxFolderPermission. */
  readonly permissions: readonly unknown[];
}

/** Who may do what in a folder, as sorted `who=right,right`; entries that give nothing are left out. */
export function parseMailboxFolder(raw: unknown): Parsed<EntityRecord> {
  const input = object(raw);
  const mailboxId = objectId(own(input, 'mailboxId'));
  const folder = text(own(input, 'folder'));
  if (mailboxId === null || folder === null) return refused('the folder has no mailbox id and name');
  const grants = objects(own(input, 'permissions')).flatMap((permission) => {
    const who = nameOf(own(permission, 'User'));
    const rights = rightsOf(own(permission, 'AccessRights'));
    return who === null || rights.length === 0 ? [] : [`${who}=${rights.join(',')}`];
  });
  const json = { mailbox_id: mailboxId, folder, grants: sorted(grants) };
  return accepted({ kind: 'mailbox_folder', id: `${mailboxId}/${folder}`, json, scalars: {} });
}

function rightsOf(value: unknown): string[] {
  const words = Array.isArray(value) ? texts(value) : (text(value)?.split(/\s*,\s*/) ?? []);
  return sorted(words.filter((word) => word !== '' && word.toLowerCase() !== 'none'));
}
