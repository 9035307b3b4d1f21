import { createHash } from 'node:crypto';

/** One default mail folder. `wellKnownName` null: Graph has no well-known name, it is found by its display name. */
export interface MailFolder {
  /** Our own key, argument of `folderId`. */
  readonly key: string;
  readonly wellKnownName: string | null;
  readonly displayName: string;
}

/**
 * The folders of a simulated mailbox. Names: microsoft-graph-docs mailfolder.md @db3ad72 and public lists of rule targets;
 * RSS Feeds has no well-known name on the v1.0 page. Newsletter and Projekte are folders people made.
 */
export const MAIL_FOLDERS: readonly MailFolder[] = [
  { key: 'inbox', wellKnownName: 'inbox', displayName: 'Inbox' },
  { key: 'deleteditems', wellKnownName: 'deleteditems', displayName: 'Deleted Items' },
  { key: 'archive', wellKnownName: 'archive', displayName: 'Archive' },
  { key: 'junkemail', wellKnownName: 'junkemail', displayName: 'Junk Email' },
  { key: 'conversationhistory', wellKnownName: 'conversationhistory', displayName: 'Conversation History' },
  { key: 'rssfeeds', wellKnownName: null, displayName: 'RSS Feeds' },
  { key: 'newsletter', wellKnownName: null, displayName: 'Newsletter' },
  { key: 'projekte', wellKnownName: null, displayName: 'Projekte' },
];

/** The opaque id of a folder in one mailbox: the same for the same user and key, different between mailboxes. */
export function folderId(userId: string, key: string): string {
  const digest = createHash('sha256').update(`${userId}/${key}`).digest();
  return `AAMkA${digest.toString('base64url')}${digest.subarray(0, 16).toString('base64url')}AAA=`;
}

/** The folder of `userId` that has this id or this well-known name; undefined when the mailbox has none. */
export function findFolder(userId: string, idOrName: string): MailFolder | undefined {
  const name = idOrName.toLowerCase();
  return MAIL_FOLDERS.find(
    (folder) => folder.wellKnownName === name || folderId(userId, folder.key) === idOrName,
  );
}
