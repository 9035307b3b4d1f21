import type { Route } from '../route.ts';
import { auditQuery, auditQueryRecords, createAuditQuery } from './audit-queries.ts';
import { defenderRoutes } from './defender.ts';
import { directoryRoutes } from './directory.ts';
import { directoryAudits } from './directory-audits.ts';
import {
  riskDetections,
  riskyServicePrincipals,
  riskyUsers,
  servicePrincipalRiskDetections,
} from './identity-protection.ts';
import { mailboxSettings, mailFolder, mailFolders, messageRules } from './mailbox.ts';
import { organization, subscribedSkus } from './organization.ts';
import { settingsRoutes } from './posture.ts';
import { roleAssignments, roleDefinitions } from './roles.ts';
import { signIns } from './sign-ins.ts';
import { usersDelta } from './users-delta.ts';
import { user, users } from './users.ts';

/** Every resource that is simulated. Literal segments win by coming first. */
const ROUTES: readonly Route[] = [
  organization,
  subscribedSkus,
  users,
  usersDelta,
  user,
  messageRules,
  mailboxSettings,
  mailFolders,
  mailFolder,
  roleDefinitions,
  roleAssignments,
  ...directoryRoutes,
  signIns,
  directoryAudits,
  ...settingsRoutes,
  riskDetections,
  riskyUsers,
  servicePrincipalRiskDetections,
  riskyServicePrincipals,
  ...defenderRoutes,
  createAuditQuery,
  auditQuery,
  auditQueryRecords,
];

export interface RouteMatch {
  readonly route: Route;
  readonly params: readonly string[];
}

/** The route of a path after the version, without query, the one of this method first; null when nothing is there. */
export function matchRoute(path: string, method: string): RouteMatch | null {
  const segments = path.split('/');
  const found = ROUTES.flatMap((route): RouteMatch[] => {
    const params = matchPattern(route.pattern.split('/'), segments);
    return params ? [{ route, params }] : [];
  });
  return found.find(({ route }) => (route.method ?? 'GET') === method) ?? found[0] ?? null;
}

function matchPattern(pattern: readonly string[], segments: readonly string[]): string[] | null {
  if (pattern.length !== segments.length) return null;
  const params: string[] = [];
  for (const [index, expected] of pattern.entries()) {
    const segment = decodeURIComponent(segments[index] ?? '');
    if (expected.startsWith('{')) params.push(segment);
    else if (expected.toLowerCase() !== segment.toLowerCase()) return null;
  }
  return params;
}
