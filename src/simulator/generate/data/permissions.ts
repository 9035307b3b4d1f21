/**
 * Application permissions (app roles) that apps of the simulated tenants hold or could hold, by the appId of their API.
 * Ids: merill/microsoft-info GraphAppRoles.json @43b8a5d (2026-08-20), Cloud-Architekt/AzurePrivilegedIAM
 * Classification_ApiPermissions.json @f14538f (2026-08-21).
 */
import { EXCHANGE, GRAPH, MANAGEMENT } from './apps.ts';

export const APP_ROLES: Readonly<Record<string, readonly (readonly [name: string, id: string])[]>> = {
  [GRAPH.appId]: [
    ['AppRoleAssignment.ReadWrite.All', '06b708a9-e830-4db3-a914-8e69da51d44f'],
    ['Application.Read.All', '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30'],
    ['Application.ReadWrite.All', '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9'],
    ['AuditLog.Read.All', 'b0afded3-3588-46d8-8b3d-9842eff778da'],
    ['Calendars.Read', '798ee544-9d2d-430c-a058-570e29e34338'],
    ['DeviceManagementManagedDevices.Read.All', '2f51be20-0bb4-4fed-bf7b-db946066c75e'],
    ['Device.Read.All', '7438b122-aefc-4978-80ed-43db9fcc7715'],
    ['Directory.Read.All', '7ab1d382-f21e-4acd-a863-ba3e13f7da61'],
    ['Directory.ReadWrite.All', '19dbc75e-c2e2-444c-a770-ec69d8559fc7'],
    ['Domain-InternalFederation.Read.All', 'c0e5a7b0-e8b7-40a7-b8e0-8249e6ea81d5'],
    ['Domain.Read.All', 'dbb9058a-0e50-45d7-ae91-66909b5d4664'],
    ['Files.Read.All', '01d4889c-1287-42c6-ac1f-5d1e02578ef6'],
    ['Group.Read.All', '5b567255-7703-4780-807c-7be8301ae99b'],
    ['GroupMember.Read.All', '98830695-27a2-44f7-8c18-0c3ebc9698f6'],
    ['IdentityRiskEvent.Read.All', '6e472fd1-ad78-48da-a0f0-97ab2c6b769e'],
    ['IdentityRiskyServicePrincipal.Read.All', '607c7344-0eed-41e5-823a-9695ebe1b7b0'],
    ['IdentityRiskyUser.Read.All', 'dc5007c0-2d7d-4c42-879c-2dab87571379'],
    ['LicenseAssignment.Read.All', 'e2f98668-2877-4f38-a2f4-8202e0717aa1'],
    ['Mail.Read', '810c84a8-4a9e-49e6-bf7d-12d183f40d01'],
    ['Mail.Send', 'b633e1c5-b582-4048-a93e-9f11b44c7e96'],
    ['MailboxSettings.Read', '40f97065-369a-49f4-947c-6a255697ae91'],
    ['Organization.Read.All', '498476ce-e0fe-48b0-b801-37ba7e2685c6'],
    ['Policy.Read.All', '246dd0d5-5bd0-4def-940b-0421030a5b68'],
    ['Policy.Read.AuthenticationMethod', '8e3bc81b-d2f3-4b7b-838c-32c88218d2f0'],
    ['RoleAssignmentSchedule.Read.Directory', 'd5fe8ce8-684c-4c83-a52c-46e882ce4be1'],
    ['RoleEligibilitySchedule.Read.Directory', 'ff278e11-4a33-4d0c-83d2-d01dc58929a5'],
    ['RoleManagement.Read.Directory', '483bed4a-2ad3-4361-a73b-c83ccdbdc53c'],
    ['RoleManagement.ReadWrite.Directory', '9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8'],
    ['SecurityAlert.Read.All', '472e4a4d-bb4a-4026-98d1-0b0d74cb74a5'],
    ['SecurityEvents.Read.All', 'bf394140-e372-4bf9-a898-299cfc7564e5'],
    ['SecurityIncident.Read.All', '45cc0394-e837-488b-a098-1918f48d186c'],
    ['SharePointTenantSettings.Read.All', '83d4163d-a2d8-4d3b-9695-4ae3ca98f888'],
    ['Sites.Read.All', '332a536c-c7ef-4017-ab91-336970924f0d'],
    ['Sites.Selected', '883ea226-0bf2-4a8f-9f9d-92c9162a727d'],
    ['User-LifeCycleInfo.Read.All', '8556a004-db57-4d7a-8b82-97a13428e96f'],
    ['User.Read.All', 'df021288-bdef-4463-88db-98f22de89214'],
    ['User.ReadWrite.All', '741f803b-c850-494e-b5df-cde7c675a1ca'],
    ['UserAuthenticationMethod.Read.All', '38d9df27-64da-44fd-b7c5-a6fbac20248f'],
  ],
  [EXCHANGE.appId]: [
    ['Exchange.ManageAsApp', 'dc50a0fb-09a3-484d-be87-e023b12c6440'],
    ['full_access_as_app', 'dc890d15-9560-4a4c-9b7f-a736ec74ec40'],
  ],
  [MANAGEMENT.appId]: [
    ['ActivityFeed.Read', '594c1fb6-4f81-4475-ae41-0c394909246c'],
    ['ServiceHealth.Read', 'e2cea78f-e743-4d8f-a16a-75b629a038ae'],
  ],
};
