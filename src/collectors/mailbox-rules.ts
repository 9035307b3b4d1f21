import type { BatchAnswer, BatchRequest, Graph } from '../microsoft/index.ts';
import { answersByMailbox } from './by-mailbox.ts';
import type { RawObject, StateCollector, StateOptions, StatePart } from './collector.ts';
import { stateIntervals } from './settings.ts';
import { unreadScope } from './unread.ts';

/**
 * Inbox rules of every cloud mailbox. There is no delta and no notification: each mailbox is a scope of its own, so
 * that one that cannot be read never closes or hides anything in another. A rule names folders by opaque id; their
 * names would need a permission to read mail (Mail.ReadBasic.All), which is more than a monitor should hold.
 * https://learn.microsoft.com/graph/api/mailfolder-list-messagerules
 */
export const mailboxRules: StateCollector = {
  kind: 'state',
  source: 'mailbox-rules',
  needs: { permission: 'MailboxSettings.Read', licence: null },
  intervalMs: stateIntervals.mailboxRules,
  kinds: ['inbox_rule'],
  readsMailboxes: true,
  read: readMailboxes,
};

async function* readMailboxes(graph: Graph, options: StateOptions): AsyncGenerator<StatePart> {
  const { permission: needs } = mailboxRules.needs;
  const question = { what: 'read inbox rules', needs, signal: options.signal, request: rulesOf };
  for await (const [user, answer] of answersByMailbox(graph, options.mailboxes, question))
    yield* partsOf(user, answer);
}

function rulesOf(user: string): BatchRequest {
  return { id: user, path: `/users/${encodeURIComponent(user)}/mailFolders/inbox/messageRules` };
}

function* partsOf(user: string, answer: BatchAnswer | undefined): Generator<StatePart> {
  if (answer === undefined || !answer.ok) {
    yield unreadScope(user, answer, 'read inbox rules: the batch had no answer for this mailbox');
    return;
  }
  const rules = Array.isArray(answer.body['value']) ? (answer.body['value'] as unknown[]) : [];
  const objects: RawObject[] = [];
  const unreadable: unknown[] = [];
  for (const rule of rules) {
    const id =
      typeof rule === 'object' && rule !== null ? (rule as Record<string, unknown>)['id'] : undefined;
    if (typeof id !== 'string' || id === '') unreadable.push(rule);
    else
      objects.push({
        kind: 'inbox_rule',
        id: `${user}/${id}`,
        removed: false,
        raw: { mailboxId: user, rule },
      });
  }
  yield { type: 'page', scope: user, objects, unreadable };
  yield { type: 'done', scope: user, completeFor: ['inbox_rule'], idPrefix: `${user}/` };
}
