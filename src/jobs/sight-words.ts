import { collectors, permissionNeeded } from '../collectors/index.ts';
import type { Missing } from '../detection/assess.ts';
import { licenceNames, type Licence } from '../model/licence.ts';
import { logSources } from '../records/index.ts';

/** Whether the tenant has a licence; null while that is not known. */
export type Licensed = (licence: Licence) => boolean | null;

/** The closed list of reasons that need no more to be said. Names of sources stand before them. */
const WORDS: Readonly<Record<string, string>> = {
  auditing_off: 'the audit log is switched off in the tenant',
  not_configured: 'it is not set up',
  no_mailbox: 'nobody has a mailbox there',
  paused: 'the tenant is paused',
  busy: 'another run was at it',
  unsupported_cloud: 'this cloud does not offer it',
  poorer_api: 'only v1.0 of Graph answers, which says less',
  not_read_yet: 'it has not been read yet',
  in_part: 'it is read in part only',
  not_carried: 'the records do not carry it',
  unknown_field: 'there is no such field',
  no_placeholder: 'no values are given for it',
  too_many_values: 'too many values are given for it',
  gap: 'not all of the time it looks at was read',
  baseline: 'too little of the time before was read',
  too_many: 'there was more than it can count',
  failed: 'it failed',
};

/** Why a source is not read, or not whole, as a clause. */
export function sourceWords(source: string, reason: string, licensed: Licensed): string {
  const collector = collectors.find((one) => one.source === source);
  if (reason === 'stand_in') return `${standInFor(source)} stands in for it, with less`;
  if (collector === undefined) return WORDS[reason] ?? reason;
  const { licence, without } = collector.needs;
  if (reason === 'no_licence' && licence !== null) {
    const lacks = `the tenant has no ${licenceNames[licence]}`;
    return without === undefined ? lacks : `${lacks}, so it is read ${without.text}`;
  }
  if (reason === 'no_permission') return `${permissionNeeded(collector, licensed)} is not granted`;
  return WORDS[reason] ?? reason;
}

function standInFor(source: string): string {
  const one = [...logSources.values()].find((log) => log.standsIn?.forSource === source);
  return one?.standsIn?.bySource ?? 'another source';
}

/** Why a detection sees less, or nothing: one clause for each thing that is missing. `reason` is that of its assessment. */
export function detectionWords(reason: string | null, licensed: Licensed): string {
  const missing = reason === null ? [] : (JSON.parse(reason) as Missing[]);
  return missing
    .map(({ without, why }) => {
      const words = sourceWords(without, why, licensed);
      return without === 'check' ? `its own check ${words.replace(/^it /, '')}` : `${without}: ${words}`;
    })
    .join('; ');
}
