/** Longest word printed, in code points: a display name in Entra ID takes 256, a line of a mail about 80. */
const LONGEST_WORD = 80;

/** C0, C1, line and paragraph separators: become a blank, so that no header, line or cell can be begun. */
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * Invisible or reordering characters, dropped: bidi marks, embeddings, overrides and isolates (they reverse
 * what is read), soft hyphen, zero-width space and word joiner, byte order mark, interlinear annotation,
 * language tags. Zero-width joiners stay: Persian, Hindi and emoji are written with them.
 */
const INVISIBLE =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;

/** More than three marks on one letter is no language but a way to paint over the lines around it. */
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/**
 * One hostile word (a name, a rule, an app: whatever a tenant can set) as one short, visible line.
 * Returns '' when nothing visible is left. Says nothing about markup: `render/html` escapes.
 */
export function cleanWord(value: string, longest: number = LONGEST_WORD): string {
  const text = value
    .toWellFormed()
    .replace(INVISIBLE, '')
    .replace(CONTROLS, ' ')
    .normalize('NFC')
    .replace(STACKED_MARKS, '$1')
    .replace(/\s+/gu, ' ')
    .trim();
  return shorten(text, longest);
}

function shorten(text: string, longest: number): string {
  // A bound on code units first: a name of a megabyte must not become an array of a million strings.
  const points = Array.from(text.slice(0, longest * 2 + 2));
  if (points.length <= longest && text.length <= longest * 2 + 2) return text;
  return `${points
    .slice(0, longest - 1)
    .join('')
    .trimEnd()}…`;
}

/** Zero-width space: breaks every address that a mail client would turn into a link, and does not show. */
export const BREAK = '\u200b';

/** Dots of names and addresses, with the full-width ones that clients and IDNA take for dots. */
const DOT = '[.\\u3002\\uff0e\\uff61]';
const INNER_DOT = new RegExp(`(?<=[\\p{L}\\p{N}\\p{M}_\\-])(${DOT})(?=[\\p{L}\\p{N}\\p{M}_\\-])`, 'gu');
const AT = /([@\uff20])/gu;
/** `http:`, `mailto:`, `tel:`, `javascript:` … and the slashes after them; `09:41` is a time and stays. */
const SCHEME = /(?<=[\p{L}][\p{L}\p{N}+.-]*)([:\uff1a])(?=[^\s])/gu;
const SLASHES = /([/\\\uff0f]{2})/gu;
/** Seven digits or more, grouped as in telephone numbers; `2026-11-17` and times are shorter or hold other signs. */
const TELEPHONE = /\+?\d(?:[ ()./-]{0,2}\d){6,}/gu;

/** Begins a line, blanks aside, as a formula of a table program begins a cell; a list's `- ` and a lone sign do not. */
const FORMULA = /^(?=[^\S\n]*[=+@|-]\S)/gmu;

/**
 * Text in which no mail client finds an address to make a link of: a zero-width space stands around `@`, around
 * dots inside names, after the colon of a scheme, between double slashes, and in what looks like a telephone number.
 * Escaping is not enough, since clients linkify plain text themselves; leaving an address out would hide
 * what the reader must see. A line that begins like a formula gets one before it too, since tables are made by
 * pasting mails. It does not change how the text looks. Invisible characters go first: a client may drop
 * them and then find the address that they broke.
 */
export function unlink(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .replace(TELEPHONE, (number) => number.replace(/(\d{2})(?=.)/gu, `$1${BREAK}`))
    .replace(SLASHES, (slashes) => Array.from(slashes).join(BREAK))
    .replace(SCHEME, `${BREAK}$1${BREAK}`)
    .replace(AT, `${BREAK}$1${BREAK}`)
    .replace(INNER_DOT, `${BREAK}$1${BREAK}`)
    .replace(FORMULA, BREAK);
}
