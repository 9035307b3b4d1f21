/** Numbers in text, as a comparison accepts them; longer texts are no number of any record. */
const NUMBER_TEXT = /^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const MAX_NUMBER_TEXT = 40;

/** The text by which a scalar is compared; null for null, objects and what JSON does not have. */
export function toText(leaf: unknown): string | null {
  if (typeof leaf === 'string') return leaf;
  if (typeof leaf === 'number' || typeof leaf === 'boolean' || typeof leaf === 'bigint') return String(leaf);
  return null;
}

/** The number that a comparison sees; null where the value is none. */
export function toNumber(leaf: unknown): number | null {
  if (typeof leaf === 'number') return leaf;
  if (typeof leaf === 'bigint') return Number(leaf);
  if (typeof leaf !== 'string' || leaf.length > MAX_NUMBER_TEXT || !NUMBER_TEXT.test(leaf)) return null;
  return Number(leaf);
}
