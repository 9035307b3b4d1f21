import { isObject } from './case-file.ts';

/** How many characters of each offset's encoding depend on what stands before: pySigma 1.5.0, base64offset. */
const OFFSET_START = [0, 2, 3] as const;
/** … and on what stands behind, by length mod 3. */
const OFFSET_END = [undefined, -3, -2] as const;
const ENCODINGS = ['wide', 'utf16', 'utf16be', 'utf16le'];

/**
 * What pySigma 1.5.0 makes of a value under the base64 family, its defects included, as `any_of` or one pattern; null
 * for other modifiers. Case files whose expectations were computed with it carry these: it encodes the backslash of an
 * escaped wildcard, counts the characters where base64 counts bytes, begins UTF-16 with the mark of UTF-8, and does
 * not know `utf16le`. Only used to name such a difference for what it is.
 */
export function asPySigma(key: string, value: unknown): unknown {
  const [field = '', ...modifiers] = key.split('|');
  if (typeof value !== 'string' || !modifiers.some((one) => one.startsWith('base64'))) return null;
  if (modifiers.includes('utf16le')) return { reject: true };
  const text = modifiers.filter((one) => ENCODINGS.includes(one)).reduce(encodeText, value);
  const star = modifiers.includes('contains');
  const pattern = (encoded: string): unknown => ({
    pattern: [
      ...(star ? [{ wild: '*' }] : []),
      ...(encoded === '' ? [] : [encoded]),
      ...(star ? [{ wild: '*' }] : []),
    ],
  });
  const one = modifiers.includes('base64')
    ? pattern(Buffer.from(text, 'utf8').toString('base64'))
    : { any_of: offsets(text).map(pattern) };
  return { field: field === '' ? null : field, link: 'or', negated: false, values: [one] };
}

function encodeText(text: string, encoding: string): string {
  const wide = [...text]
    .map((character) => (encoding === 'utf16be' ? `\0${character}` : `${character}\0`))
    .join('');
  return encoding === 'utf16' ? `\ufeff${wide}` : wide;
}

function offsets(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset, ' '), Buffer.from(text, 'utf8')]);
    const end = OFFSET_END[([...text].length + offset) % 3];
    return bytes.toString('base64').slice(OFFSET_START[offset], end);
  });
}

/** True for an expectation of the kind `{reject: …}`. */
export function isRejection(expect: unknown): boolean {
  return isObject(expect) && expect['reject'] !== undefined;
}
