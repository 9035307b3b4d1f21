import type { Level } from '../model/alert.ts';
import type { Recipient } from '../model/tenant.ts';
import type { AlertRow } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { historicalEvents, openStates } from '../store/first-look.ts';
import { programDetections } from '../store/reports.ts';
import { tenantTitle } from '../store/tenants.ts';
import { cleanWord } from '../text/hostile.ts';
import type { Period } from './due.ts';
import type { DigestFacts, Unseen } from './facts.ts';
import { byLevel, isSerious } from './level.ts';
import { gatherUnseen } from './unseen.ts';
import { openWriter, type Writer } from './writer.ts';

/** What was already so when we began to watch, once per reader. Stored as JSON with the report. Times UTC epoch ms. */
export interface FirstLookFacts {
  readonly schema: 1;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly reader: DigestFacts['reader'];
  readonly number: number;
  /** From the enrolment to this look. */
  readonly period: Period;
  readonly writtenAt: number;
  readonly open: {
    readonly total: number;
    readonly serious: number;
    readonly kinds: readonly Kind[];
  };
  readonly history: { readonly total: number; readonly kinds: readonly Kind[] };
  readonly unseen: Unseen;
}

/** All alerts of one detection, told by its worst or newest examples. */
export interface Kind {
  readonly detectionId: string;
  readonly level: Level;
  readonly count: number;
  /** Titles in the reader's words, each once: clean, hostile. */
  readonly examples: readonly { readonly alertId: string; readonly title: string; readonly at: number }[];
}

export interface FirstLookInput {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly recipient: Recipient;
  readonly number: number;
  readonly period: Period;
  readonly writtenAt: number;
}

const MOST_EXAMPLES = 3;
/** Reads what a first look says, as it is now. */
export async function gatherFirstLook(db: Db, input: FirstLookInput): Promise<FirstLookFacts> {
  const { tenant, recipient, period, writtenAt } = input;
  const own = await programDetections(db);
  const ofTenant = (alert: AlertRow): boolean => !own.has(alert.detection_id);
  const states = (await openStates(db, tenant.id)).filter(ofTenant).sort(byLevel);
  const events = (await historicalEvents(db, tenant.id)).filter(ofTenant);
  const examples = [...examplesOf(states), ...examplesOf(events)].flatMap(({ first }) => first);
  const writer = await openWriter(db, tenant.id, recipient, examples);
  return {
    schema: 1,
    tenant: { id: tenant.id, name: cleanWord(await tenantTitle(db, tenant)) },
    reader: { kind: recipient.kind, language: recipient.language, timezone: recipient.timezone },
    number: input.number,
    period,
    writtenAt,
    open: {
      total: states.length,
      serious: states.filter((alert) => isSerious(alert.level as Level)).length,
      kinds: kindsOf(states, writer, period),
    },
    history: { total: events.length, kinds: kindsOf(events, writer, period) },
    unseen: await gatherUnseen(db, tenant.id, period, writtenAt, recipient.language),
  };
}

/** By detection, in the order of the alerts: how many, and the first of them. */
function examplesOf(alerts: readonly AlertRow[]): { count: number; first: AlertRow[] }[] {
  const groups = new Map<string, { count: number; first: AlertRow[] }>();
  for (const alert of alerts) {
    const group = groups.get(alert.detection_id) ?? { count: 0, first: [] };
    group.count += 1;
    if (group.first.length < MOST_EXAMPLES) group.first.push(alert);
    groups.set(alert.detection_id, group);
  }
  return [...groups.values()];
}

function kindsOf(alerts: readonly AlertRow[], writer: Writer, period: Period): Kind[] {
  return examplesOf(alerts)
    .map(({ count, first }): Kind => {
      const items = first.map((alert) => writer.item(alert, period));
      return {
        detectionId: items[0]?.detectionId ?? '',
        level: items[0]?.level ?? 'informational',
        count,
        examples: items
          .filter((item, index) => items.findIndex((other) => other.title === item.title) === index)
          .map((item) => ({ alertId: item.alertIds[0] ?? '', title: item.title, at: item.at })),
      };
    })
    .sort((a, b) => byLevel(a, b) || b.count - a.count);
}
