/** A case whose expectation is what pySigma 1.5.0 gives and its own note calls wrong, and what is right. */
export interface PySigmaDefect {
  readonly id: string;
  readonly reason: string;
  /** The values, in the words of the case files. */
  readonly right: readonly unknown[];
}

export const KNOWN_PYSIGMA_DEFECTS: readonly PySigmaDefect[] = [
  {
    id: 'exp/036',
    reason: 'base64 works on bytes: é has two in UTF-8, and pySigma cuts the end as if it had one',
    right: [{ any_of: [{ pattern: ['w6'] }, { pattern: ['Op'] }, { pattern: ['Dq'] }] }],
  },
  {
    id: 'exp/037',
    reason: 'the backslash of an escaped wildcard is Sigma syntax and not part of the text: a*b is encoded',
    right: [{ pattern: ['YSpi'] }],
  },
  {
    id: 'exp/042',
    reason: 'the byte order mark of UTF-16LE is FF FE, as the specification says, and not that of UTF-8',
    right: [{ pattern: ['//5hAGIA'] }],
  },
  {
    id: 'exp/043',
    reason: 'utf16le is in the specification, pySigma does not know it',
    right: [{ pattern: ['YQBiAA=='] }],
  },
];
