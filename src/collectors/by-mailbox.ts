import type { BatchAnswer, BatchRequest, Graph } from '../microsoft/index.ts';

/** 20 is the documented maximum of a batch; a chunk is one round of answers in memory. */
const CHUNK = 20;

/** What is asked of each mailbox. */
export interface MailboxQuestion {
  /** Verb and object for error messages. */
  readonly what: string;
  readonly needs: string;
  readonly signal: AbortSignal;
  /** The part of a batch that asks it; its id is the user's. */
  request(user: string): BatchRequest;
}

/** Asks the same of every mailbox, a batch at a time; undefined where a batch had no answer for one. */
export async function* answersByMailbox(
  graph: Graph,
  mailboxes: readonly string[],
  { what, needs, signal, request }: MailboxQuestion,
): AsyncGenerator<readonly [user: string, answer: BatchAnswer | undefined]> {
  for (let at = 0; at < mailboxes.length; at += CHUNK) {
    const users = mailboxes.slice(at, at + CHUNK);
    const answers = await graph.batch(users.map(request), { what, needs, quota: 'outlook', signal });
    for (const user of users) yield [user, answers.get(user)];
  }
}
