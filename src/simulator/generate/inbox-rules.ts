import { DAY } from './calendar.ts';
import type { TenantDraft } from './draft.ts';
import { personOf } from './draft.ts';
import { addCmdlet, ruleParameters } from './exchange-audits.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import { folderId } from '../folders.ts';
import type { Raw, StateObject } from '../world.ts';

/** Opens a mailbox for everybody who has one and fills some with ordinary rules; nothing leaves the company, nothing hides. */
export function addMailboxes(draft: TenantDraft): void {
  for (const person of draft.people) {
    if (!person.sku && person.kind !== 'shared') continue;
    draft.messageRules.set(person.id, []);
    const draw = person.random.fork('inbox rules');
    if (person.kind === 'staff') addOrdinaryRules(draft, person, draw);
  }
}

/**
 * Adds one rule to a mailbox from a time on and returns it. The id looks like Exchange's: eight bytes, base64. Its making
 * stands in the unified audit log, by default from the office.
 */
export function addRule(
  draft: TenantDraft,
  person: Person,
  from: number,
  rule: Raw,
  draw: Random,
  ipAddress = draft.cast.office.ipAddress,
): StateObject {
  const rules = draft.messageRules.get(person.id);
  if (!rules)
    throw new Error(
      `add an inbox rule: ${person.upn} has no mailbox; give the person a licence in the roster`,
    );
  const id = ruleId(draw);
  const base = {
    id,
    displayName: '',
    sequence: rules.length + 1,
    isEnabled: true,
    hasError: false,
    isReadOnly: false,
  };
  const entry = { id, versions: [{ from, value: { ...base, ...rule } }] };
  rules.push(entry);
  const parameters = ruleParameters(person, rule);
  addCmdlet(
    draft,
    { at: from, person, operation: 'New-InboxRule', parameters, ipAddress },
    draw.fork('audit', id),
  );
  return entry;
}

/** A recipient as rules carry it. */
export function recipient(name: string, address: string): Raw {
  return { emailAddress: { name, address } };
}

function addOrdinaryRules(draft: TenantDraft, person: Person, draw: Random): void {
  const long = draft.from - draw.int(20, 400) * DAY;
  if (draw.chance(0.35)) addRule(draft, person, long, newsletterRule(person), draw);
  if (draw.chance(0.2)) addRule(draft, person, long + DAY, projectRule(person), draw);
  if (draw.chance(0.15)) addRule(draft, person, draft.to - draw.int(1, 20) * DAY, colleagueRule(draft), draw);
}

function newsletterRule(person: Person): Raw {
  return {
    displayName: 'Newsletter',
    conditions: { subjectContains: ['Newsletter'] },
    actions: { moveToFolder: folderId(person.id, 'newsletter'), stopProcessingRules: true },
  };
}

function projectRule(person: Person): Raw {
  return {
    displayName: 'Projekte ablegen',
    conditions: { subjectContains: ['Projekt', 'Baustelle'] },
    actions: { copyToFolder: folderId(person.id, 'projekte') },
  };
}

/** Forwards inside the organisation, as deputies do. */
function colleagueRule(draft: TenantDraft): Raw {
  const colleague = personOf(draft, draft.cast.promoted);
  return {
    displayName: `Kopie an ${colleague.given}`,
    conditions: { subjectContains: ['Vertretung'] },
    actions: { forwardTo: [recipient(colleague.displayName, colleague.mail ?? colleague.upn)] },
  };
}

function ruleId(draw: Random): string {
  const tail = [0, 0, 0, 0].map(() => draw.int(0, 255));
  return Buffer.from([1, 0, 0, 0, ...tail]).toString('base64');
}
