import { pino, type Logger } from 'pino';

export type Log = Logger;

const SECRET_PATHS = [
  'secret',
  'password',
  'authorization',
  'access_token',
  'client_secret',
  'client_assertion',
  '*.secret',
  '*.password',
  '*.authorization',
  '*.access_token',
  '*.client_secret',
  '*.client_assertion',
];

/** JSON lines on standard error; secrets are cut out by name whoever logs them. */
export function openLog(level: string): Log {
  return pino(
    { level, base: null, redact: { paths: SECRET_PATHS, censor: '[redacted]' } },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** For tests and library use: says nothing. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
