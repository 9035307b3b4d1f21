/** Why a source was not read. A closed union: "could not look" is a result of its own. */
export type SkipReason =
  | 'no_licence'
  | 'no_permission'
  | 'auditing_off'
  | 'not_configured'
  | 'no_mailbox'
  | 'paused'
  | 'busy'
  | 'unsupported_cloud';

/** How one collector run ended. */
export type RunOutcome =
  | { readonly status: 'ok' }
  | { readonly status: 'skipped'; readonly reason: SkipReason; readonly detail: string }
  | { readonly status: 'failed'; readonly error: string };

/** Called before each outside operation (`store:…`, `http:…`, `smtp:…`); a test may throw from it to crash there. */
export type OperationObserver = (operation: string) => void;

/** State of one detection in one tenant. */
export type AssessmentState = 'full' | 'reduced' | 'off';
