import type { Random } from './random.ts';

/** A device as the sign-in log describes it. */
export interface Device {
  /** "" for a device the directory does not know (wire-facts). */
  readonly deviceId: string;
  /** Object id in the directory, for audits; "" when unknown there. */
  readonly objectId: string;
  readonly displayName: string | null;
  readonly operatingSystem: string;
  readonly browser: string;
  readonly userAgent: string;
  readonly managed: boolean;
  readonly trustType: string | null;
}

const EDGE_AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0';
const CHROME_AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const IPHONE_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1';
const ANDROID_AGENT =
  'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36';

/** The company's laptop: joined to Entra ID, managed. Value spellings as in a public sign-in record (`Windows10`, `Azure AD joined`). */
export function managedLaptop(person: Random, displayName: string): Device {
  const draw = person.fork('laptop');
  return {
    deviceId: draw.guid(),
    objectId: draw.guid(),
    displayName,
    operatingSystem: 'Windows10',
    browser: 'Edge 141.0.0',
    userAgent: EDGE_AGENT,
    managed: true,
    trustType: 'Azure AD joined',
  };
}

/** The person's own phone. */
export function ownPhone(person: Random): Device {
  const apple = person.fork('phone').chance(0.6);
  const facts = apple
    ? { operatingSystem: 'Ios 18.6', browser: 'Mobile Safari 18.6', userAgent: IPHONE_AGENT }
    : { operatingSystem: 'Android 15', browser: 'Chrome Mobile 141.0.0', userAgent: ANDROID_AGENT };
  return { ...UNKNOWN, ...facts };
}

/** A computer that belongs to nobody here: a guest's, an attacker's. */
export function foreignComputer(): Device {
  return { ...UNKNOWN, operatingSystem: 'Windows10', browser: 'Chrome 141.0.0', userAgent: CHROME_AGENT };
}

/** A mail client that sends name and password; the agent is how Microsoft's log shows it (stories.md 21). */
export function basicAuthClient(): Device {
  return { ...UNKNOWN, operatingSystem: '', browser: '', userAgent: 'BAV2ROPC' };
}

const UNKNOWN = { deviceId: '', objectId: '', displayName: '', managed: false, trustType: null };
