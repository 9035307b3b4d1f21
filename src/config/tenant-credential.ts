import { resolve } from 'node:path';
import type { Credential } from '../model/tenant.ts';
import type { Layer } from './layers.ts';
import { parsePath, parseVariable } from './tenant-values.ts';
import { parseGuid, readFile, readPem, refuse } from './values.ts';
import type { Field, Fields, YamlFile } from './yaml-file.ts';

/** Where the parts of a credential are found. */
export interface CredentialPlaces {
  /** Folder of the tenants' file: relative paths are relative to it. */
  readonly folder: string;
  /** The environment and `.env`, for secret_env. */
  readonly layers: readonly Layer[];
}

const TYPES = ['certificate', 'secret', 'managed_identity', 'workload_identity'] as const;
type Type = (typeof TYPES)[number];

const KEYS: Readonly<Record<Type, readonly string[]>> = {
  certificate: ['type', 'client_id', 'file'],
  secret: ['type', 'client_id', 'secret_file', 'secret_env'],
  managed_identity: ['type', 'client_id'],
  workload_identity: ['type', 'client_id', 'token_file'],
};

/** Names under which people write a secret itself. */
const INLINE = ['secret', 'client_secret', 'password', 'private_key', 'pem'];

/** Reads a credential and the files it names. Null only where a problem has been recorded. */
export function readCredential(file: YamlFile, field: Field, places: CredentialPlaces): Credential | null {
  const all = file.entries(field);
  if (all === null) return null;
  const type = readType(file, field, all);
  if (type === null) return null;
  const known = KEYS[type];
  const inline = INLINE.filter((key) => all.has(key));
  for (const key of inline) {
    file.problem(
      all.get(key)?.line ?? field.line,
      `credential holds ${key} itself; no secret stands in this file: put it into a file or a variable and write secret_file or secret_env`,
    );
  }
  const fields = file.fields(field, `a ${type} credential`, [...known, ...inline]);
  if (fields === null || inline.length > 0) return null;
  return READERS[type]({ file, field, fields, type, places });
}

function readType(file: YamlFile, field: Field, all: Fields): Type | null {
  const type = all.get('type');
  if (type) return file.value(type, parseType);
  file.problem(field.line, `credential has no type; write one of ${TYPES.join(', ')}`);
  return null;
}

function parseType(text: string): Type {
  return (
    TYPES.find((type) => type === text) ?? refuse(`is no credential's; write one of ${TYPES.join(', ')}`)
  );
}

interface Reading {
  readonly file: YamlFile;
  readonly field: Field;
  readonly fields: Fields;
  readonly type: Type;
  readonly places: CredentialPlaces;
}

const READERS: Readonly<Record<Type, (reading: Reading) => Credential | null>> = {
  certificate: readCertificate,
  secret: readSecret,
  managed_identity: readManagedIdentity,
  workload_identity: readWorkloadIdentity,
};

function readCertificate(reading: Reading): Credential | null {
  const clientId = need(reading, 'client_id', parseGuid);
  const file = need(reading, 'file', (text) => {
    const path = resolve(reading.places.folder, parsePath(text));
    readPem(path, ['CERTIFICATE', 'PRIVATE KEY']);
    return path;
  });
  return clientId === null || file === null ? null : { type: 'certificate', clientId, file };
}

function readSecret(reading: Reading): Credential | null {
  const { file, field, fields, places } = reading;
  const clientId = need(reading, 'client_id', parseGuid);
  const path = fields.get('secret_file');
  const variable = fields.get('secret_env');
  if ((path === undefined) === (variable === undefined)) {
    const clause = path ? 'has secret_file and secret_env; keep one' : 'needs secret_file or secret_env';
    file.problem(field.line, `credential ${clause}`);
    return null;
  }
  const secret = path
    ? file.value(path, (text) => readSecretFile(resolve(places.folder, parsePath(text))))
    : need(reading, 'secret_env', (text) => lookUp(parseVariable(text), places.layers));
  return clientId === null || secret === null ? null : { type: 'secret', clientId, secret };
}

function readManagedIdentity({ file, fields }: Reading): Credential | null {
  const field = fields.get('client_id');
  if (field === undefined) return { type: 'managed_identity', clientId: null };
  const clientId = file.value(field, parseGuid);
  return clientId === null ? null : { type: 'managed_identity', clientId };
}

function readWorkloadIdentity(reading: Reading): Credential | null {
  const clientId = need(reading, 'client_id', parseGuid);
  const tokenFile = need(reading, 'token_file', (text) => {
    const path = resolve(reading.places.folder, parsePath(text));
    readFile(path);
    return path;
  });
  if (clientId === null || tokenFile === null) return null;
  return { type: 'workload_identity', clientId, tokenFile };
}

function need<T>({ file, field, fields, type }: Reading, key: string, parse: (text: string) => T): T | null {
  const found = fields.get(key);
  if (found) return file.value(found, parse);
  file.problem(field.line, `credential has no ${key}, which type ${type} needs`);
  return null;
}

function readSecretFile(path: string): string {
  const text = readFile(path).replace(/\r?\n$/, '');
  return text === '' ? refuse(`names ${path}, which is empty`) : text;
}

function lookUp(name: string, layers: readonly Layer[]): string {
  for (const { values } of layers) {
    const text = values[name]?.trim();
    if (text) return text;
  }
  return refuse(`names ${name}, which is not set in the environment or .env`);
}
