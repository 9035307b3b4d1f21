import { createHash } from 'node:crypto';
import { REFUSED_RETRY_MS } from '../collectors/index.ts';
import type { CredentialError } from '../errors.ts';
import type { StagedObject } from '../store/entities.ts';

interface Remembered {
  readonly hash: string;
  /** Start of the read that brought this, UTC epoch ms. */
  readonly startedAt: number;
}

/**
 * What each scope's last read of this process held, as a hash: a read that brings the same need not be compared object by
 * object. Only a saving: forgetting all of it costs one comparison a scope, and a process that starts forgets it, so that
 * a newer program reads everything with its own parsers once. It also remembers whose credential was refused.
 */
export class ReadMemory {
  readonly #scopes = new Map<string, Remembered>();
  readonly #refusals = new Map<string, { readonly error: CredentialError; readonly at: number }>();

  /**
   * Whether the scope held the same when it was last read. `lastReadAt` is the start of its last ok read by anybody: another
   * process that read it in between may have stored another form.
   */
  isSame(key: string, hash: string, lastReadAt: number | undefined): boolean {
    const known = this.#scopes.get(key);
    return known !== undefined && known.hash === hash && known.startedAt === lastReadAt;
  }

  remember(key: string, hash: string, startedAt: number): void {
    this.#scopes.set(key, { hash, startedAt });
  }

  forget(key: string): void {
    this.#scopes.delete(key);
  }

  /** The credential of a tenant was refused for good at `at` (UTC epoch ms). */
  refuse(tenantId: string, error: CredentialError, at: number): void {
    this.#refusals.set(tenantId, { error, at });
  }

  /**
   * The refusal that still stands: the sign-in service is not asked again with the same credential for an hour, because only
   * a change helps. A change of the configuration comes with a new process, which asks at once; what is mended at Microsoft
   * (a consent, a licence) is found within the hour.
   */
  refusalOf(tenantId: string, now: number): CredentialError | null {
    const known = this.#refusals.get(tenantId);
    return known !== undefined && now - known.at < REFUSED_RETRY_MS ? known.error : null;
  }
}

/** Hash of what a read brought, in whatever order. */
export function contentOf(objects: readonly StagedObject[]): string {
  const rows = objects.map(({ kind, id, removed, raw }) => JSON.stringify([kind, id, removed, raw]));
  return createHash('sha256').update(rows.sort().join('\n')).digest('base64url');
}
