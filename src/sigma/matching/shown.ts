/** Characters shown of a text of an event. */
export const MAX_SHOWN_TEXT = 200;

/** A value of an event, fit to be shown: scalars as they are, long texts cut, anything else by its kind. */
export function shownValue(value: unknown): unknown {
  if (typeof value === 'string' && value.length > MAX_SHOWN_TEXT) return `${value.slice(0, MAX_SHOWN_TEXT)}…`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? '[list]' : '{object}';
}
