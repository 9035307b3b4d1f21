import type { LogCollector, LogPage, Span } from '../../src/collectors/index.ts';
import { reportLogs } from '../../src/collectors/settings.ts';
import { GraphError } from '../../src/errors.ts';
import type { Graph } from '../../src/microsoft/index.ts';

export const SOURCE = 'sign-ins';

/** What Microsoft would answer: records by time of the event, each readable from some instant on. */
export interface Answers {
  records: { id: string; at: number; readableAt: number }[];
  /** Called before each page; may throw. */
  before: (span: Span, page: number) => void;
  perPage: number;
}

/** The collector of sign-ins, with its shipped settings, over these answers. */
export function answeringCollector(answersNow: () => Answers, now: () => number): LogCollector {
  return {
    kind: 'log',
    source: SOURCE,
    feed: 'sign-ins',
    needs: { permission: 'AuditLog.Read.All', licence: 'p1' },
    settings: reportLogs,
    async *pages(_graph: Graph, span: Span): AsyncGenerator<LogPage> {
      await Promise.resolve();
      const answers = answersNow();
      const startedAt = now();
      const found = answers.records
        .filter((one) => one.readableAt <= startedAt && one.at >= span.from && one.at <= span.to)
        .sort((a, b) => b.at - a.at)
        .map(({ id, at }) => ({ id, createdDateTime: new Date(at).toISOString(), status: { errorCode: 0 } }));
      for (let at = 0, page = 1; at === 0 || at < found.length; at += answers.perPage, page += 1) {
        answers.before(span, page);
        const nextLink = at + answers.perPage < found.length ? 'next' : null;
        const records = found.slice(at, at + answers.perPage);
        yield { records, nextLink, deltaLink: null, requestId: null, startedAt, api: 'beta' };
      }
    },
  };
}

export function down(status = 503): GraphError {
  return new GraphError(`read sign-ins: Graph answered ${status}`, {
    status,
    code: 'ServiceUnavailable',
    requestId: null,
    retryAfterMs: null,
    advice: '',
  });
}
