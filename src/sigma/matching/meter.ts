/**
 * Counts matcher work: one per leaf looked at, plus the characters a glob or a regular expression may scan.
 * Only tests read it, to hold the matcher to its bound; it decides nothing.
 */
export const meter = { steps: 0 };
