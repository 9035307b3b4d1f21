/** A refusal of the service; whoever dispatches writes it in the form of its API. */
export class Failure extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** A refusal in Graph's form; the dispatcher writes the envelope. `code` and texts: graph-facts B unless said otherwise. */
export class GraphFailure extends Failure {
  override readonly name = 'GraphFailure';
}

export function badRequest(message: string, code = 'BadRequest'): GraphFailure {
  return new GraphFailure(400, code, message);
}

/** A page token of a directory list that has outlived its time. */
export function expiredPageToken(): GraphFailure {
  return new GraphFailure(
    400,
    'Directory_ExpiredPageToken',
    'The specified page token value has expired and can no longer be included in your request.',
  );
}

/** graph-facts B, first row: GH msgraph-sdk-dotnet#1006, MES#202. */
export function nonPremium(): GraphFailure {
  return new GraphFailure(
    403,
    'Authentication_RequestFromNonPremiumTenantOrB2CTenant',
    "Neither tenant is B2C or tenant doesn't have premium license",
  );
}

export function insufficientPrivileges(): GraphFailure {
  return new GraphFailure(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  );
}

export interface EnvelopeFacts {
  readonly requestId: string;
  readonly clientRequestId: string;
  /** Virtual time, UTC epoch ms. */
  readonly now: number;
}

/** Graph's error envelope (concepts/errors.md). */
export function envelope(failure: GraphFailure, facts: EnvelopeFacts): Record<string, unknown> {
  return {
    error: {
      code: failure.code,
      message: failure.message,
      innerError: {
        date: new Date(facts.now).toISOString().slice(0, 19),
        'request-id': facts.requestId,
        'client-request-id': facts.clientRequestId,
      },
    },
  };
}
