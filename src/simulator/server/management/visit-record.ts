import type { Raw } from '../../world.ts';
import { hashedGuid } from './record-parts.ts';

/** Ids of the resources whose use leaves a record of its own; names and ids as in generate/data/apps.ts. */
const SHAREPOINT = '00000003-0000-0ff1-ce00-000000000000';
const TEAMS = 'cc15fd57-2c6c-4117-a88c-83b1d56b4bbe';

/** What a successful sign-in is followed by: a file opened, a session of Teams; null where it leaves nothing. */
export function visitRecord(tenantId: string, domain: string, signIn: Raw): Raw | null {
  if (Number((signIn['status'] as Raw | undefined)?.['errorCode']) !== 0) return null;
  const base = {
    CreationTime: later(String(signIn['createdDateTime']), 40_000),
    Id: hashedGuid('visit', String(signIn['id'])),
    OrganizationId: tenantId,
    UserKey: signIn['userId'],
    UserType: 0,
    Version: 1,
    UserId: String(signIn['userPrincipalName']).toLowerCase(),
  };
  if (signIn['resourceId'] === TEAMS) {
    return {
      ...base,
      Operation: 'TeamsSessionStarted',
      RecordType: 25,
      Workload: 'MicrosoftTeams',
      ClientIP: signIn['ipAddress'],
      ObjectId: 'Desktop (1/1)',
    };
  }
  return signIn['resourceId'] === SHAREPOINT ? fileRecord(base, domain, signIn) : null;
}

/** SharePoint says nothing about the result, and writes a mapped address (office-365-management-activity-api-schema). */
function fileRecord(base: Raw, domain: string, signIn: Raw): Raw {
  const site = `https://${domain.split('.')[0]}.sharepoint.example/sites/team/`;
  return {
    ...base,
    Operation: 'FileAccessed',
    RecordType: 6,
    Workload: 'SharePoint',
    ClientIP: signIn['ipAddress'],
    ObjectId: `${site}Freigegebene Dokumente/Angebot.docx`,
    EventSource: 'SharePoint',
    ItemType: 'File',
    SiteUrl: site,
    SourceFileName: 'Angebot.docx',
    SourceFileExtension: 'docx',
    SourceRelativeUrl: 'Freigegebene Dokumente',
    UserAgent: signIn['userAgent'],
    CorrelationId: hashedGuid('file', String(signIn['id'])),
  };
}

function later(time: string, ms: number): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time.slice(0, 19) : new Date(at + ms).toISOString().slice(0, 19);
}
