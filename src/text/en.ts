import { plural } from './intl.ts';

const TAG = 'en-GB';

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
  listJoin: '; ',

  subject: {
    seriousOpen: (count: number, open: number) =>
      `${plural(TAG, count, { one: 'one serious thing', other: '# serious things' })}, ${count === open ? 'still open' : `${open} still open`}`,
    seriousClosed: (count: number) =>
      plural(TAG, count, { one: 'one serious thing, closed', other: '# serious things, all closed' }),
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
    and: (first: string, second: string) => `${first}; ${second}`,
  },

  sentence: {
    seriousOpen: (count: number, open: number) =>
      plural(TAG, count, {
        one: 'One serious thing happened this week, and it is still open.',
        other:
          count === open
            ? '# serious things happened this week, and all are still open.'
            : `# serious things happened this week, and ${plural(TAG, open, { one: 'one is', other: '# are' })} still open.`,
      }),
    seriousClosed: (count: number) =>
      plural(TAG, count, {
        one: 'One serious thing happened this week. It is closed.',
        other: '# serious things happened this week. All are closed.',
      }),
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
  },

  numbers: {
    thisWeek: 'this week',
    lastWeek: 'last week',
    none: '–',
    serious: 'serious things',
    leavers: 'leavers fully closed',
    hours: 'hours we could watch',
    seriousValue: (count: number, open: number) => {
      if (count === 0) return '0';
      return open === 0 ? `${count} (closed)` : `${count} (${open} open)`;
    },
    ofValue: (part: number, whole: number) => (whole === 0 ? 'none' : `${part} of ${whole}`),
    quiet: (leavers: { closed: number; of: number }, hours: { watched: number; of: number }) =>
      `0 serious things · ${leavers.of === 0 ? 'no leavers' : `leavers ${leavers.closed} of ${leavers.of} closed`} · ${hours.watched} of ${hours.of} hours watched.`,
    line: (name: string, value: string, before: string) => `${name}: ${value} (last week: ${before})`,
  },

  headings: {
    happened: 'What happened',
    older: 'Still open from before',
    historical: 'What was already so when we began',
    unseen: 'What we could not see',
    next: 'Next',
  },

  item: {
    serious: 'serious',
    noticed: (duration: string) => `Noticed ${duration} later.`,
    late: (day: string) => `It was on ${day} and could be read only this week.`,
    times: (count: number) => plural(TAG, count, { one: 'Once.', other: 'Seen # times.' }),
    open: 'Still open.',
    expected: 'This was expected.',
    withdrawn: 'Microsoft has since changed the record.',
    closed: (when: string, reason: string) => `Closed ${when}: ${reason}.`,
    since: (day: string) => `since ${day}`,
    moreItems: (count: number) => plural(TAG, count, { one: 'and one more', other: 'and # more' }),
    moreGroups: (count: number) =>
      plural(TAG, count, {
        one: 'One more person or thing; IT has the list.',
        other: '# more people or things; IT has the list.',
      }),
    settled: (count: number) =>
      plural(TAG, count, {
        one: 'One more thing was looked into and needed nothing.',
        other: '# more things were looked into and needed nothing.',
      }),
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
      one: 'One thing was so before we began to watch and is still open',
      other: '# things were so before we began to watch and are still open',
    });
    return serious === 0
      ? `${first}.`
      : `${first}, ${plural(TAG, serious, { one: 'one of them', other: '# of them' })} serious.`;
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
    users: 'the list of people',
    'role-assignments': 'who holds which role',
    'role-definitions': 'the list of roles',
    'subscribed-skus': 'the licences',
    'mailbox-rules': 'rules in mailboxes',
    'inbox-rules': 'rules in mailboxes',
    'message-rules': 'rules in mailboxes',
    organization: 'the organisation',
  } as Readonly<Record<string, string>>,

  causes: {
    no_licence: 'the licence for it is missing',
    no_permission: 'the right for it was not granted',
    not_configured: 'it is not set up',
    unsupported_cloud: 'this Microsoft cloud does not offer it',
    paused: 'watching is paused',
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
    source: (source: string, cause: string) => `Not watched: ${source} (${cause}).`,
    sourceSince: (source: string, cause: string, since: string) =>
      `Not watched since ${since}: ${source} (${cause}).`,
    gapRead: (source: string, span: string, cause: string) =>
      `Unreadable ${span}: ${source} (${cause}). We read it later; nothing is missing.`,
    gapOpen: (source: string, span: string, cause: string) =>
      `Unreadable ${span}: ${source} (${cause}). It has not been read so far.`,
    gapMore: (count: number) => plural(TAG, count, { one: 'One more gap.', other: '# more gaps.' }),
    mailboxes: (source: string, count: number, cause: string) =>
      `Not read in ${plural(TAG, count, { one: 'one mailbox', other: '# mailboxes' })}: ${source} (${cause}).`,
    off: (titles: string, needs: string) =>
      `We cannot tell about: ${titles}${needs === '' ? '' : ` (${needs})`}.`,
    needs: (sources: string) => `it needs ${sources}`,
    lacks: {
      setting: 'a setting for it is missing',
      fields: 'Microsoft does not show what it needs here',
      check: 'our own check failed',
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
  },

  next: (day: string) => `Next report: ${day}.`,
  footer: (name: string, period: string, number: number, zone: string) =>
    `${name} · ${period} · report ${number} · times of ${zone}`,
};

/** The shape of a catalogue: a language file is `export const de: Texts = {…}`, so a missing key does not compile. */
export type Texts = typeof en;

/** Why something was not seen, as a reader can understand it. */
export type Cause = keyof Texts['causes'];
