import { z } from 'zod';

const base = {
  /** Part of the path and query, e.g. `auditLogs/signIns`, `$skiptoken`, `oauth2/v2.0/token`. */
  match: z.string().min(1),
  /** Only requests of this tenant id. */
  tenant: z.string().optional(),
  /** How many requests it hits; null = all. One where not given. */
  times: z.number().int().positive().nullable().default(1),
  /** How many matching requests pass unharmed first. */
  after: z.number().int().nonnegative().default(0),
};

/** One rule of `POST {control}/faults`. */
export const faultRule = z.discriminatedUnion('kind', [
  z.strictObject({
    ...base,
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).default({}),
  }),
  z.strictObject({ ...base, kind: z.literal('delay'), ms: z.number().int().nonnegative() }),
  z.strictObject({
    ...base,
    kind: z.enum([
      'malformed',
      'truncated',
      'close',
      'html',
      'portal',
      'empty',
      'no_object',
      'plain_type',
      'foreign_next_link',
      'loop_next_link',
      'delta_gone',
      'no_delta_link',
      'shuffle',
    ]),
  }),
]);

export type FaultRule = z.infer<typeof faultRule>;

/** The rules in force. */
export interface FaultBook {
  add(rules: readonly FaultRule[]): void;
  clear(): void;
  /** The first rule that hits this request, or null. A rule that hits is used up by one. */
  take(target: string, tenant: string | null): FaultRule | null;
  /** How often each kind has hit so far; those of `status` by their number. */
  readonly hits: Readonly<Record<string, number>>;
}

export function createFaultBook(): FaultBook {
  let entries: { readonly rule: FaultRule; seen: number; used: number }[] = [];
  const counts: Record<string, number> = {};
  return {
    hits: counts,
    add(rules) {
      entries.push(...rules.map((rule) => ({ rule, seen: 0, used: 0 })));
    },
    clear() {
      entries = [];
    },
    take(target, tenant) {
      for (const entry of entries) {
        if (!concerns(entry.rule, target, tenant)) continue;
        entry.seen++;
        if (entry.seen <= entry.rule.after) continue;
        if (entry.rule.times !== null && entry.used >= entry.rule.times) continue;
        entry.used++;
        const name = entry.rule.kind === 'status' ? String(entry.rule.status) : entry.rule.kind;
        counts[name] = (counts[name] ?? 0) + 1;
        return entry.rule;
      }
      return null;
    },
  };
}

function concerns(rule: FaultRule, target: string, tenant: string | null): boolean {
  if (rule.tenant !== undefined && rule.tenant !== tenant) return false;
  if (!target.toLowerCase().includes(rule.match.toLowerCase())) return false;
  // Only a token that the client kept can be gone.
  return rule.kind !== 'delta_gone' || /\$deltatoken=(?!latest)./i.test(target);
}
