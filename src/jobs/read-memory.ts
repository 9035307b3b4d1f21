import { createHash } from 'node:crypto';
import type { StagedObject } from '../store/entities.ts';

interface Remembered {
  readonly hash: string;
  /** Start of the read that brought this, UTC epoch ms. */
  readonly startedAt: number;
}

/**
 * What each scope's last read of this process held, as a hash: a read that brings the same need not be compared object by
 * object. Only a saving: forgetting all of it costs one comparison a scope, and a process that starts forgets it, so that
 * a newer program reads everything with its own parsers once.
 */
export class ReadMemory {
  readonly #scopes = new Map<string, Remembered>();

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
}

/** Hash of what a read brought, in whatever order. */
export function contentOf(objects: readonly StagedObject[]): string {
  const rows = objects.map(({ kind, id, removed, raw }) => JSON.stringify([kind, id, removed, raw]));
  return createHash('sha256').update(rows.sort().join('\n')).digest('base64url');
}
