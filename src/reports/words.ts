import { isIP } from 'node:net';
import type { AlertRow } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { accountsByUpn, sharedNames } from '../store/people.ts';
import { accountNames } from '../store/reports.ts';
import { cleanWord } from '../text/hostile.ts';
import { countryName } from '../text/intl.ts';
import type { Texts } from '../text/catalogue.ts';

/** Display names that say who is meant: of accounts, and by sign-in name in lower case. Hostile. */
export interface Names {
  readonly byId: ReadonlyMap<string, string>;
  readonly byUpn: ReadonlyMap<string, string>;
}

/** Who reads: a manager is told no network addresses. */
export interface Reading {
  readonly texts: Texts;
  readonly kind: 'management' | 'technical';
}

/** The words of an alert as they were stored. */
export function storedWords(alert: AlertRow): Record<string, unknown> {
  return JSON.parse(alert.words) as Record<string, unknown>;
}

export function userIdOf(subject: string): string[] {
  return subject.startsWith('user:') ? [subject.slice('user:'.length)] : [];
}

/** Names for all accounts that the alerts speak of. A name that two accounts share stands for neither. */
export async function openNames(db: Db, tenantId: string, alerts: readonly AlertRow[]): Promise<Names> {
  const ids = await accountNames(db, tenantId, [...new Set(alerts.flatMap((one) => userIdOf(one.subject)))]);
  const upns = new Set(alerts.flatMap((alert) => Object.values(storedWords(alert)).flatMap(addressOf)));
  const accounts = await accountsByUpn(db, tenantId, [...upns]);
  const all = new Set([...ids.values(), ...accounts.map((account) => account.name)]);
  const shared = await sharedNames(db, tenantId, [...all]);
  const own = <K>(entries: Iterable<readonly [K, string]>): Map<K, string> =>
    new Map([...entries].filter(([, name]) => !shared.has(name) && cleanWord(name) !== ''));
  return { byId: own(ids), byUpn: own(accounts.map(({ upn, name }) => [upn, name] as const)) };
}

function addressOf(value: unknown): string[] {
  return typeof value === 'string' && value.includes('@') ? [value.toLowerCase()] : [];
}

/** An alert's words as a reader knows them: people and countries by name, addresses of networks not for a manager. */
export function readersWords(
  words: Readonly<Record<string, unknown>>,
  names: Names,
  { texts, kind }: Reading,
): Record<string, unknown> {
  const entries = Object.entries(words).map(([key, value]) => {
    if (typeof value !== 'string') return [key, value] as const;
    const person = names.byUpn.get(value.toLowerCase());
    if (person !== undefined) return [key, person] as const;
    if (key.includes('country')) return [key, countryOf(value, texts)] as const;
    return [key, kind === 'management' ? withoutAddresses(value, texts.address) : value] as const;
  });
  return Object.fromEntries(entries);
}

function countryOf(code: string, texts: Texts): string {
  return Object.hasOwn(texts.countries, code)
    ? (texts.countries[code] ?? code)
    : countryName(texts.tag, code);
}

/** What may be part of an address of IPv4 or IPv6. */
const ADDRESS = /(?<![\p{L}\p{N}])[0-9a-f:]*[.:][0-9a-f:.]+(?![\p{L}\p{N}])/giu;

function withoutAddresses(value: string, word: string): string {
  return value.replace(ADDRESS, (token) => (isIP(token) === 0 ? token : word));
}

/**
 * A detection's text made fit for the words that go into it: "{n} licence(s)" agrees with its number, and where a word
 * has become the stand-in for a network address, the brackets or the preposition around it go too.
 */
export function fitTemplate(text: string, words: Readonly<Record<string, unknown>>, texts: Texts): string {
  const hidden = Object.keys(words).filter((key) => words[key] === texts.address);
  const before = texts.beforeAddress.join('|');
  return hidden
    .reduce((fitted, key) => {
      const word = `\\{${escaped(key)}\\}`;
      const around = new RegExp(` \\((?:(?:${before}) )?${word}\\)| (?:${before}) ${word}`, 'gu');
      return fitted.replace(around, '');
    }, text)
    .replace(/\{(\w+)\} (\p{L}+)\((\p{L}{1,3})\)/gu, (whole, key: string, stem: string, ending: string) => {
      const count = Object.hasOwn(words, key) ? Number(words[key]) : NaN;
      if (Number.isNaN(count)) return whole;
      const single = new Intl.PluralRules(texts.tag).select(count) === 'one';
      return `{${key}} ${stem}${single ? '' : ending}`;
    });
}

function escaped(text: string): string {
  return text.replace(/[^\w]/gu, '\\$&');
}
