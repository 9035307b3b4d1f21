/** How a text becomes bytes before it is put into base64. `utf16` is little-endian behind a byte order mark. */
export type Utf16 = 'utf16le' | 'utf16be' | 'utf16';

const BYTE_ORDER_MARK = Buffer.from([0xff, 0xfe]);

/**
 * Characters that depend on what stands before and behind the text, by the bytes before it (start) and by the
 * length of both modulo 3 (end, padding included). RFC 4648: three bytes are four characters.
 */
const LEADING = [0, 2, 3];
const TRAILING = [0, 3, 2];

export function encodeUtf16(text: string, encoding: Utf16): Buffer {
  const little = Buffer.from(text, 'utf16le');
  if (encoding === 'utf16le') return little;
  return encoding === 'utf16be' ? little.swap16() : Buffer.concat([BYTE_ORDER_MARK, little]);
}

export function encodeBase64(bytes: Buffer): string {
  return bytes.toString('base64');
}

/**
 * What base64 shows of the bytes, whatever stands around them, when they begin 0, 1 or 2 bytes after a multiple of
 * three. Too short a text shows nothing at some offsets: the empty string.
 */
export function encodeBase64Offsets(bytes: Buffer): string[] {
  return LEADING.map((start, offset) => {
    const encoded = encodeBase64(Buffer.concat([Buffer.alloc(offset), bytes]));
    const end = TRAILING[(offset + bytes.length) % 3] ?? 0;
    return encoded.slice(start, Math.max(start, encoded.length - end));
  });
}
