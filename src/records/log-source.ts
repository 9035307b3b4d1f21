import type { Act, EventRecord } from '../model/event.ts';
import type { Origin } from './origin.ts';
import type { Parsed } from './parsed.ts';

/** How records of one feed are read. All functions are pure and never throw, whatever the record holds. */
export interface LogSource {
  readonly feed: string;
  /** Feeds whose rules run on these records; its own where absent. */
  readonly rulesOf?: readonly string[];
  /** Sources that bring records of it; the one of the feed's own name where absent. */
  readonly broughtBy?: readonly string[];
  /** Where `forSource` cannot be read, these records, which `bySource` brings, are what there is of it. */
  readonly standsIn?: { readonly forSource: string; readonly bySource: string };
  /** By API version: `v1.0`, `beta`; `management` of the Office 365 Management API. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** A record without id or time is refused; an optional property of the wrong type is read as absent. */
  parse(raw: unknown, api: string): Parsed<EventRecord>;
  /** The things done that this record shows; empty when it shows none that we normalise. */
  acts(raw: Readonly<Record<string, unknown>>): Act[];
  /** Words for texts about a record that shows no act; a feed without this has none. */
  words?(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>;
}
