import { BREAK, unlink } from '../text/hostile.ts';

/**
 * Markup that is safe by construction: only `markup` makes it, and `markup` escapes every text it is given.
 * The private field makes look-alikes a type error and `instanceof` the only test.
 */
export class Html {
  readonly #markup: string;

  constructor(token: typeof MAKE, markup: string) {
    if (token !== MAKE)
      throw new Error('make markup: only markup`…` may; write the text inside the template');
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

const MAKE = Symbol('html');

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/**
 * Template tag. Literal parts are markup of ours; values are text (escaped, and broken so that no mail client makes a
 * link of it), other `Html`, or lists of these; null, undefined and false print nothing. Values may stand in an element
 * or in a quoted attribute: both are safe with the same escaping. Never put one into a style, script, URL or tag name.
 */
export function markup(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = literals.map((literal, index) => literal + markupOf(values[index]));
  return new Html(MAKE, parts.join(''));
}

function markupOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return value.map(markupOf).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  [BREAK]: '&#8203;',
};

function escapeText(text: string): string {
  // Control characters have no place in HTML; line ends are blanks there anyway.
  return unlink(text)
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[&<>"'`\u200b]/gu, (sign) => ENTITIES[sign] ?? '');
}
