import type { Act } from '../model/event.ts';
import {
  MANAGED_IDENTITY_SIGN_IN,
  NON_INTERACTIVE_SIGN_IN,
  SERVICE_PRINCIPAL_SIGN_IN,
} from './data/identity-fields.ts';
import type { LogSource } from './log-source.ts';
import { makeOrigin } from './origin.ts';
import { objectId, own, text, type Raw } from './property.ts';
import { parseSignIn, signInActs, signInSubject, signInWords } from './sign-in.ts';

// The kinds of sign-in that only beta shows, each asked for by itself. Each is a feed of its own: a rule for interactive
// sign-ins never runs on the ten times as many tokens that programs fetch.

/** Tokens that a client of a user fetched without the user: refreshes, single sign-on. */
export const nonInteractiveSignIns = otherSignIns(
  'non-interactive-sign-ins',
  NON_INTERACTIVE_SIGN_IN,
  signInActs,
);

/** Sign-ins of applications with a secret, a certificate or a federated credential. */
export const servicePrincipalSignIns = otherSignIns(
  'service-principal-sign-ins',
  SERVICE_PRINCIPAL_SIGN_IN,
  principalActs,
);

/** Sign-ins of identities that Azure manages for a resource. */
export const managedIdentitySignIns = otherSignIns(
  'managed-identity-sign-ins',
  MANAGED_IDENTITY_SIGN_IN,
  principalActs,
);

function otherSignIns(feed: string, fields: readonly string[], acts: (record: Raw) => Act[]): LogSource {
  return {
    feed,
    origins: { beta: makeOrigin(`${feed}/beta`, 3, fields) },
    parse: (raw, api) => parseSignIn(feed, raw, api),
    acts,
  };
}

/** `sp:<id>`: whatever stands in the properties of a user, the principal is who signed in. */
function principalActs(record: Raw): Act[] {
  const cause = text(own(record, 'id'));
  const principal = objectId(own(record, 'servicePrincipalId'));
  const subject = principal === null ? signInSubject(record) : `sp:${principal}`;
  if (cause === null || subject === null) return [];
  const name = text(own(record, 'servicePrincipalName')) ?? text(own(record, 'appId')) ?? '';
  const words = { ...signInWords(record), actor: name, subject: name };
  return [{ name: 'sign_in', kind: 'do', subject, cause, words }];
}
