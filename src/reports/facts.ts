import type { Level } from '../model/alert.ts';
import type { Cause } from '../text/catalogue.ts';
import type { Period } from './due.ts';

/** Everything a weekly report says, before it is put into sentences. Stored as JSON with the report. Times UTC epoch ms. */
export interface DigestFacts {
  readonly schema: 2;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly reader: {
    readonly kind: 'management' | 'technical';
    readonly language: string;
    readonly timezone: string;
  };
  /** Counts the reports of this reader, from 1. */
  readonly number: number;
  readonly period: Period;
  readonly writtenAt: number;
  readonly nextAt: number;
  readonly numbers: Numbers;
  /** What the report before said; null for the first. */
  readonly before: Numbers | null;
  readonly happened: readonly Group[];
  /** Alerts first detected in the period that someone found expected, a false alarm or a duplicate. */
  readonly settled: number;
  readonly older: { readonly items: readonly Item[]; readonly total: number };
  /** What was so before we began to watch. */
  readonly historical: { readonly total: number; readonly open: number; readonly seriousOpen: number };
  readonly decisions: Decisions;
  readonly people: People;
  readonly unseen: Unseen;
}

/** Questions that somebody must answer; the reader gets the first, the others wait with IT. */
export interface Decisions {
  readonly items: readonly Decision[];
  /** All that are open, printed or not. */
  readonly total: number;
}

export interface Decision {
  readonly alertId: string;
  /** What it is about, and the question: of the detection's text, filled: clean, hostile. */
  readonly about: string;
  readonly question: string;
  /** What follows from each answer; empty where the detection does not say. */
  readonly yes: string;
  readonly no: string;
  /** Of the configuration; null = IT. */
  readonly owner: string | null;
  /** Local midnight that begins the day. */
  readonly dueAt: number;
}

export interface People {
  /** Accounts made in the period; `complete` have nothing open. */
  readonly joined: { readonly count: number; readonly complete: number };
  /** Of the accounts counted as leavers, those with something open, most first. */
  readonly left: {
    readonly count: number;
    readonly open: readonly { readonly name: string | null; readonly items: number }[];
  };
}

export interface Numbers {
  /** Subjects with an alert of level high or above, first detected in the period; `open` of them still are. */
  readonly serious: { readonly count: number; readonly open: number };
  /** Accounts that left in the period or still have something open; `closed` have nothing open. */
  readonly leavers: { readonly closed: number; readonly of: number };
  /**
   * Hours in which every essential source was read, but those of `without`, which were off in the whole period (licence
   * or right missing); `signIns` and `audits` alone.
   */
  readonly hours: {
    readonly watched: number;
    readonly signIns: number;
    readonly audits: number;
    readonly of: number;
    readonly without: readonly string[];
  };
}

/** What happened to one person or thing. */
export interface Group {
  /** Clean, hostile; null when we cannot name it. */
  readonly name: string | null;
  readonly level: Level;
  readonly items: readonly Item[];
}

/** One alert, or several that read the same. */
export interface Item {
  readonly alertIds: readonly string[];
  readonly detectionId: string;
  readonly level: Level;
  readonly life: 'event' | 'state';
  /** Texts of the detection's own version, filled: clean, hostile. */
  readonly title: string;
  readonly what: string;
  readonly why: string;
  readonly ask: string;
  readonly yes: string;
  readonly no: string;
  /** First event, and of how many. */
  readonly at: number;
  readonly times: number;
  readonly seenAt: number;
  /** It happened before the period and was first detected in it. */
  readonly late: boolean;
  readonly open: boolean;
  /** A suppression covers it. */
  readonly expected: boolean;
  readonly withdrawn: boolean;
  readonly closedAt: number | null;
  readonly closeReason: string | null;
}

export interface Unseen {
  readonly sources: readonly SourceTrouble[];
  /** Sources that are off while another one shows their records, with less; absent in facts of before there were any. */
  readonly standIns?: readonly SourceTrouble[];
  /** Sources that were not granted and that no check needs; absent in facts of before there were any. */
  readonly extras?: readonly string[];
  readonly gaps: readonly Gap[];
  readonly mailboxes: readonly { readonly source: string; readonly cause: Cause; readonly count: number }[];
  readonly detections: readonly WeakDetection[];
  readonly rejected: number;
  /** What is wrong with the program itself, the worst first: titles in the reader's words; absent in facts of before there were any. */
  readonly own?: readonly string[];
}

/** A source that is not read at the time of writing. */
export interface SourceTrouble {
  readonly source: string;
  readonly cause: Cause;
  /** Last ok run; null = never. */
  readonly lastOkAt: number | null;
  /** For IT: what the program said. */
  readonly detail: string | null;
}

/** A span of an essential source in which it was not read when it should have been. */
export interface Gap {
  readonly source: string;
  readonly from: number;
  readonly to: number;
  readonly cause: Cause;
  /** Everything in it was read afterwards; null for a state, whose past cannot be read. */
  readonly readLater: boolean | null;
  readonly detail: string | null;
}

export type Lack = 'setting' | 'fields' | 'check' | 'unread';

export interface WeakDetection {
  readonly title: string;
  readonly state: 'reduced' | 'off';
  /** Sources it needs and that are not read. */
  readonly sources: readonly string[];
  /** What else it lacks: a setting of ours, what the tenant's records do not carry, its own check failed, or not all was read. */
  readonly lacks: Lack | null;
  /** How it is reduced, in the reader's language, when the detection says so. */
  readonly text: string | null;
}
