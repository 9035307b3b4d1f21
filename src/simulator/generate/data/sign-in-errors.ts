/** What `status` says for the codes that the simulator uses. */
export interface SignInStatus {
  readonly failureReason: string;
  readonly additionalDetails: string | null;
}

const MFA_REQUIRED = 'MFA required in Azure AD';

/**
 * By errorCode. Texts: "Entra authentication and authorization error codes" (MicrosoftDocs/entra-docs
 * reference-error-codes.md @04f6554); "Other." for 0 as measured on the wire; additionalDetails from public rules
 * (reprise99/Sentinel-Queries @96b1908) and for 50126 from a public sign-in example.
 */
export const SIGN_IN_STATUS: Readonly<Record<number, SignInStatus>> = {
  0: { failureReason: 'Other.', additionalDetails: 'MFA requirement satisfied by claim in the token' },
  50034: {
    failureReason: 'To sign into this application, the account must be added to the directory.',
    additionalDetails: null,
  },
  50053: {
    failureReason:
      "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
    additionalDetails: null,
  },
  50074: {
    failureReason: 'Strong authentication is required and the user did not pass the MFA challenge.',
    additionalDetails: MFA_REQUIRED,
  },
  50076: {
    failureReason:
      'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
    additionalDetails: MFA_REQUIRED,
  },
  50126: {
    failureReason: 'Error validating credentials due to invalid username or password.',
    additionalDetails:
      "The user didn't enter the right credentials. \u00a0It's expected to see some number of these errors in your logs due to users making mistakes.",
  },
  50140: {
    failureReason: 'This error occurred due to "Keep me signed in" interrupt when the user was signing-in.',
    additionalDetails: null,
  },
  50199: {
    failureReason: 'For security reasons, user confirmation is required for this request.',
    additionalDetails: null,
  },
  70043: {
    failureReason:
      'The refresh token has expired or is invalid due to sign-in frequency checks by Conditional Access. The token was issued on {issueDate} and the maximum allowed lifetime for this request is {time}.',
    additionalDetails: null,
  },
};

/** additionalDetails of a fresh MFA and of one still running (same source). */
export const MFA_COMPLETED = 'MFA completed in Azure AD';
export const MFA_BY_CLAIM = 'MFA requirement satisfied by claim in the token';
export const MFA_RUNNING = 'Authentication in progress';
