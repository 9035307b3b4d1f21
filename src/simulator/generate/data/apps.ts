/**
 * Microsoft's own applications that people of the simulated tenants use: id and name.
 * Source: merill/microsoft-info MicrosoftApps.json @43b8a5d (2026-08-20), dirkjanm/ROADtools firstpartyscopes.json @fc344df.
 */
export interface App {
  readonly appId: string;
  readonly name: string;
}

export const EXCHANGE: App = {
  appId: '00000002-0000-0ff1-ce00-000000000000',
  name: 'Office 365 Exchange Online',
};
export const SHAREPOINT: App = {
  appId: '00000003-0000-0ff1-ce00-000000000000',
  name: 'Office 365 SharePoint Online',
};
export const GRAPH: App = { appId: '00000003-0000-0000-c000-000000000000', name: 'Microsoft Graph' };
export const DIRECTORY: App = {
  appId: '00000002-0000-0000-c000-000000000000',
  name: 'Windows Azure Active Directory',
};
export const TEAMS_SERVICES: App = {
  appId: 'cc15fd57-2c6c-4117-a88c-83b1d56b4bbe',
  name: 'Microsoft Teams Services',
};
export const OFFICE_HOME: App = { appId: '4765445b-32c6-49b0-83e6-1d93765276ca', name: 'OfficeHome' };
export const OFFICE: App = { appId: 'd3590ed6-52b3-4102-aeff-aad2292ab01c', name: 'Microsoft Office' };
export const TEAMS: App = { appId: '1fec8e78-bce4-4aaf-ab1b-5451cc387264', name: 'Microsoft Teams' };
export const TEAMS_WEB: App = {
  appId: '5e3ce6c0-2b1f-4285-8d4b-75ee78787346',
  name: 'Microsoft Teams Web Client',
};
export const OUTLOOK_MOBILE: App = { appId: '27922004-5251-4030-b22d-91ecd9a37ea4', name: 'Outlook Mobile' };
export const SHAREPOINT_WEB: App = {
  appId: '08e18876-6177-487e-b8b5-cf950c1e598c',
  name: 'SharePoint Online Web Client Extensibility',
};
export const ONEDRIVE_SYNC: App = {
  appId: 'ab9b8c07-8f02-4f72-87fa-80105867a763',
  name: 'OneDrive SyncEngine',
};
export const MY_PROFILE: App = { appId: '8c59ead7-d703-4a27-9e55-c96a0054c8d2', name: 'My Profile' };
export const AZURE_PORTAL: App = { appId: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c', name: 'Azure Portal' };
export const ADMIN_PORTAL: App = {
  appId: '618dd325-23f6-4b6f-8380-4df78026e39b',
  name: 'Microsoft 365 Admin portal',
};
export const EXCHANGE_ADMIN: App = {
  appId: '497effe9-df71-4043-a8bb-14cf78c4b63b',
  name: 'Exchange Admin Center',
};

export const MANAGEMENT: App = {
  appId: 'c5393580-f805-4401-95e8-94b7a6ef2fc2',
  name: 'Office 365 Management APIs',
};

/** Takes part in the sign-in of other applications; the client of the device-code phishing told by Microsoft on 2025-02-13 (Storm-2372). */
export const AUTHENTICATION_BROKER: App = {
  appId: '29d9ed98-a469-4536-ade2-f981bc1d605e',
  name: 'Microsoft Authentication Broker',
};

/** Names of service principals that change directory objects on Microsoft's behalf; the log carries no appId for them. */
export const SUBSTRATE_MANAGEMENT = 'Microsoft Substrate Management';
export const DEVICE_REGISTRATION = 'Device Registration Service';

/** Way of using an app: what the sign-in log says in clientAppUsed. */
export type Client = 'Browser' | 'Mobile Apps and Desktop clients';

/** One kind of visit: app, resource it asks a token for, client. */
export interface Visit {
  readonly app: App;
  readonly resource: App;
  readonly client: Client;
}

const DESKTOP = 'Mobile Apps and Desktop clients';

export const LAPTOP_VISITS: readonly Visit[] = [
  { app: OFFICE_HOME, resource: OFFICE_HOME, client: 'Browser' },
  { app: OFFICE, resource: EXCHANGE, client: DESKTOP },
  { app: OFFICE, resource: SHAREPOINT, client: DESKTOP },
  { app: TEAMS, resource: TEAMS_SERVICES, client: DESKTOP },
  { app: TEAMS_WEB, resource: TEAMS_SERVICES, client: 'Browser' },
  { app: SHAREPOINT, resource: SHAREPOINT, client: 'Browser' },
  { app: SHAREPOINT_WEB, resource: GRAPH, client: 'Browser' },
  { app: ONEDRIVE_SYNC, resource: SHAREPOINT, client: DESKTOP },
  { app: MY_PROFILE, resource: DIRECTORY, client: 'Browser' },
];

export const PHONE_VISITS: readonly Visit[] = [
  { app: OUTLOOK_MOBILE, resource: EXCHANGE, client: DESKTOP },
  { app: TEAMS, resource: TEAMS_SERVICES, client: DESKTOP },
  { app: OFFICE_HOME, resource: OFFICE_HOME, client: 'Browser' },
];

export const ADMIN_VISITS: readonly Visit[] = [
  { app: AZURE_PORTAL, resource: DIRECTORY, client: 'Browser' },
  { app: ADMIN_PORTAL, resource: GRAPH, client: 'Browser' },
  { app: EXCHANGE_ADMIN, resource: EXCHANGE, client: 'Browser' },
];

export const GUEST_VISITS: readonly Visit[] = [
  { app: TEAMS_WEB, resource: TEAMS_SERVICES, client: 'Browser' },
  { app: SHAREPOINT, resource: SHAREPOINT, client: 'Browser' },
];
