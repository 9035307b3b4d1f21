import { Random } from './random.ts';

/** Made-up and common words of which both rules and events are built, so that some of them meet. */
const SYLLABLES = [
  'ba',
  'cor',
  'dex',
  'fin',
  'gra',
  'hol',
  'ix',
  'jun',
  'kel',
  'lum',
  'mor',
  'net',
  'os',
  'per',
  'qua',
  'rem',
  'sys',
  'tor',
  'ul',
  'ver',
  'win',
  'zan',
];

export interface Words {
  readonly tools: readonly string[];
  readonly folders: readonly string[];
  readonly options: readonly string[];
  readonly phrases: readonly string[];
  readonly keys: readonly string[];
  readonly users: readonly string[];
  readonly countries: readonly string[];
  readonly operations: readonly string[];
  readonly applications: readonly string[];
  readonly agents: readonly string[];
}

export function makeWords(seed: number): Words {
  const random = new Random(seed);
  const word = (least: number, most: number): string =>
    Array.from({ length: random.between(least, most) }, () => random.pick(SYLLABLES)).join('');
  const many = (count: number, make: () => string): string[] => Array.from({ length: count }, make);
  const capital = (text: string): string => text[0]?.toUpperCase() + text.slice(1);
  return {
    tools: [
      'powershell.exe',
      'cmd.exe',
      'rundll32.exe',
      'svchost.exe',
      'explorer.exe',
      ...many(500, () => `${word(2, 4)}.exe`),
    ],
    folders: [
      'C:\\Windows\\System32\\',
      'C:\\Users\\',
      'C:\\Program Files\\',
      ...many(150, () => `\\${capital(word(2, 3))}\\${capital(word(2, 3))}\\`),
    ],
    options: many(600, () => `${random.pick(['-', '/', '--'])}${word(1, 3)}`),
    phrases: many(
      3000,
      () => `${capital(word(1, 3))}${random.pick(['-', '.', ' ', '::', ''])}${capital(word(1, 3))}`,
    ),
    keys: many(200, () => `\\Software\\${capital(word(2, 3))}\\${capital(word(2, 4))}`),
    users: many(300, () => `${word(2, 2)}.${word(2, 3)}`),
    countries: ['DE', 'AT', 'CH', 'US', 'FR', 'NL', 'GB', 'PL', 'BR', 'IN', 'CN', 'RU', 'NG', 'VN'],
    operations: many(
      200,
      () =>
        `${random.pick(['Add', 'Update', 'Delete', 'Remove', 'Set', 'Consent to'])} ${word(1, 3)} ${word(1, 2)}`,
    ),
    applications: many(1500, () => `${capital(word(2, 3))} ${capital(word(1, 2))}`),
    agents: many(
      60,
      () => `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${capital(word(2, 3))}/${random.between(1, 140)}.0`,
    ),
  };
}
