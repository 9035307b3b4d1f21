import { countryCode, ipAddress, mailAddress } from './address.ts';
import { object, objectId, objects, own, text, texts, type Raw } from './property.ts';
import { instant } from './time.ts';

/** Somebody whom an alert of Defender names. At least one of id and upn is there. */
export interface NamedAccount {
  /** Object id in Entra ID, lower case. */
  readonly id: string | null;
  /** User principal name or mail address, lower case. */
  readonly upn: string | null;
  readonly name: string | null;
}

/** A computer or phone; at least one of the three is there. */
export interface NamedDevice {
  /** Device id in Entra ID (`device_id` of the entity), lower case. */
  readonly id: string | null;
  /** Id in Defender for Endpoint. */
  readonly mdeId: string | null;
  readonly name: string | null;
}

/** What the evidence of an alert names, each thing once, those it happened to in front. */
export interface Evidence {
  readonly accounts: readonly NamedAccount[];
  readonly devices: readonly NamedDevice[];
  readonly ips: readonly { readonly ip: string; readonly country: string | null }[];
  readonly appId: string | null;
}

/** Roles of what it happened to, the surest first (evidenceRole, graph/api/resources/security-alertevidence). */
const STRUCK = ['compromised', 'attacked'];

/** An alert about a whole mail campaign has thousands of pieces; no text or key needs more than these. */
const MOST_PIECES = 1000;

/** Reads evidence of every `@odata.type` by the properties that name somebody; a type that is new is read the same way. */
export function readEvidence(alert: Raw): Evidence {
  const pieces = objects(own(alert, 'evidence'));
  // By when it was added, where the roles are equal: Defender adds evidence to an alert, and the subject should stay.
  const sorted = pieces
    .map((piece) => ({ piece, rank: rankOf(piece), at: instant(own(piece, 'createdDateTime')) ?? Infinity }))
    .sort((a, b) => a.rank - b.rank || compare(a.at, b.at));
  const inOrder = sorted.slice(0, MOST_PIECES).map(({ piece }) => piece);
  return {
    accounts: accountsOf(inOrder),
    devices: distinct(inOrder.flatMap(deviceOf), (one) => one.id ?? one.mdeId ?? one.name ?? ''),
    ips: distinct(inOrder.flatMap(addressOf), ({ ip }) => ip),
    appId: inOrder.map(appOf).find((id) => id !== null) ?? null,
  };
}

/** Subtraction would make NaN of two unknown times. */
function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function rankOf(piece: Raw): number {
  const roles = texts(own(piece, 'roles'));
  const rank = STRUCK.findIndex((role) => roles.includes(role));
  return rank < 0 ? STRUCK.length : rank;
}

/** Whoever is known by name in one piece and by id in another is one person. */
function accountsOf(pieces: readonly Raw[]): NamedAccount[] {
  const found: NamedAccount[] = [];
  for (const account of pieces.flatMap(accountsIn)) {
    const at = found.findIndex((one) => isSame(one, account));
    const known = found[at];
    if (known === undefined) found.push(account);
    else
      found[at] = {
        id: known.id ?? account.id,
        upn: known.upn ?? account.upn,
        name: known.name ?? account.name,
      };
  }
  return found;
}

function isSame(a: NamedAccount, b: NamedAccount): boolean {
  if (a.id !== null && b.id !== null) return a.id === b.id;
  return a.upn !== null && a.upn === b.upn;
}

/**
 * userEvidence and processEvidence carry `userAccount`, mailboxEvidence also the mailbox's own names, a cloud logon session
 * an `account` that is userEvidence again, analyzedMessageEvidence those of the mail.
 */
function accountsIn(piece: Raw): NamedAccount[] {
  const session = object(own(object(own(piece, 'account')), 'userAccount'));
  const account = object(own(piece, 'userAccount')) ?? session;
  const mailbox = lower(own(piece, 'upn')) ?? mailAddress(own(piece, 'primaryAddress'));
  return accountOf(
    objectId(own(account, 'azureAdUserId')),
    lower(own(account, 'userPrincipalName')) ?? mailbox ?? ownSide(piece),
    text(own(account, 'displayName')) ?? (mailbox === null ? null : text(own(piece, 'displayName'))),
  );
}

/** Whose mail it is: the recipient, of mail that goes out the sender. */
function ownSide(message: Raw): string | null {
  if (text(own(message, 'antiSpamDirection'))?.toLowerCase() !== 'outbound')
    return mailAddress(own(message, 'recipientEmailAddress'));
  return mailAddress(own(object(own(message, 'p2Sender')), 'emailAddress'));
}

/** Accounts of a machine (`NT AUTHORITY\SYSTEM`) have neither and are nobody. */
function accountOf(id: string | null, upn: string | null, name: string | null): NamedAccount[] {
  return id === null && upn === null ? [] : [{ id, upn, name }];
}

function lower(value: unknown): string | null {
  return text(value)?.toLowerCase() ?? null;
}

/** deviceEvidence. Files and processes name the `mdeDeviceId` only, of a device that has a piece of its own. */
function deviceOf(piece: Raw): NamedDevice[] {
  const id = objectId(own(piece, 'azureAdDeviceId'));
  const name = text(own(piece, 'deviceDnsName')) ?? text(own(piece, 'hostName'));
  if (id === null && name === null) return [];
  return [{ id, mdeId: text(own(piece, 'mdeDeviceId')), name }];
}

/** ipEvidence. */
function addressOf(piece: Raw): { ip: string; country: string | null }[] {
  const ip = ipAddress(own(piece, 'ipAddress'));
  return ip === null ? [] : [{ ip, country: countryCode(own(piece, 'countryLetterCode')) }];
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** oauthApplicationEvidence has the app's id; cloudApplicationEvidence a number of Defender's own, which is none. */
function appOf(piece: Raw): string | null {
  const id = objectId(own(piece, 'appId'));
  return id !== null && GUID.test(id) ? id : null;
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    return seen.has(key) ? false : seen.add(key);
  });
}
