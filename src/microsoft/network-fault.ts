import { cleanWord } from '../text/hostile.ts';

/** Why no (whole) answer came. */
export interface NetworkFault {
  readonly code: 'network' | 'timeout' | 'untrusted_certificate';
  /** A clause without subject: `no answer: ECONNREFUSED connect …`. */
  readonly reason: string;
  readonly advice: string;
}

const TIMEOUTS = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

/** OpenSSL's and Node's words for a chain or name that is not trusted [nodejs.org: tls, x509 certificate error codes]. */
const UNTRUSTED =
  /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_CA|HOSTNAME_MISMATCH|ERR_TLS_CERT_ALTNAME_INVALID)/;

const CA_ADVICE =
  'if a proxy opens TLS here, name its CA file in NODE_EXTRA_CA_CERTS before starting; if not, check the clock and the host name';

/** Reads the fault out of what fetch threw: the useful error is the innermost cause. */
export function networkFault(error: unknown): NetworkFault {
  const chain = causes(error);
  const codes = chain.map(codeOf);
  const words = describe(chain, codes);
  if (codes.some((code) => UNTRUSTED.test(code))) {
    return {
      code: 'untrusted_certificate',
      reason: `the server's certificate is not trusted: ${words}`,
      advice: CA_ADVICE,
    };
  }
  const timedOut =
    codes.some((code) => TIMEOUTS.has(code)) || chain.some((e) => nameOf(e) === 'TimeoutError');
  if (timedOut) return { code: 'timeout', reason: `no answer in time: ${words}`, advice: '' };
  return { code: 'network', reason: `no whole answer: ${words}`, advice: '' };
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let next = error; next != null && chain.length < 8 && !chain.includes(next); next = causeOf(next)) {
    chain.push(next);
  }
  return chain;
}

// A host with two addresses fails with an AggregateError; its first error stands for all.
function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors[0];
  return error instanceof Error ? error.cause : undefined;
}

function describe(chain: unknown[], codes: string[]): string {
  const last = chain.at(-1);
  const message = last instanceof Error ? last.message : String(last);
  const code = codes.findLast((candidate) => candidate !== '') ?? '';
  return cleanWord(message.includes(code) ? message : `${code} ${message}`, 200);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
