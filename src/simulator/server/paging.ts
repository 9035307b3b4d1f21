import { randomBytes } from 'node:crypto';
import type { Raw } from '../world.ts';

/** A result: a list, or one whose items are made when their page is served. */
export interface PageItems {
  readonly length: number;
  slice(from: number, to: number): readonly Raw[];
}

/** The rest of a result that was cut into pages. */
export interface Cursor {
  readonly tenant: string;
  readonly route: string;
  /** After `$metadata#`. */
  readonly context: string;
  readonly items: PageItems;
  readonly offset: number;
  readonly size: number;
  /** UTC epoch ms, virtual. */
  readonly expiresAt: number;
  /** True: the token dies when its page is served, as sign-in logs do; false: it may be asked again, as directory pages may. */
  readonly once: boolean;
  /** Keys of the last page, e.g. `@odata.deltaLink`. */
  readonly last: Raw;
}

/** Result sets kept by the server; clients hold opaque tokens. */
export interface PageStore {
  /** Forgets what has expired by `now` (UTC epoch ms, virtual). */
  keep(cursor: Cursor, now: number): string;
  /** The cursor behind a token, null for unknown, used, expired or foreign tokens. */
  take(token: string, tenant: string, route: string, now: number): Cursor | null;
}

export function createPageStore(): PageStore {
  const cursors = new Map<string, Cursor>();
  return {
    keep(cursor, now) {
      for (const [known, { expiresAt }] of cursors) if (expiresAt <= now) cursors.delete(known);
      const token = `${randomBytes(24).toString('hex')}_${cursor.offset / cursor.size}`;
      cursors.set(token, cursor);
      return token;
    },
    take(token, tenant, route, now) {
      const cursor = cursors.get(token);
      if (!cursor || cursor.tenant !== tenant || cursor.route !== route) return null;
      if (cursor.once || cursor.expiresAt <= now) cursors.delete(token);
      return cursor.expiresAt <= now ? null : cursor;
    },
  };
}
