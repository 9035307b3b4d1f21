import type { Texts } from './en.ts';
import { plural } from './intl.ts';

const TAG = 'de-DE';

function seriousOf(open: number, serious: number): string {
  if (open !== serious) return `davon ${serious} schwer`;
  return plural(TAG, open, { one: 'und sie ist schwer', other: 'alle davon schwer' });
}

/** German, to a manager: "Sie", plain words, nothing that a glossary would have to explain. */
export const de: Texts = {
  tag: TAG,
  unknownWord: '(unbekannt)',
  unknownSubject: 'Ein Konto, das wir nicht benennen können',
  unknownDetection: 'Etwas, das eine inzwischen entfernte Regel gefunden hat',

  week: (week) => `KW ${week}`,
  days: (from, to) => `${from} bis ${to}`,
  at: (day, time) => `${day}, ${time} Uhr`,
  onDay: (weekday, date) => `${weekday}, ${date}`,
  // In the dative, as after "aus" and "in".
  countries: {
    AE: 'den Vereinigten Arabischen Emiraten',
    BS: 'den Bahamas',
    CD: 'der Demokratischen Republik Kongo',
    CF: 'der Zentralafrikanischen Republik',
    CH: 'der Schweiz',
    CI: 'der Elfenbeinküste',
    DO: 'der Dominikanischen Republik',
    GB: 'dem Vereinigten Königreich',
    IQ: 'dem Irak',
    IR: 'dem Iran',
    LB: 'dem Libanon',
    MD: 'der Republik Moldau',
    MN: 'der Mongolei',
    MV: 'den Malediven',
    NL: 'den Niederlanden',
    PH: 'den Philippinen',
    SD: 'dem Sudan',
    SK: 'der Slowakei',
    SN: 'dem Senegal',
    TR: 'der Türkei',
    UA: 'der Ukraine',
    US: 'den Vereinigten Staaten',
    YE: 'dem Jemen',
  },
  address: 'einer Internetadresse',
  beforeAddress: ['von', 'aus', 'über'],

  subject: {
    seriousOpen: (count, open) =>
      `${plural(TAG, count, { one: 'ein schwerer Vorfall', other: '# schwere Vorfälle' })}, ${count === open ? 'noch offen' : `${open} noch offen`}`,
    seriousClosed: (count) =>
      plural(TAG, count, {
        one: 'ein schwerer Vorfall, abgeschlossen',
        other: '# schwere Vorfälle, alle abgeschlossen',
      }),
    smaller: (count) => plural(TAG, count, { one: 'eine kleinere Sache', other: '# kleinere Sachen' }),
    older: (count) =>
      plural(TAG, count, {
        one: 'nichts Neues, eine Sache noch offen',
        other: 'nichts Neues, # Sachen noch offen',
      }),
    quiet: 'nichts, wofür wir Sie brauchen',
    quietInPart: 'nichts gefunden, aber wir konnten nicht alles sehen',
    blind: 'wir konnten nicht sehen, wer sich anmeldet',
    blindAudits: 'wir konnten nicht sehen, was geändert wurde',
    blindBoth: 'wir konnten weder Anmeldungen noch Änderungen sehen',
    decisions: (count) =>
      plural(TAG, count, { one: 'eine Entscheidung für Sie', other: '# Entscheidungen für Sie' }),
    and: (parts) => parts.join('; '),
  },

  sentence: {
    serious: (count, open, who) => {
      const state = plural(TAG, count, {
        one: open === 0 ? 'abgeschlossen' : 'noch offen',
        other: open === 0 ? 'alle abgeschlossen' : open === count ? 'alle noch offen' : `${open} noch offen`,
      });
      const what = plural(TAG, count, {
        one: 'Ein schwerer Vorfall in dieser Woche',
        other: '# schwere Vorfälle in dieser Woche',
      });
      return `${what}, ${state}${who === '' ? '' : `: ${who}`}.`;
    },
    smaller: (count) =>
      plural(TAG, count, {
        one: 'In dieser Woche ist nichts Schweres geschehen; eine kleinere Sache steht unten.',
        other: 'In dieser Woche ist nichts Schweres geschehen; # kleinere Sachen stehen unten.',
      }),
    older: (count) =>
      plural(TAG, count, {
        one: 'In dieser Woche ist nichts Neues geschehen; eine ältere Sache ist noch offen.',
        other: 'In dieser Woche ist nichts Neues geschehen; # ältere Sachen sind noch offen.',
      }),
    quiet: 'In dieser Woche ist nichts geschehen, wofür wir Sie brauchen.',
    inPart: {
      smaller: (count) =>
        plural(TAG, count, {
          one: 'Soweit wir sehen konnten, ist nichts Schweres geschehen; eine kleinere Sache steht unten.',
          other: 'Soweit wir sehen konnten, ist nichts Schweres geschehen; # kleinere Sachen stehen unten.',
        }),
      older: (count) =>
        plural(TAG, count, {
          one: 'Soweit wir sehen konnten, ist nichts Neues geschehen; eine ältere Sache ist noch offen.',
          other: 'Soweit wir sehen konnten, ist nichts Neues geschehen; # ältere Sachen sind noch offen.',
        }),
      quiet: 'Soweit wir sehen konnten, ist nichts geschehen, wofür wir Sie brauchen.',
    },
    blind:
      'Wir konnten in dieser Woche nicht sehen, wer sich angemeldet hat, und können deshalb nicht sagen, dass alles in Ordnung ist.',
    blindAudits:
      'Wir konnten in dieser Woche nicht sehen, was geändert wurde, und können deshalb nicht sagen, dass alles in Ordnung ist.',
    blindBoth:
      'Wir konnten in dieser Woche weder sehen, wer sich angemeldet hat, noch was geändert wurde, und können deshalb nicht sagen, dass alles in Ordnung ist.',
    hoursShort: (watched, of) => `Wir hatten ${watched} von ${of} Stunden Überblick.`,
    decisions: (count) =>
      plural(TAG, count, {
        one: 'Eine Entscheidung liegt bei Ihnen.',
        other: '# Entscheidungen liegen bei Ihnen.',
      }),
  },

  numbers: {
    thisWeek: 'diese Woche',
    lastWeek: 'Vorwoche',
    none: '–',
    serious: 'schwere Vorfälle',
    leavers: 'Austritte vollständig erledigt',
    hours: 'Stunden mit Überblick',
    seriousValue: (count, open) => {
      if (count === 0) return '0';
      return open === 0 ? `${count} (erledigt)` : `${count} (${open} offen)`;
    },
    ofValue: (part, whole) => (whole === 0 ? 'keine' : `${part} von ${whole}`),
    without: (sources) => `, ohne ${sources}`,
    quiet: (leavers, hours) =>
      `0 schwere Vorfälle · ${leavers.of === 0 ? 'keine Austritte' : `Austritte: ${leavers.closed} von ${leavers.of} erledigt`} · Stunden mit Überblick: ${hours}.`,
    line: (name, value, before) => `${name}: ${value} (Vorwoche: ${before})`,
  },

  headings: {
    happened: 'Was geschehen ist',
    decide: 'Bitte entscheiden Sie',
    people: 'Menschen',
    older: 'Von früher noch offen',
    unseen: 'Was wir nicht sehen konnten',
    next: 'Als Nächstes',
  },

  item: {
    serious: 'schwer',
    openBadge: 'offen',
    noticed: (duration) => `Bemerkt nach ${duration}.`,
    late: (day) => `Das war am ${day} und wurde erst in dieser Woche lesbar.`,
    times: (count) => plural(TAG, count, { one: 'Einmal.', other: '#-mal gesehen.' }),
    open: 'Noch offen.',
    expected: 'Das war erwartet.',
    withdrawn: 'Microsoft hat den Eintrag seitdem geändert.',
    closed: (when, reason, after) =>
      `Abgeschlossen ${when}${after === null ? '' : `, nach ${after}`}: ${reason}.`,
    since: (day) => `seit ${day}`,
    moreItems: (count) =>
      plural(TAG, count, {
        one: 'Und eine kleinere Sache, bei der IT.',
        other: 'Und # kleinere Sachen, bei der IT.',
      }),
    moreGroups: (count) =>
      plural(TAG, count, {
        one: 'Dazu eine weitere Person oder Sache, bei der IT.',
        other: 'Dazu # weitere Personen oder Sachen, bei der IT.',
      }),
    olderOpen: (count, since) =>
      plural(TAG, count, {
        one: `Eine Sache von früher ist noch offen, seit ${since}.`,
        other: `# Sachen von früher sind noch offen, die älteste seit ${since}.`,
      }),
    settled: (count) =>
      plural(TAG, count, {
        one: 'Eine weitere Sache wurde geprüft und war in Ordnung.',
        other: '# weitere Sachen wurden geprüft und waren in Ordnung.',
      }),
  },

  decide: {
    yes: (text) => `Ja: ${text}`,
    no: (text) => `Nein: ${text}`,
    owner: (name, day) => `Zuständig: ${name}, bis ${day}.`,
    it: 'IT',
    more: (count) =>
      plural(TAG, count, {
        one: 'Eine weitere Frage liegt bei der IT.',
        other: '# weitere Fragen liegen bei der IT.',
      }),
  },

  people: {
    joined: (count, complete) => {
      const first = plural(TAG, count, { one: 'ein Eintritt', other: '# Eintritte' });
      if (count === complete) return `${first} (vollständig)`;
      return `${first} (${plural(TAG, count - complete, { one: 'einer nicht vollständig', other: '# nicht vollständig' })})`;
    },
    left: (count, open) =>
      `${plural(TAG, count, { one: 'ein Austritt', other: '# Austritte' })} (${open === '' ? 'erledigt' : open})`,
    openItems: (name, count) =>
      `${name}: ${plural(TAG, count, { one: 'ein Punkt offen', other: '# Punkte offen' })}`,
    more: (count) => plural(TAG, count, { one: 'eine weitere Person', other: '# weitere Personen' }),
  },

  firstLook: {
    subject: (name, open) =>
      `${name}: der erste Blick: ${open === 0 ? 'nichts Offenes gefunden' : plural(TAG, open, { one: 'eine Sache ist schon offen', other: '# Sachen sind schon offen' })}`,
    lead: (open, serious) => {
      if (open === 0) return 'Wir passen ab jetzt auf. In dem, was wir lesen konnten, ist nichts offen.';
      const first = plural(TAG, open, { one: 'Eine Sache ist', other: '# Sachen sind' });
      const second = serious === 0 ? 'nichts davon schwer' : seriousOf(open, serious);
      return `Wir passen ab jetzt auf. ${first} schon offen, ${second}.`;
    },
    blind: 'Wer sich anmeldet, konnten wir nicht sehen; darüber sagt dieser Bericht nichts.',
    explain:
      'Ab jetzt hören Sie nur noch von Neuem. Was so gewollt ist, kann die IT einmal annehmen; dann fragt niemand mehr danach.',
    open: 'Was jetzt offen ist',
    history: 'Was die Aufzeichnungen von vorher zeigen',
    more: (count) =>
      plural(TAG, count, { one: 'und noch eine Sache dieser Art.', other: 'und # weitere dieser Art.' }),
    moreKinds: (count) =>
      plural(TAG, count, {
        one: 'Dazu eine weitere Art von Sachen, bei der IT.',
        other: 'Dazu # weitere Arten von Sachen, bei der IT.',
      }),
    footer: (name, day, zone) => `${name} · erster Blick vom ${day} · Zeiten in ${zone}`,
  },

  closeReasons: {
    true: 'behoben',
    expected: 'es war erwartet',
    false_positive: 'falscher Alarm',
    duplicate: 'steht an anderer Stelle',
    fixed: 'in Ordnung gebracht',
    deleted: 'es gibt es nicht mehr',
    out_of_scope: 'es trifft nicht mehr zu',
    retired: 'wird nicht mehr geprüft',
  },

  historical: (open, serious) => {
    const first = plural(TAG, open, {
      one: 'Eine Sache aus der Zeit, bevor wir aufgepasst haben, ist noch offen',
      other: '# Sachen aus der Zeit, bevor wir aufgepasst haben, sind noch offen',
    });
    return serious === 0 ? `${first}.` : `${first}, ${seriousOf(open, serious)}.`;
  },

  // In the dative, as after "nach".
  duration: {
    minutes: (count) => plural(TAG, count, { one: 'einer Minute', other: '# Minuten' }),
    hours: (count) => plural(TAG, count, { one: 'einer Stunde', other: '# Stunden' }),
    days: (count) => plural(TAG, count, { one: 'einem Tag', other: '# Tagen' }),
  },

  sources: {
    'sign-ins': 'Anmeldungen',
    'directory-audits': 'Änderungen an Rollen, Apps und Einstellungen',
    'audit-azure-ad': 'das Überwachungsprotokoll von Entra ID',
    'audit-exchange': 'das Überwachungsprotokoll von Exchange',
    'audit-sharepoint': 'das Überwachungsprotokoll von SharePoint',
    'audit-general': 'das Überwachungsprotokoll von Teams und anderen Diensten',
    users: 'die Liste der Personen',
    'role-assignments': 'wer welche Rolle hat',
    'role-definitions': 'die Liste der Rollen',
    groups: 'Gruppen und ihre Mitglieder',
    applications: 'registrierte Anwendungen',
    'service-principals': 'Anwendungen in Gebrauch',
    'oauth2-grants': 'was Personen Anwendungen erlaubt haben',
    'app-role-assignments': 'was Anwendungen von selbst dürfen',
    'role-eligibility': 'wer eine Rolle einschalten darf',
    'role-assignment-schedules': 'bis wann Rollen gelten',
    'sign-in-activity': 'der Zeitpunkt der letzten Anmeldung',
    'subscribed-skus': 'die Lizenzen',
    'mailbox-rules': 'Regeln in Postfächern',
    'mailbox-settings': 'Einstellungen von Postfächern',
    'exchange-mailboxes': 'Weiterleitungen und Berechtigungen von Postfächern',
    'inbox-rules': 'Regeln in Postfächern',
    'message-rules': 'Regeln in Postfächern',
    organization: 'die Angaben zur Organisation',
    'conditional-access-policies': 'die Regeln für Anmeldungen (Bedingter Zugriff)',
    'named-locations': 'benannte Standorte',
    'authentication-methods-policy': 'die erlaubten Anmeldemethoden',
    'authorization-policy': 'was Nutzer und Gäste dürfen',
    'security-defaults': 'die Sicherheitsstandards',
    'cross-tenant-access': 'der Zugriff zwischen Organisationen',
    domains: 'die Domänen',
    'domain-federation': 'der Verbund der Domänen',
    'sharepoint-settings': 'das Teilen in SharePoint',
    'registration-details': 'eingerichtete zweite Faktoren',
    'secure-score': 'die Sicherheitsbewertung von Microsoft',
    devices: 'Geräte',
    'intune-devices': 'Geräte in Intune',
    'mail-domains-dns': 'die Mail-Einträge der Domänen',
    'non-interactive-sign-ins': 'Anmeldungen im Hintergrund',
    'service-principal-sign-ins': 'Anmeldungen von Apps',
    'managed-identity-sign-ins': 'Anmeldungen von Azure-Diensten',
    'risk-detections': 'Risikomeldungen von Microsoft',
    'service-principal-risk-detections': 'Risikomeldungen von Microsoft zu Apps',
    'defender-alerts': 'Warnungen von Microsoft Defender',
    'defender-incidents': 'Vorfälle von Microsoft Defender',
    'risky-users': 'Konten, die Microsoft für kompromittiert hält',
    'risky-service-principals': 'Apps, die Microsoft für kompromittiert hält',
  },

  causes: {
    no_licence: 'die Lizenz dafür fehlt',
    no_permission: 'das Recht dafür ist nicht erteilt',
    auditing_off: 'das Überwachungsprotokoll ist abgeschaltet',
    not_configured: 'es ist nicht eingerichtet',
    unsupported_cloud: 'diese Microsoft-Cloud bietet es nicht an',
    paused: 'die Überwachung ist angehalten',
    not_begun: 'unsere Überwachung hatte noch nicht begonnen',
    never_read: 'es wurde noch nie gelesen',
    not_running: 'unser Programm lief nicht',
    service_down: 'der Dienst von Microsoft war gestört',
    throttled: 'Microsoft hat uns gebremst',
    refused: 'Microsoft hat den Zugriff verweigert',
    credential: 'unser eigener Zugang zu Microsoft gilt nicht mehr',
    unreachable: 'Microsoft war nicht erreichbar',
    malformed: 'die Antwort war nicht zu verstehen',
    failed: 'das Lesen ist fehlgeschlagen',
  },

  unseen: {
    own: (titles, more) => `tenantwatch selbst: ${titles}${more === 0 ? '' : ` (+${more})`}.`,
    source: (source, cause) => `Nicht überwacht: ${source} (${cause}).`,
    sourceSince: (source, cause, since) => `Nicht überwacht seit ${since}: ${source} (${cause}).`,
    standIn: (source, by, cause, since) =>
      `Nur zu sehen über ${by}${since === null ? '' : `, seit ${since}`}, später und mit weniger Einzelheiten: ${source} (${cause}).`,
    gapRead: (source, span, cause) =>
      `Nicht lesbar ${span}: ${source} (${cause}). Wir haben es nachgelesen, nichts fehlt.`,
    gapOpen: (source, span, cause) => `Nicht lesbar ${span}: ${source} (${cause}). Bisher nicht nachgelesen.`,
    gapPast: (source, span, cause) => `Nicht gelesen ${span}: ${source} (${cause}).`,
    nothing: 'Alles, was wir überwachen, wurde gelesen.',
    without: (checks, needs) =>
      `${plural(TAG, checks, { one: 'Eine Prüfung fällt', other: '# Prüfungen fallen' })} aus${needs === '' ? '' : ` (${needs})`}.`,
    inPart: (checks) =>
      plural(TAG, checks, {
        one: 'Eine Prüfung arbeitet nur zum Teil.',
        other: '# Prüfungen arbeiten nur zum Teil.',
      }),
    more: (count) =>
      plural(TAG, count, {
        one: 'Dazu ein weiterer Punkt, bei der IT.',
        other: 'Dazu # weitere Punkte, bei der IT.',
      }),
    mailboxes: (source, count, cause) =>
      `In ${plural(TAG, count, { one: 'einem Postfach', other: '# Postfächern' })} nicht gelesen: ${source} (${cause}).`,
    off: (titles, needs) => `Dazu können wir nichts sagen: ${titles}${needs === '' ? '' : ` (${needs})`}.`,
    needs: (sources) => `es fehlt: ${sources}`,
    lacks: {
      setting: 'eine Einstellung dafür fehlt',
      fields: 'Microsoft zeigt hier nicht, was nötig ist',
      check: 'unsere eigene Prüfung ist fehlgeschlagen',
      unread: 'nicht alles wurde gelesen, was verglichen wird',
    },
    reduced: (title, text) => `Nur zum Teil: ${title}: ${text}.`,
    reducedPlain: (titles) => `Nur zum Teil: ${titles}.`,
    weakMore: (count) =>
      plural(TAG, count, {
        one: 'Eine weitere Prüfung arbeitet nur zum Teil.',
        other: '# weitere Prüfungen arbeiten nur zum Teil.',
      }),
    rejected: (count) =>
      plural(TAG, count, {
        one: 'Ein Eintrag war nicht zu verstehen; er ist aufbewahrt.',
        other: '# Einträge waren nicht zu verstehen; sie sind aufbewahrt.',
      }),
    detail: (detail) => `Für die IT: ${detail}`,
    sameDay: (day, from, to) => `am ${day} von ${from} bis ${to} Uhr`,
    span: (from, to) => `von ${from} bis ${to}`,
    wholePeriod: 'die ganze Woche',
    extras: (count, names) =>
      `Noch nicht zum Beobachten eingerichtet: ${plural(TAG, count, { one: 'ein weiterer Bereich', other: '# weitere Bereiche' })}${names === null ? '; die IT hat die Liste' : ` (${names})`}.`,
  },

  next: (day) => `Nächster Bericht: ${day}.`,
  footer: (name, period, number, zone) => `${name} · ${period} · Bericht ${number} · Zeiten in ${zone}`,
};
