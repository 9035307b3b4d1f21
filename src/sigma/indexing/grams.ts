/** Four UTF-16 units of a text by their low bytes, as one 32-bit integer. Equal units give equal grams. */
export type Gram = number;

/** Units of a gram. */
export const GRAM = 4;

/** The gram that begins at `at`; the text must have GRAM units there. */
export function gramAt(text: string, at: number): Gram {
  let gram = 0;
  for (let i = at; i < at + GRAM; i++) gram = nextGram(gram, text.charCodeAt(i));
  return gram;
}

/** The gram one unit further on. */
export function nextGram(gram: Gram, unit: number): Gram {
  return (gram << 8) | (unit & 0xff);
}

/** A gram scattered over `2 ** bits` places (Knuth's multiplicative hashing, The Art of Computer Programming 6.4). */
export function placeOfGram(gram: Gram, bits: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> (32 - bits);
}
