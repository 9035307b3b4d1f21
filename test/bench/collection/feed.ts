import { GraphError } from '../../../src/errors.ts';
import { Random } from '../random.ts';
import type { Trace, TraceRecord } from './trace.ts';

const PAGE = 1000;

/** The far side of one source: answers what is readable at an instant, a page at a time, and counts requests. */
export class Feed {
  readonly trace: Trace;
  readonly #random: Random;
  requests = 0;

  constructor(trace: Trace, seed: number) {
    this.trace = trace;
    this.#random = new Random(seed);
  }

  /**
   * Records of [from, to], both ends included, newest first, as far as they are readable at `now`. Throws GraphError in
   * an outage, and for one page in 2,000 (a skip token that is refused, a cut connection).
   */
  *pages(from: number, to: number, now: number): Generator<{ records: TraceRecord[]; last: boolean }> {
    const found = this.#readable(from, to, now);
    let at = 0;
    do {
      this.requests += 1;
      if (this.trace.outages.some((outage) => outage.from <= now && now < outage.to)) throw down(503);
      if (this.#random.chance(0.0005)) throw down(400);
      const records = found.slice(at, at + PAGE);
      at += PAGE;
      yield { records, last: at >= found.length };
    } while (at < found.length);
  }

  #readable(from: number, to: number, now: number): TraceRecord[] {
    const { records } = this.trace;
    const found: TraceRecord[] = [];
    for (let index = firstAtOrAfter(records, from); index < records.length; index += 1) {
      const record = records[index] as TraceRecord;
      if (record.at > to) break;
      if (record.readableAt > now) continue;
      found.push(record);
      if (record.againAt !== null && record.againAt <= now) found.push(record);
    }
    return found.reverse();
  }
}

function firstAtOrAfter(records: readonly TraceRecord[], at: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle] as TraceRecord).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function down(status: number): GraphError {
  return new GraphError(`read records: Graph answered ${status}`, {
    status,
    code: status === 503 ? 'ServiceUnavailable' : 'BadRequest',
    requestId: null,
    retryAfterMs: null,
    advice: '',
  });
}
