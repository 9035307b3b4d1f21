/** What the clients did, as `GET {control}/report` tells it. */
export interface Report {
  early_returns: EarlyReturn[];
  /** Answers with 429, parts of batches included. */
  throttled: number;
  /** Requests by route, parts of batches included. */
  requests: Record<string, number>;
  tokens_issued: number;
}

export interface EarlyReturn {
  readonly tenant: string;
  /** The quota bucket, or the route where none applies. */
  readonly scope: string;
  readonly route: string;
  /** Virtual time of the request, and the first at which it was welcome; UTC epoch ms. */
  readonly at: number;
  readonly allowed_at: number;
}

export interface Counters {
  readonly report: Report;
  count(route: string): void;
  reset(): void;
}

export function createCounters(): Counters {
  const report: Report = { early_returns: [], throttled: 0, requests: {}, tokens_issued: 0 };
  return {
    report,
    count(route) {
      report.requests[route] = (report.requests[route] ?? 0) + 1;
    },
    reset() {
      Object.assign(report, { early_returns: [], throttled: 0, requests: {}, tokens_issued: 0 });
    },
  };
}
