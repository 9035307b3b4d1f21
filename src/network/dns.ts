import { Resolver } from 'node:dns/promises';

/** Questions to the DNS. A name without such a record answers with an empty list; everything else throws DnsError. */
export interface DnsResolver {
  mx(name: string): Promise<readonly { readonly exchange: string; readonly priority: number }[]>;
  /** Each record in one piece. */
  txt(name: string): Promise<readonly string[]>;
  cname(name: string): Promise<readonly string[]>;
}

/** The DNS did not answer. `code` is the resolver's: ESERVFAIL, ETIMEOUT, EREFUSED … */
export class DnsError extends Error {
  override readonly name = 'DnsError';
  readonly code: string;

  constructor(question: string, code: string, cause?: unknown) {
    super(`ask the DNS for ${question}: the resolver answered ${code}; check the resolver of this machine`, {
      cause,
    });
    this.code = code;
  }
}

/** There is no such name, or none with a record of this type: an answer, not a failure. */
const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA']);

/** ms for one try of one server, and tries; the daily read is in no hurry, and a silent resolver must not hold it up. */
const PATIENCE = { timeout: 3_000, tries: 2 };

/** The part of Node's resolver that is used. */
export type NodeResolver = Pick<Resolver, 'resolveMx' | 'resolveTxt' | 'resolveCname'>;

/** The resolver that this machine is set up with. */
export function systemResolver(resolver: NodeResolver = new Resolver(PATIENCE)): DnsResolver {
  return {
    mx: (name) => ask(`MX of ${name}`, () => resolver.resolveMx(name)),
    txt: async (name) => {
      const records = await ask(`TXT of ${name}`, () => resolver.resolveTxt(name));
      return records.map((pieces) => pieces.join(''));
    },
    cname: (name) => ask(`CNAME of ${name}`, () => resolver.resolveCname(name)),
  };
}

async function ask<T>(question: string, lookUp: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await lookUp();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string') throw error;
    if (NOTHING_THERE.has(code)) return [];
    throw new DnsError(question, code, error);
  }
}
