import { Failure } from '../errors.ts';

/** A refusal of the Exchange Online Admin API. Statuses but 403 and all bodies are from general knowledge (UNVERIFIED). */
export class ExchangeFailure extends Failure {
  override readonly name = 'ExchangeFailure';
}

export function badRequest(message: string): ExchangeFailure {
  return new ExchangeFailure(400, 'BadRequest', message);
}

/** "Without the appropriate RBAC role assignments, even valid tokens fail with 403" (admin-api-authentication). */
export function forbidden(): ExchangeFailure {
  return new ExchangeFailure(403, 'Forbidden', 'The role assigned to the application is not supported.');
}

export function notFound(object: string): ExchangeFailure {
  return new ExchangeFailure(
    404,
    'NotFound',
    `The operation couldn't be performed because object '${object}' couldn't be found.`,
  );
}
