import { plural } from './intl.ts';

const TAG = 'en-GB';

function seriousOf(open: number, serious: number): string {
  if (open !== serious)
    return plural(TAG, serious, { one: 'one of them serious', other: '# of them serious' });
  return plural(TAG, open, { one: 'and it is serious', other: 'all of them serious' });
}

/** English. Plain words: the reader is a manager with 90 seconds (rules: docs of the weekly mail). */
export const en = {
  /** For Intl: decides the order of day and month and the signs in numbers. */
  tag: TAG,
  /** Stands where a text needs a word that we do not have. */
  unknownWord: '(unknown)',
  unknownSubject: 'An account we cannot name',
  unknownDetection: 'Something a rule found that is no longer here',

  week: (week: number) => `week ${week}`,
  days: (from: string, to: string) => `${from} to ${to}`,
  at: (day: string, time: string) => `${day} ${time}`,
  onDay: (weekday: string, date: string) => `${weekday} ${date}`,

  /** Codes of ISO 3166 whose name needs an article after "in" and "from"; the others are as Intl names them. */
  countries: {
    AE: 'the United Arab Emirates',
    BS: 'the Bahamas',
    CF: 'the Central African Republic',
    CD: 'the Democratic Republic of the Congo',
    DO: 'the Dominican Republic',
    GB: 'the United Kingdom',
    GM: 'the Gambia',
    MV: 'the Maldives',
    NL: 'the Netherlands',
    PH: 'the Philippines',
    US: 'the United States',
  } as Readonly<Record<string, string>>,
  /** Where a network address would stand, which says nothing to a manager. */
  address: 'an internet address',
  /** Words that stand before an address in detections' texts; they go with it. */
  beforeAddress: ['from', 'at', 'by'] as readonly string[],

  subject: {
    seriousOpen: (count: number, open: number) =>
      `${plural(TAG, count, { one: 'one serious incident', other: '# serious incidents' })}, ${count === open ? 'still open' : `${open} still open`}`,
    seriousClosed: (count: number) =>
      plural(TAG, count, { one: 'one serious incident, closed', other: '# serious incidents, all closed' }),
    smaller: (count: number) => plural(TAG, count, { one: 'one smaller thing', other: '# smaller things' }),
    older: (count: number) =>
      plural(TAG, count, {
        one: 'nothing new, one thing still open',
        other: 'nothing new, # things still open',
      }),
    quiet: 'nothing that needs you',
    quietInPart: 'nothing found, but we could not see everything',
    blind: 'we could not see who signed in',
    blindAudits: 'we could not see what was changed',
    blindBoth: 'we could see neither sign-ins nor changes',
    decisions: (count: number) =>
      plural(TAG, count, { one: 'one decision for you', other: '# decisions for you' }),
    and: (parts: readonly string[]) => parts.join('; '),
  },

  sentence: {
    serious: (count: number, open: number, who: string) => {
      const state = plural(TAG, count, {
        one: open === 0 ? 'closed' : 'still open',
        other: open === 0 ? 'all closed' : open === count ? 'all still open' : `${open} still open`,
      });
      const what = plural(TAG, count, {
        one: 'One serious incident this week',
        other: '# serious incidents this week',
      });
      return `${what}, ${state}${who === '' ? '' : `: ${who}`}.`;
    },
    smaller: (count: number) =>
      plural(TAG, count, {
        one: 'Nothing serious happened this week; one smaller thing is told below.',
        other: 'Nothing serious happened this week; # smaller things are told below.',
      }),
    older: (count: number) =>
      plural(TAG, count, {
        one: 'Nothing new happened this week; one older thing is still open.',
        other: 'Nothing new happened this week; # older things are still open.',
      }),
    quiet: 'Nothing happened this week that needs you.',
    inPart: {
      smaller: (count: number) =>
        plural(TAG, count, {
          one: 'In what we could see nothing serious happened; one smaller thing is told below.',
          other: 'In what we could see nothing serious happened; # smaller things are told below.',
        }),
      older: (count: number) =>
        plural(TAG, count, {
          one: 'In what we could see nothing new happened; one older thing is still open.',
          other: 'In what we could see nothing new happened; # older things are still open.',
        }),
      quiet: 'In what we could see, nothing happened that needs you.',
    },
    blind: 'We could not see who signed in this week, so we cannot say that all is well.',
    blindAudits: 'We could not see what was changed this week, so we cannot say that all is well.',
    blindBoth:
      'We could see neither who signed in nor what was changed this week, so we cannot say that all is well.',
    hoursShort: (watched: number, of: number) => `We could watch ${watched} of the ${of} hours.`,
    decisions: (count: number) =>
      plural(TAG, count, { one: 'We need one decision from you.', other: 'We need # decisions from you.' }),
  },

  numbers: {
    thisWeek: 'this week',
    lastWeek: 'last week',
    none: '–',
    serious: 'serious incidents',
    leavers: 'leavers fully closed',
    hours: 'hours we could watch',
    seriousValue: (count: number, open: number) => {
      if (count === 0) return '0';
      return open === 0 ? `${count} (closed)` : `${count} (${open} open)`;
    },
    ofValue: (part: number, whole: number) => (whole === 0 ? 'none' : `${part} of ${whole}`),
    /** Follows the hours. */
    without: (sources: string) => `, without ${sources}`,
    quiet: (leavers: { closed: number; of: number }, hours: string) =>
      `0 serious incidents · ${leavers.of === 0 ? 'no leavers' : `leavers ${leavers.closed} of ${leavers.of} closed`} · hours watched: ${hours}.`,
    line: (name: string, value: string, before: string) => `${name}: ${value} (last week: ${before})`,
  },

  headings: {
    happened: 'What happened',
    decide: 'Please decide',
    people: 'People',
    older: 'Still open from before',
    unseen: 'What we could not see',
    next: 'Next',
  },

  item: {
    serious: 'serious',
    openBadge: 'open',
    noticed: (duration: string) => `Noticed ${duration} later.`,
    late: (day: string) => `It was on ${day} and could be read only this week.`,
    times: (count: number) => plural(TAG, count, { one: 'Once.', other: 'Seen # times.' }),
    open: 'Still open.',
    expected: 'This was expected.',
    withdrawn: 'Microsoft has since changed the record.',
    closed: (when: string, reason: string, after: string | null) =>
      `Closed ${when}${after === null ? '' : `, after ${after}`}: ${reason}.`,
    since: (day: string) => `since ${day}`,
    moreItems: (count: number) =>
      plural(TAG, count, { one: 'And one smaller thing, with IT.', other: 'And # smaller things, with IT.' }),
    moreGroups: (count: number) =>
      plural(TAG, count, {
        one: 'And one more person or thing, with IT.',
        other: 'And # more people or things, with IT.',
      }),
    olderOpen: (count: number, since: string) =>
      plural(TAG, count, {
        one: `One thing from before is still open, since ${since}.`,
        other: `# things from before are still open, the oldest since ${since}.`,
      }),
    settled: (count: number) =>
      plural(TAG, count, {
        one: 'One more thing was looked into and needed nothing.',
        other: '# more things were looked into and needed nothing.',
      }),
  },

  decide: {
    yes: (text: string) => `Yes: ${text}`,
    no: (text: string) => `No: ${text}`,
    owner: (name: string, day: string) => `Owner: ${name}, by ${day}.`,
    it: 'IT',
    more: (count: number) =>
      plural(TAG, count, {
        one: 'One more question waits with IT.',
        other: '# more questions wait with IT.',
      }),
  },

  people: {
    joined: (count: number, complete: number) => {
      const first = plural(TAG, count, { one: 'one joined', other: '# joined' });
      if (count === complete) return `${first} (complete)`;
      return `${first} (${plural(TAG, count - complete, { one: 'one not complete', other: '# not complete' })})`;
    },
    left: (count: number, open: string) =>
      `${plural(TAG, count, { one: 'one left', other: '# left' })}${open === '' ? ' (closed)' : ` (${open})`}`,
    openItems: (name: string, count: number) =>
      `${name}: ${plural(TAG, count, { one: 'one item open', other: '# items open' })}`,
    more: (count: number) => plural(TAG, count, { one: 'one more', other: '# more' }),
  },

  firstLook: {
    subject: (name: string, open: number) =>
      `${name}: first look: ${open === 0 ? 'nothing open found' : plural(TAG, open, { one: 'one thing is already open', other: '# things are already open' })}`,
    lead: (open: number, serious: number) => {
      if (open === 0) return 'We have begun to watch. In what we could read, nothing is open.';
      const first = plural(TAG, open, { one: 'one thing is', other: '# things are' });
      const second = serious === 0 ? 'none of it serious' : seriousOf(open, serious);
      return `We have begun to watch. ${first[0]?.toUpperCase() ?? ''}${first.slice(1)} already open, ${second}.`;
    },
    blind: 'We could not see who signs in, so this says nothing about sign-ins.',
    explain:
      'From now on you hear only of what is new. What is meant to be as it is, IT can accept once; then it is not asked again.',
    open: 'What is open now',
    history: 'What the records of the time before show',
    more: (count: number) =>
      plural(TAG, count, { one: 'and one more of this kind.', other: 'and # more of this kind.' }),
    moreKinds: (count: number) =>
      plural(TAG, count, {
        one: 'And one more kind of thing, with IT.',
        other: 'And # more kinds of things, with IT.',
      }),
    footer: (name: string, day: string, zone: string) => `${name} · first look of ${day} · times of ${zone}`,
  },

  closeReasons: {
    true: 'dealt with',
    expected: 'it was expected',
    false_positive: 'a false alarm',
    duplicate: 'told elsewhere',
    fixed: 'put right',
    deleted: 'it no longer exists',
    out_of_scope: 'it no longer applies',
    retired: 'no longer checked',
  } as Readonly<Record<string, string>>,

  historical: (open: number, serious: number) => {
    const first = plural(TAG, open, {
      one: 'One thing from before we began to watch is still open',
      other: '# things from before we began to watch are still open',
    });
    return serious === 0 ? `${first}.` : `${first}, ${seriousOf(open, serious)}.`;
  },

  duration: {
    minutes: (count: number) => plural(TAG, count, { one: 'one minute', other: '# minutes' }),
    hours: (count: number) => plural(TAG, count, { one: 'one hour', other: '# hours' }),
    days: (count: number) => plural(TAG, count, { one: 'one day', other: '# days' }),
  },

  /** What a source shows, as the subject of "… could not be read". */
  sources: {
    'sign-ins': 'sign-ins',
    'directory-audits': 'changes of roles, apps and settings',
    'audit-azure-ad': 'the audit log of Entra ID',
    'audit-exchange': 'the audit log of Exchange',
    'audit-sharepoint': 'the audit log of SharePoint',
    'audit-general': 'the audit log of Teams and other services',
    users: 'the list of people',
    'role-assignments': 'who holds which role',
    'role-definitions': 'the list of roles',
    groups: 'groups and their members',
    applications: 'registered applications',
    'service-principals': 'applications in use',
    'oauth2-grants': 'what people allowed applications to do',
    'app-role-assignments': 'what applications may do by themselves',
    'role-eligibility': 'who may switch a role on',
    'role-assignment-schedules': 'until when roles are held',
    'sign-in-activity': 'dates of last sign-ins',
    'subscribed-skus': 'the licences',
    'mailbox-rules': 'rules in mailboxes',
    'mailbox-settings': 'settings of mailboxes',
    'exchange-mailboxes': 'forwarding and permissions of mailboxes',
    'inbox-rules': 'rules in mailboxes',
    'message-rules': 'rules in mailboxes',
    organization: 'the organisation',
    'conditional-access-policies': 'the rules for sign-ins (Conditional Access)',
    'named-locations': 'named locations',
    'authentication-methods-policy': 'the permitted sign-in methods',
    'authorization-policy': 'what users and guests may do',
    'security-defaults': 'the security defaults',
    'cross-tenant-access': 'access between organisations',
    domains: 'the domains',
    'domain-federation': 'the federation of the domains',
    'sharepoint-settings': 'sharing in SharePoint',
    'registration-details': 'registered second factors',
    'secure-score': "Microsoft's secure score",
    devices: 'devices',
    'intune-devices': 'devices in Intune',
    'mail-domains-dns': 'mail records of the domains',
    'non-interactive-sign-ins': 'sign-ins in the background',
    'service-principal-sign-ins': 'sign-ins of apps',
    'managed-identity-sign-ins': 'sign-ins of Azure services',
    'risk-detections': 'risk detections',
    'service-principal-risk-detections': 'risk detections about apps',
    'defender-alerts': 'alerts of Microsoft Defender',
    'defender-incidents': 'incidents of Microsoft Defender',
    'risky-users': 'accounts that Microsoft holds for compromised',
    'risky-service-principals': 'apps that Microsoft holds for compromised',
  } as Readonly<Record<string, string>>,

  causes: {
    no_licence: 'the licence for it is missing',
    no_permission: 'the right for it was not granted',
    auditing_off: 'the audit log is switched off',
    not_configured: 'it is not set up',
    unsupported_cloud: 'this Microsoft cloud does not offer it',
    paused: 'watching is paused',
    not_begun: 'we had not begun to watch',
    never_read: 'it has never been read',
    not_running: 'our program was not running',
    service_down: "Microsoft's service was down",
    throttled: 'Microsoft slowed us down',
    refused: 'Microsoft refused access',
    credential: 'our own access to Microsoft no longer works',
    unreachable: 'Microsoft could not be reached',
    malformed: 'the answer could not be understood',
    failed: 'reading failed',
  },

  unseen: {
    /** What is wrong with the program itself. */
    own: (titles: string, more: number) => `tenantwatch itself: ${titles}${more === 0 ? '' : ` (+${more})`}.`,
    source: (source: string, cause: string) => `Not watched: ${source} (${cause}).`,
    sourceSince: (source: string, cause: string, since: string) =>
      `Not watched since ${since}: ${source} (${cause}).`,
    /** `since` null = always so. */
    standIn: (source: string, by: string, cause: string, since: string | null) =>
      `Seen only in ${by}${since === null ? '' : ` since ${since}`}, later and with less detail: ${source} (${cause}).`,
    gapRead: (source: string, span: string, cause: string) =>
      `Unreadable ${span}: ${source} (${cause}). We read it later; nothing is missing.`,
    gapOpen: (source: string, span: string, cause: string) =>
      `Unreadable ${span}: ${source} (${cause}). It has not been read so far.`,
    gapPast: (source: string, span: string, cause: string) => `Not read ${span}: ${source} (${cause}).`,
    nothing: 'Everything that we watch was read.',
    without: (checks: number, needs: string) =>
      `${plural(TAG, checks, { one: 'One check is', other: '# checks are' })} off${needs === '' ? '' : ` (${needs})`}.`,
    inPart: (checks: number) =>
      plural(TAG, checks, { one: 'One check works in part only.', other: '# checks work in part only.' }),
    more: (count: number) =>
      plural(TAG, count, { one: 'And one more; IT has it.', other: 'And # more; IT has them.' }),
    mailboxes: (source: string, count: number, cause: string) =>
      `Not read in ${plural(TAG, count, { one: 'one mailbox', other: '# mailboxes' })}: ${source} (${cause}).`,
    off: (titles: string, needs: string) =>
      `We cannot tell about: ${titles}${needs === '' ? '' : ` (${needs})`}.`,
    needs: (sources: string) => `for want of ${sources}`,
    lacks: {
      setting: 'a setting for it is missing',
      fields: 'Microsoft does not show what it needs here',
      check: 'our own check failed',
      unread: 'not everything that it compares was read',
    },
    reduced: (title: string, text: string) => `In part only: ${title}: ${text}.`,
    reducedPlain: (titles: string) => `In part only: ${titles}.`,
    weakMore: (count: number) =>
      plural(TAG, count, { one: 'One more check in part or off.', other: '# more checks in part or off.' }),
    rejected: (count: number) =>
      plural(TAG, count, {
        one: 'One record could not be understood; it is kept.',
        other: '# records could not be understood; they are kept.',
      }),
    detail: (detail: string) => `For IT: ${detail}`,
    /** A span on one day, and over several. */
    sameDay: (day: string, from: string, to: string) => `on ${day} ${from}–${to}`,
    span: (from: string, to: string) => `from ${from} to ${to}`,
    wholePeriod: 'all week',
    /** What could be watched beyond what is; `names` only for IT. */
    extras: (count: number, names: string | null) =>
      `Not set up to be watched: ${plural(TAG, count, { one: 'one more area', other: '# more areas' })}${names === null ? '; IT has the list' : ` (${names})`}.`,
  },

  next: (day: string) => `Next report: ${day}.`,
  footer: (name: string, period: string, number: number, zone: string) =>
    `${name} · ${period} · report ${number} · times of ${zone}`,
};

/** The shape of a catalogue: a language file is `export const de: Texts = {…}`, so a missing key does not compile. */
export type Texts = typeof en;

/** Why something was not seen, as a reader can understand it. */
export type Cause = keyof Texts['causes'];
