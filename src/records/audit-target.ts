import { own, text, type Raw } from './property.ts';

/**
 * What kind of thing an audit's target is, in lower case (`user`, `serviceprincipal`, `role`, …).
 * `type` on the wire, `Type` in the reference's examples; beta's examples have `@odata.type` only [wire-facts].
 */
export function targetType(target: Raw): string | null {
  const named = text(own(target, 'type')) ?? text(own(target, 'Type'));
  if (named !== null) return named.toLowerCase();
  const odata = text(own(target, '@odata.type'))?.toLowerCase();
  return odata === undefined ? null : odata.replace(/^#microsoft\.graph\.targetresource/, '');
}
