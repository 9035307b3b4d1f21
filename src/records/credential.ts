import { object, objectId, objects, own, text, type Raw } from './property.ts';
import { instant } from './time.ts';

/** A client secret or certificate of an application: what tells it apart and how long it works; never the secret. */
export interface Credential {
  readonly key_id: string;
  readonly name: string | null;
  readonly start_at: number | null;
  readonly end_at: number | null;
}

export interface Certificate extends Credential {
  /** `AsymmetricX509Cert`, `X509CertAndPassword`, `Symmetric`. */
  readonly type: string | null;
  /** `Verify` = it proves who the app is; `Sign`, `Encrypt` belong to SAML. */
  readonly usage: string | null;
}

/** Of passwordCredentials. `hint` and `secretText` are parts of the secret and are left behind. */
export function secretsOf(raw: Raw): Credential[] {
  return byKey(objects(own(raw, 'passwordCredentials')).flatMap(credential));
}

/** Of keyCredentials, without the key itself. */
export function certificatesOf(raw: Raw): Certificate[] {
  const found = objects(own(raw, 'keyCredentials')).flatMap((one) =>
    credential(one).map((known) => ({
      ...known,
      type: text(own(one, 'type')),
      usage: text(own(one, 'usage')),
    })),
  );
  return byKey(found);
}

/** Without a keyId it cannot be told from the next one. */
function credential(one: Raw): Credential[] {
  const id = objectId(own(one, 'keyId'));
  if (id === null) return [];
  return [
    {
      key_id: id,
      name: text(own(one, 'displayName')),
      start_at: instant(own(one, 'startDateTime')),
      end_at: instant(own(one, 'endDateTime')),
    },
  ];
}

function byKey<T extends Credential>(credentials: readonly T[]): T[] {
  const known = new Map(credentials.map((one) => [one.key_id, one]));
  return [...known.values()].sort((a, b) => (a.key_id < b.key_id ? -1 : 1));
}

/** Name of the publisher whom Microsoft verified; null = nobody. */
export function verifiedPublisher(raw: Raw): string | null {
  const publisher = object(own(raw, 'verifiedPublisher'));
  return text(own(publisher, 'displayName')) ?? text(own(publisher, 'verifiedPublisherId'));
}
