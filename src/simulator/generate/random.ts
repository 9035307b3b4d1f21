/** A deterministic source of randomness. A fork depends on the path of labels only, never on what was drawn before. */
export interface Random {
  /** An independent stream for this label, so that adding one thing does not reshuffle the rest. */
  fork(...labels: readonly (string | number)[]): Random;
  /** In [0, 1). */
  next(): number;
  /** A whole number from min to max, both included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A version 4 GUID, lower case. */
  guid(): string;
  /** `length` characters of the alphabet. */
  text(length: number, alphabet: string): string;
}

/** The stream named by `path`; the root's path is the seed. */
export function createRandom(path: string): Random {
  const next = sfc32(hash128(path));
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    fork: (...labels) => createRandom([path, ...labels].join('/')),
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => pickFrom(items, next()),
    guid: () => formatGuid(next),
    text: (length, alphabet) => Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join(''),
  };
}

function pickFrom<T>(items: readonly T[], fraction: number): T {
  const item = items[Math.floor(fraction * items.length)];
  if (item === undefined) throw new Error('pick from a list: it is empty; give it at least one item');
  return item;
}

function formatGuid(next: () => number): string {
  const words = Array.from({ length: 4 }, () => Math.floor(next() * 0x100000000));
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Four 32-bit words from a text (the public cyrb128 mixing). */
function hash128(text: string): [number, number, number, number] {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i += 1) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a];
}

/** The sfc32 generator: small, fast, passes the usual test batteries; not for secrets. */
function sfc32([first, second, third, fourth]: [number, number, number, number]): () => number {
  let [a, b, c, d] = [first | 0, second | 0, third | 0, fourth | 0];
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 0x100000000;
  };
}
