import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, own, text, type Raw } from './property.ts';
import { instant } from './time.ts';

/**
 * riskyUser, v1.0: Microsoft's verdict about an account as it stands. `isProcessing` is left out: it says that the verdict
 * is being computed again and changes with every day of ordinary use.
 */
export function parseRiskyUser(raw: unknown): Parsed<EntityRecord> {
  const user = object(raw);
  const id = objectId(own(user, 'id'));
  if (user === null || id === null) return refused('the risky user has no id');
  const json = {
    name: text(own(user, 'userDisplayName')),
    upn: text(own(user, 'userPrincipalName')),
    ...verdict(user),
    deleted: flag(own(user, 'isDeleted')),
  };
  return accepted({ kind: 'risky_user', id, json, scalars: {} });
}

/** riskyServicePrincipal. v1.0 says `isEnabled`, beta `accountEnabled`. */
export function parseRiskyServicePrincipal(raw: unknown): Parsed<EntityRecord> {
  const principal = object(raw);
  const id = objectId(own(principal, 'id'));
  if (principal === null || id === null) return refused('the risky service principal has no id');
  const json = {
    name: text(own(principal, 'displayName')),
    app_id: objectId(own(principal, 'appId')),
    principal_type: text(own(principal, 'servicePrincipalType')),
    enabled: flag(own(principal, 'isEnabled')) ?? flag(own(principal, 'accountEnabled')),
    ...verdict(principal),
  };
  return accepted({ kind: 'risky_service_principal', id, json, scalars: {} });
}

function verdict(raw: Raw): Record<string, unknown> {
  return {
    risk_level: text(own(raw, 'riskLevel')),
    risk_state: text(own(raw, 'riskState')),
    risk_detail: text(own(raw, 'riskDetail')),
    risk_updated_at: instant(own(raw, 'riskLastUpdatedDateTime')),
  };
}
