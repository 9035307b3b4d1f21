import { DAY, isoSeconds } from './calendar.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import type { Raw, StateObject } from '../world.ts';

/** Settings of the mailboxes in which somebody set something: shared ones, and who was away. */
export function mailboxSettings(draft: TenantDraft): StateObject[] {
  return draft.people.flatMap((person) => {
    if (!draft.messageRules.has(person.id)) return [];
    if (person.kind === 'shared') return [shared(draft, person)];
    const draw = person.random.fork('absence');
    return person.kind === 'staff' && draw.chance(0.15) ? [absent(draft, person, draw.int(3, 20))] : [];
  });
}

function shared(draft: TenantDraft, { id }: Person): StateObject {
  return { id, versions: [{ from: draft.from - 30 * DAY, value: { id, userPurpose: 'shared' } }] };
}

/** A holiday that was over before the data begin: its reply is still there, and off. */
function absent(draft: TenantDraft, { id, displayName }: Person, days: number): StateObject {
  const reply = `<html><body>Ich bin zurzeit nicht im Haus. ${displayName}</body></html>`;
  const replies: Raw = {
    status: 'scheduled',
    externalAudience: 'contactsOnly',
    scheduledStartDateTime: zoned(draft.from - (days + 10) * DAY),
    scheduledEndDateTime: zoned(draft.from - 10 * DAY),
    internalReplyMessage: reply,
    externalReplyMessage: reply,
  };
  return {
    id,
    versions: [{ from: draft.from - 60 * DAY, value: { id, automaticRepliesSetting: replies } }],
  };
}

function zoned(at: number): Raw {
  return { dateTime: `${isoSeconds(at).replace('Z', '')}.0000000`, timeZone: 'UTC' };
}
