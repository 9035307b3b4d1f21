import type { Span } from '../collectors/index.ts';
import type { Db } from '../store/database.ts';
import {
  finishWindow,
  planWindows,
  type NewWindow,
  type WindowKind,
  type WindowRow,
} from '../store/windows.ts';

/** Logs are denser at some hours than at those that were read: so much room is left in each part. */
const ROOM = 1.25;

/** Of one window; a busier one is split again. */
const MOST_PARTS = 48;

/**
 * Into how many parts a window is split of which the pages it may hold reached back to `oldest` (UTC epoch ms). Microsoft
 * gives the newest first, so what they cover says how dense the log is; halving alone would read most of a busy day three
 * times. Every part is read whole, so that an order of another kind costs requests and loses nothing.
 */
export function partsFor(span: Span, oldest: number, minimumSpanMs: number): number {
  const length = span.to - span.from;
  const covered = Math.max(span.to - oldest, minimumSpanMs);
  const wanted = Math.ceil((length / covered) * ROOM);
  return Math.max(2, Math.min(wanted, MOST_PARTS, Math.floor(length / minimumSpanMs)));
}

/** Ends a window as split and plans its equal parts, in the caller's transaction. */
export async function splitWindow(tx: Db, window: WindowRow, now: number, parts = 2): Promise<void> {
  // Parts of a head are no heads: the next one does not take them in, so that what was read of them stays read.
  const kind = window.kind === 'head' ? 'half' : (window.kind as WindowKind);
  const length = window.to_at - window.from_at;
  const edge = (index: number): number => window.from_at + Math.floor((length * index) / parts);
  const planned = Array.from({ length: parts }, (_none, index): NewWindow => ({
    kind,
    fromAt: edge(index),
    toAt: edge(index + 1),
  }));
  await finishWindow(tx, window, {
    status: 'split',
    reason: 'more pages than one window may hold',
    nextTryAt: null,
    now,
  });
  await planWindows(tx, window.tenant_id, window.source, planned, now);
}
