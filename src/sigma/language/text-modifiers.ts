import type { Pattern, PatternPart } from './ast.ts';
import type { Draft } from './draft.ts';
import { hasField, isUnshaped, mapTexts, note, refuse, refuseValue } from './draft.ts';
import type { Utf16 } from './encoding.ts';
import { encodeBase64, encodeBase64Offsets, encodeUtf16 } from './encoding.ts';
import { MAX_FIELD_NAME, parseFieldName, TOO_LONG } from './field-name.ts';
import { parsePattern } from './pattern.ts';
import { splitPlaceholders } from './placeholders.ts';
import { openDashes } from './windash.ts';

export function makeUtf16(draft: Draft, name: string, encoding: Utf16): void {
  if (!isUnshaped(draft, name)) return;
  mapTexts(draft, name, (pattern) => {
    const text = literalOf(pattern);
    if (text === null) return notEncodable(name);
    return [ofText(pattern, encodeUtf16(text, encoding).toString('latin1'))];
  });
  draft.bytes = true;
}

export function makeBase64(draft: Draft): void {
  encode(draft, 'base64', (bytes) => [encodeBase64(bytes)]);
}

export function makeBase64Offset(draft: Draft): void {
  encode(draft, 'base64offset', (bytes) => {
    const fragments = encodeBase64Offsets(bytes);
    // An empty fragment under `contains` would be found in every value.
    const telling = fragments.filter((fragment) => fragment !== '');
    if (telling.length === 0) return 'an empty text has no base64 to look for';
    if (telling.length < fragments.length)
      note(draft, "a single byte under 'base64offset' is seen at some offsets only; use a longer text");
    return telling;
  });
}

function encode(draft: Draft, name: string, toTexts: (bytes: Buffer) => readonly string[] | string): void {
  const encoding = draft.bytes ? 'latin1' : 'utf8';
  draft.shaped = true;
  mapTexts(
    draft,
    name,
    (pattern) => {
      const text = literalOf(pattern);
      if (text === null) return notEncodable(name);
      const texts = toTexts(Buffer.from(text, encoding));
      return typeof texts === 'string' ? texts : texts.map((one) => ofText(pattern, one));
    },
    name === 'base64offset',
  );
  draft.bytes = false;
}

/** The text of a pattern that is nothing else, or null. */
function literalOf(pattern: Pattern): string | null {
  const literals = pattern.parts.filter((part) => typeof part === 'string');
  return literals.length === pattern.parts.length ? literals.join('') : null;
}

function ofText(pattern: Pattern, text: string): Pattern {
  return { ...pattern, parts: text === '' ? [] : [text] };
}

function notEncodable(name: string): string {
  return `'${name}' encodes plain text only: no wildcard (write \\* or \\? for the character), no placeholder, no modifier before it that adds one`;
}

export function makeWindash(draft: Draft): void {
  changeParts(draft, 'windash', openDashes, true);
}

export function makeExpand(draft: Draft): void {
  changeParts(draft, 'expand', splitPlaceholders);
  const holds = (pattern: Pattern): boolean =>
    pattern.parts.some((part) => typeof part === 'object' && 'placeholder' in part);
  for (const value of draft.values) {
    if (value.kind === 'pattern' && !holds(value))
      note(draft, "'expand' without a %placeholder% changes nothing");
  }
}

function changeParts(
  draft: Draft,
  name: string,
  change: (parts: readonly PatternPart[]) => PatternPart[],
  several = false,
): void {
  draft.shaped = true;
  if (draft.bytes) refuse(draft, `'${name}' must stand before an encoding`);
  mapTexts(draft, name, (pattern) => [{ ...pattern, parts: change(pattern.parts) }], several);
}

export function makeFieldReference(draft: Draft): void {
  if (!hasField(draft, 'fieldref') || !isUnshaped(draft, 'fieldref')) return;
  const cased = draft.applied.includes('cased');
  draft.values = draft.scalars.map((scalar, i) => {
    const value = draft.values[i] ?? { kind: 'null' };
    const [field, ...more] = scalar.kind === 'text' ? parsePattern(scalar.text) : [];
    if (typeof field !== 'string' || more.length > 0)
      return refuseValue(draft, value, "'fieldref' needs the name of a field, without wildcards");
    if (field.length > MAX_FIELD_NAME) return refuseValue(draft, value, `'fieldref': ${TOO_LONG}`);
    const reference = { kind: 'fieldref', field, before: false, after: false, cased } as const;
    const parsed = draft.arrays ? parseFieldName(field) : null;
    if (parsed === null) return reference;
    if (typeof parsed === 'string') return refuseValue(draft, value, `'fieldref' to '${field}': ${parsed}`);
    if (parsed.quantifier !== null)
      return refuseValue(draft, value, `'fieldref' to '${field}': a field with a quantifier has no value`);
    return parsed.steps === null ? reference : { ...reference, steps: parsed.steps };
  });
}
