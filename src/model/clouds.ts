import type { Cloud, CloudHosts } from './tenant.ts';

/**
 * Base URLs of Microsoft's clouds [Microsoft Learn: graph/deployments,
 * entra/identity-platform/authentication-national-cloud; Management API hosts: office-365-management-api reference].
 * Exchange: exchange/reference/admin-api-get-started.
 * GCC is served by the global hosts. No Management API host is known for 21Vianet.
 */
export const CLOUD_HOSTS: Readonly<Record<Exclude<Cloud, 'custom'>, CloudHosts>> = {
  global: {
    graph: 'https://graph.microsoft.com',
    authority: 'https://login.microsoftonline.com',
    management: 'https://manage.office.com',
    exchange: 'https://outlook.office365.com',
    clock: null,
  },
  gcc_high: {
    graph: 'https://graph.microsoft.us',
    authority: 'https://login.microsoftonline.us',
    management: 'https://manage.office365.us',
    exchange: 'https://outlook.office365.us',
    clock: null,
  },
  dod: {
    graph: 'https://dod-graph.microsoft.us',
    authority: 'https://login.microsoftonline.us',
    management: 'https://manage.protection.apps.mil',
    exchange: 'https://outlook-dod.office365.us',
    clock: null,
  },
  china: {
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    management: null,
    exchange: 'https://outlook.office365.cn',
    clock: null,
  },
};
