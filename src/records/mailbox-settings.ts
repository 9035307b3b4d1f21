import { createHash } from 'node:crypto';
import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, sorted, text, type Raw } from './property.ts';
import { instant } from './time.ts';

/** What the parser takes: the settings, and whose they are, which they do not say. */
export interface MailboxSettingsInput {
  /** Object id of the mailbox's user. */
  readonly mailboxId: string;
  /** Raw mailboxSettings. */
  readonly settings: unknown;
}

/**
 * mailboxSettings. What an automatic reply says is nobody's business here: of its text stay whether it changed and the
 * domains that it names. Enumerations come capitalised or not (`Scheduled` and `scheduled` in the reference).
 */
export function parseMailboxSettings(raw: unknown): Parsed<EntityRecord> {
  const input = object(raw);
  const id = objectId(own(input, 'mailboxId'));
  if (id === null) return refused('the mailbox settings have no mailbox id');
  const settings = object(own(input, 'settings'));
  if (settings === null) return refused('the mailbox settings are no object');
  const json = {
    purpose: purposeOf(own(settings, 'userPurpose')),
    time_zone: text(own(settings, 'timeZone')),
    language: text(own(object(own(settings, 'language')), 'locale')),
    delegate_meetings: text(own(settings, 'delegateMeetingMessageDeliveryOptions')),
    replies: repliesOf(object(own(settings, 'automaticRepliesSetting'))),
  };
  return accepted({ kind: 'mailbox_settings', id, json, scalars: {} });
}

/** `{"value": "user"}` in the reference's example of beta, a bare word by the schema: both are read. */
function purposeOf(value: unknown): string | null {
  return word(own(object(value), 'value')) ?? word(value);
}

function repliesOf(raw: Raw | null): Raw | null {
  if (raw === null) return null;
  const status = word(own(raw, 'status'));
  // What is not scheduled carries a time all the same, which moves by itself.
  const scheduled = status === 'scheduled';
  return {
    status,
    audience: word(own(raw, 'externalAudience')),
    from: scheduled ? zonedInstant(own(raw, 'scheduledStartDateTime')) : null,
    to: scheduled ? zonedInstant(own(raw, 'scheduledEndDateTime')) : null,
    internal: textFacts(own(raw, 'internalReplyMessage')),
    external: textFacts(own(raw, 'externalReplyMessage')),
  };
}

function word(value: unknown): string | null {
  return text(value)?.toLowerCase() ?? null;
}

/** `{dateTime, timeZone}`; UTC is what Graph writes where no other zone was asked for. UTC epoch ms. */
function zonedInstant(value: unknown): number | null {
  const raw = object(value);
  const at = text(own(raw, 'dateTime'));
  if (at === null || word(own(raw, 'timeZone')) !== 'utc') return null;
  return instant(at.endsWith('Z') ? at : `${at}Z`);
}

/** Enough of the hash to tell two texts apart. */
const HASH_LENGTH = 16;

/** A long text names no more of them to anybody. */
const MOST_DOMAINS = 20;

/** A reply can be as long as a mail; links and addresses stand at its beginning as well as anywhere. */
const LONGEST_REPLY = 20_000;

function textFacts(value: unknown): Raw | null {
  const reply = text(value);
  if (reply === null) return null;
  const hash = createHash('sha256').update(reply).digest('hex').slice(0, HASH_LENGTH);
  const found = reply.slice(0, LONGEST_REPLY).matchAll(/(?:https?:\/\/|@)([a-z0-9][a-z0-9.-]{0,252})/gi);
  const domains = [...found]
    .map(([, host = '']) => host.toLowerCase().replace(/\.+$/, ''))
    .filter((host) => host.includes('.'));
  return { hash, domains: sorted(domains).slice(0, MOST_DOMAINS) };
}
