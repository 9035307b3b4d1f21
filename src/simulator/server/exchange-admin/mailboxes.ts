import type { Raw } from '../../world.ts';
import { valueNow, valuesNow, type TenantState } from '../state.ts';

/** Properties that the page of the Mailbox endpoint is about, and what names a mailbox. */
export const DOCUMENTED: ReadonlySet<string> = new Set([
  'ExternalDirectoryObjectId',
  'Guid',
  'Identity',
  'DisplayName',
  'UserPrincipalName',
  'PrimarySmtpAddress',
  'RecipientTypeDetails',
  'GrantSendOnBehalfTo',
]);

/** All of them that are simulated. */
export const KNOWN: ReadonlySet<string> = new Set([
  ...DOCUMENTED,
  'ForwardingAddress',
  'ForwardingSmtpAddress',
  'DeliverToMailboxAndForward',
  'AuditEnabled',
]);

export interface Mailbox {
  readonly properties: Raw;
  /** By path below the root, which has the empty one. */
  readonly folders: Readonly<Record<string, readonly Raw[]>>;
}

/** Mailboxes that exist now: of users who have one, and the system's own, which no user has. */
export function mailboxesOf(tenant: TenantState, now: number): Mailbox[] {
  const users = valuesNow(tenant.users.values(), now).filter(({ id }) => tenant.messageRules.has(String(id)));
  const system = {
    ExternalDirectoryObjectId: '',
    Guid: 'd0000000-0000-4000-8000-000000000001',
    DisplayName: 'Discovery Search Mailbox',
    PrimarySmtpAddress: `DiscoverySearchMailbox@${tenant.domain}`,
    RecipientTypeDetails: 'DiscoveryMailbox',
  };
  return [...users.map((user) => mailboxOf(tenant, user, now)), { properties: system, folders: {} }];
}

function mailboxOf(tenant: TenantState, user: Raw, now: number): Mailbox {
  const id = String(user['id']);
  const {
    id: _id,
    folderPermissions,
    ...own
  } = valueNow(tenant.directory.exchangeMailboxes.get(id), now) ?? ({} as Raw);
  const upn = String(user['userPrincipalName']);
  return {
    properties: {
      ExternalDirectoryObjectId: id,
      Guid: id.replace(/^.{8}/, 'e0000000'),
      Identity: upn,
      DisplayName: user['displayName'],
      UserPrincipalName: upn,
      PrimarySmtpAddress: user['mail'] ?? upn,
      RecipientTypeDetails: user['accountEnabled'] === false ? 'SharedMailbox' : 'UserMailbox',
      GrantSendOnBehalfTo: [],
      ForwardingAddress: null,
      ForwardingSmtpAddress: null,
      DeliverToMailboxAndForward: false,
      AuditEnabled: true,
      ...own,
    },
    folders: { ...ORDINARY, ...(folderPermissions as Mailbox['folders'] | undefined) },
  };
}

/** Folders are named in the language of the mailbox; everybody may see when somebody is free. */
const ORDINARY: Mailbox['folders'] = {
  '': [permission('Default', 'None'), permission('Anonymous', 'None')],
  Posteingang: [permission('Default', 'None'), permission('Anonymous', 'None')],
  Kalender: [permission('Default', 'AvailabilityOnly'), permission('Anonymous', 'None')],
};

function permission(user: string, right: string): Raw {
  return { User: user, AccessRights: [right], SharingPermissionFlags: null, IsValid: true };
}
