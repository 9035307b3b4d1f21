import type { StateCollector } from './collector.ts';
import { exchangeMailboxes } from './exchange-mailboxes.ts';
import { mailboxRules } from './mailbox-rules.ts';
import { mailboxSettings } from './mailbox-settings.ts';

/** What is set up in mailboxes. After users: those with a mailbox are known then. */
export const mailboxStates: readonly StateCollector[] = [mailboxRules, mailboxSettings, exchangeMailboxes];
