import type { BatchAnswer, BatchRequest, Graph } from '../microsoft/index.ts';
import { answersByMailbox } from './by-mailbox.ts';
import type { StateCollector, StateOptions, StatePart } from './collector.ts';
import { mailboxSettingsEveryMs, stateIntervals } from './settings.ts';
import { unreadScope } from './unread.ts';

const KIND = 'mailbox_settings';

/**
 * Settings of every cloud mailbox: automatic replies, what it is for, language, zone, delegates. Each mailbox is a scope of
 * its own, as for its rules. Forwarding is no part of them [graph-facts 11].
 * https://learn.microsoft.com/graph/api/user-get-mailboxsettings
 */
export const mailboxSettings: StateCollector = {
  kind: 'state',
  source: 'mailbox-settings',
  needs: { permission: 'MailboxSettings.Read', licence: null },
  intervalMs: stateIntervals.mailboxSettings,
  kinds: [KIND],
  readsMailboxes: true,
  read: readMailboxes,
};

async function* readMailboxes(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const { mailboxes, lastReads, now } = options;
  const due = mailboxes.filter((user) => now - (lastReads.get(user) ?? 0) >= mailboxSettingsEveryMs);
  const { permission: needs } = mailboxSettings.needs;
  const question = { what: 'read mailbox settings', needs, signal: options.signal, request: settingsOf };
  for await (const [user, answer] of answersByMailbox(graph, due, question)) yield* partsOf(user, answer);
}

function settingsOf(user: string): BatchRequest {
  return { id: user, path: `/users/${encodeURIComponent(user)}/mailboxSettings`, one: true };
}

function* partsOf(user: string, answer: BatchAnswer | undefined): Generator<StatePart> {
  if (answer === undefined || !answer.ok) {
    yield unreadScope(user, answer, 'read mailbox settings: the batch had no answer for this mailbox');
    return;
  }
  const raw = { mailboxId: user, settings: answer.body };
  yield {
    type: 'page',
    scope: user,
    objects: [{ kind: KIND, id: user, removed: false, raw }],
    unreadable: [],
  };
  yield { type: 'done', scope: user, completeFor: [KIND], idPrefix: user };
}
