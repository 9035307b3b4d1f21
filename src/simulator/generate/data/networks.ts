/**
 * Networks by use. Numbers: ipverse/asn-info as.csv @2ed4267 (registry), X4BNet/lists_vpn @167937a, brianhama/bad-asn-list
 * @cac788b, public carrier maps; the carriers named here also sell fixed lines. Country of the hosting networks: the
 * suffix of their registry name.
 */
export interface Network {
  readonly asn: number;
  readonly country: string;
}

export const CARRIERS: Readonly<Record<string, readonly Network[]>> = {
  /** Deutsche Telekom, Vodafone GmbH, Telefonica Germany. */
  DE: [
    { asn: 3320, country: 'DE' },
    { asn: 3209, country: 'DE' },
    { asn: 6805, country: 'DE' },
  ],
  /** A1 Telekom Austria AG, Hutchison Drei Austria GmbH. */
  AT: [
    { asn: 12793, country: 'AT' },
    { asn: 12635, country: 'AT' },
  ],
  /** Swisscom (Schweiz) AG, Sunrise GmbH. */
  CH: [
    { asn: 3303, country: 'CH' },
    { asn: 6730, country: 'CH' },
  ],
};

/** LITESERVER, NL: where the phishing kit of the story runs. */
export const ATTACKER_HOSTING: Network = { asn: 60404, country: 'NL' };

/** ROOT, LU: from where the device code of the story is redeemed. */
export const DEVICE_CODE_HOSTING: Network = { asn: 5577, country: 'LU' };

/** H1ASN, RU: from where the administrator of the story is taken. */
export const ADMIN_THIEF_HOSTING: Network = { asn: 6870, country: 'RU' };

/** PIN-AS, RU; CHERRYSERVERS1-AS, LT; ENZUINC-US - Enzu Inc, US; VIRTONO-NETWORKS, RO: password guessing from anywhere. */
export const GUESSING_HOSTING: readonly Network[] = [
  { asn: 44050, country: 'RU' },
  { asn: 16125, country: 'LT' },
  { asn: 18978, country: 'US' },
  { asn: 203523, country: 'RO' },
];
