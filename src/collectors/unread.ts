import type { BatchAnswer } from '../microsoft/index.ts';
import type { StatePart } from './collector.ts';
import { skipReason } from './refusal.ts';

/** Why one scope of a batch could not be read; `unanswered` is said where the batch has no answer for it at all. */
export function unreadScope(
  scope: string,
  answer: Extract<BatchAnswer, { ok: false }> | undefined,
  unanswered: string,
): StatePart {
  const reason = answer === undefined ? null : skipReason(answer.error, null);
  const status = reason === null ? 'failed' : 'skipped';
  return { type: 'unread', scope, status, reason, detail: answer?.error.message ?? unanswered };
}
