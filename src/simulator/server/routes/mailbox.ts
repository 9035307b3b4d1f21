import { findFolder, folderId, MAIL_FOLDERS } from '../../folders.ts';
import type { MailFolder } from '../../folders.ts';
import type { Raw } from '../../world.ts';
import { GraphFailure } from '../errors.ts';
import { readSelect, readTop } from '../query.ts';
import { linkTo, pick } from '../route.ts';
import type { Route, RouteCall } from '../route.ts';
import { valueNow, valuesNow } from '../state.ts';
import { findUser } from './users.ts';

/** Mail folders are mail: MailboxSettings.Read does not do (graph/api/user-list-mailfolders; not in the fact sheet's table). */
const READ_FOLDERS = ['Mail.ReadBasic.All', 'Mail.ReadBasic', 'Mail.Read', 'Mail.ReadWrite'];

/** Outlook lists ten folders where no $top is given. */
const FOLDER_PAGE = { default: 10, max: 1000 };

/** `GET /users/{id}/mailFolders/inbox/messageRules` */
export const messageRules: Route = {
  pattern: 'users/{id}/mailFolders/inbox/messageRules',
  permissions: ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'],
  bucket: 'outlook',
  options: ['$select'],
  answer(call) {
    const user = mailboxOwner(call);
    const rules = valuesNow(call.tenant.messageRules.get(user)?.values() ?? [], call.now);
    const names = readSelect(call.query, 'microsoft.graph.messageRule', null);
    return {
      '@odata.context': contextOf(call, `users('${user}')/mailFolders('inbox')/messageRules`),
      value: names ? rules.map((rule) => pick(rule, ['id', ...names])) : rules,
    };
  },
};

/** What a mailbox has that nobody ever set anything in [graph/api/user-get-mailboxsettings]. */
const UNSET: Raw = {
  archiveFolder: null,
  timeZone: 'W. Europe Standard Time',
  delegateMeetingMessageDeliveryOptions: 'sendToDelegateOnly',
  automaticRepliesSetting: {
    status: 'disabled',
    externalAudience: 'all',
    internalReplyMessage: '',
    externalReplyMessage: '',
  },
  language: { locale: 'de-DE', displayName: 'German (Germany)' },
  userPurpose: 'user',
};

/** `GET /users/{id}/mailboxSettings`: one object without an id. */
export const mailboxSettings: Route = {
  pattern: 'users/{id}/mailboxSettings',
  permissions: ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'],
  bucket: 'outlook',
  options: [],
  answer(call) {
    const user = mailboxOwner(call);
    const { id: _id, ...own } =
      valueNow(call.tenant.directory.mailboxSettings.get(user), call.now) ?? ({} as Raw);
    const replies = {
      ...(UNSET['automaticRepliesSetting'] as Raw),
      ...(own['automaticRepliesSetting'] as Raw),
    };
    return {
      '@odata.context': contextOf(call, `users('${user}')/mailboxSettings`),
      ...UNSET,
      ...own,
      automaticRepliesSetting: { ...unscheduled(call.now), ...replies },
    };
  },
};

/** Replies that are not scheduled carry the next full hour and the day after (from general knowledge, UNVERIFIED). */
function unscheduled(now: number): Raw {
  const hour = Math.ceil(now / 3_600_000) * 3_600_000;
  const at = (time: number): Raw => ({
    dateTime: `${new Date(time).toISOString().slice(0, 19)}.0000000`,
    timeZone: 'UTC',
  });
  return { scheduledStartDateTime: at(hour), scheduledEndDateTime: at(hour + 86_400_000) };
}

/** `GET /users/{id}/mailFolders` */
export const mailFolders: Route = {
  pattern: 'users/{id}/mailFolders',
  permissions: READ_FOLDERS,
  bucket: 'outlook',
  options: ['$select', '$top', '$skip'],
  answer(call) {
    const user = mailboxOwner(call);
    const size = readTop(call.query, FOLDER_PAGE.max, FOLDER_PAGE.default);
    const skip = Number(call.query.get('$skip') ?? 0);
    const names = readSelect(call.query, 'microsoft.graph.mailFolder', null);
    const folders = MAIL_FOLDERS.map((folder) => folderBody(user, folder));
    const more = skip + size < folders.length;
    return {
      '@odata.context': contextOf(call, `users('${user}')/mailFolders`),
      ...(more ? { '@odata.nextLink': linkTo(call, { $skip: String(skip + size) }, false) } : {}),
      value: folders
        .slice(skip, skip + size)
        .map((folder) => (names ? pick(folder, ['id', ...names]) : folder)),
    };
  },
};

/** `GET /users/{id}/mailFolders/{id or well-known name}` */
export const mailFolder: Route = {
  pattern: 'users/{id}/mailFolders/{folder}',
  permissions: READ_FOLDERS,
  bucket: 'outlook',
  options: ['$select'],
  answer(call) {
    const user = mailboxOwner(call);
    const folder = findFolder(user, call.params[1] ?? '');
    if (!folder) {
      throw new GraphFailure(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
    }
    const names = readSelect(call.query, 'microsoft.graph.mailFolder', null);
    const body = folderBody(user, folder);
    return {
      '@odata.context': contextOf(call, `users('${user}')/mailFolders/$entity`),
      ...(names ? pick(body, ['id', ...names]) : body),
    };
  },
};

function contextOf(call: RouteCall, name: string): string {
  return `${call.simulation.origins.graph}/${call.version}/$metadata#${name}`;
}

/** The id of the user whose mailbox is asked for. 404 texts: graph-facts B; ErrorInvalidUser from general knowledge. */
function mailboxOwner(call: RouteCall): string {
  const name = call.params[0] ?? '';
  const user = findUser(call, name);
  if (!user) throw new GraphFailure(404, 'ErrorInvalidUser', `The requested user '${name}' is invalid.`);
  const id = String(user['id']);
  if (call.tenant.messageRules.has(id)) return id;
  throw new GraphFailure(
    404,
    'MailboxNotEnabledForRESTAPI',
    'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
  );
}

function folderBody(user: string, folder: MailFolder): Raw {
  return {
    id: folderId(user, folder.key),
    displayName: folder.displayName,
    parentFolderId: folderId(user, 'msgfolderroot'),
    childFolderCount: 0,
    unreadItemCount: 0,
    totalItemCount: 0,
    sizeInBytes: 0,
    isHidden: false,
  };
}
