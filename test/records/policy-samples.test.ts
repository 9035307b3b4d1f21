import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { entityKinds } from '../../src/records/index.ts';
import type { Json } from './wire.ts';

/* Records that this project did not write, as in samples.test.ts: policies, settings and posture. */
const shared = process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../shared');
const folder = join(shared, 'samples');
const present = existsSync(join(folder, 'graph-docs.jsonl')) && existsSync(join(folder, 'posture.jsonl'));
const why = present ? '' : ` (skipped: ${folder} is not there; set SHARED_DIR)`;

interface Sample {
  readonly id: string;
  readonly raw: Json;
}

/** Keys without which a record of the type is no whole resource. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  conditionalAccessPolicy: ['id'],
  namedLocation: ['id'],
  authenticationMethodsPolicy: ['id'],
  authorizationPolicy: ['id'],
  crossTenantAccessPolicyConfigurationDefault: [],
  crossTenantAccessPolicyConfigurationPartner: ['tenantId'],
  domain: ['id'],
  internalDomainFederation: ['id'],
  'tenantAdmin.settings': ['sharingCapability'],
  userRegistrationDetails: ['id'],
  secureScore: ['id', 'controlScores'],
  device: ['id'],
};

function lines(file: string): Json[] {
  const text = readFileSync(join(folder, file), 'utf8');
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as Json]));
}

/** Elements of the answers for a resource; some pages show one object where the list is. */
function ofReference(type: string): Sample[] {
  return lines('graph-docs.jsonl')
    .filter((line) => String(line['schema']).endsWith(`:${type}`))
    .flatMap((line) => {
      const body = line['record'] as Json;
      const value = body['value'] ?? body;
      const all = Array.isArray(value) ? (value as Json[]) : [value as Json];
      return all.map((raw) => ({ id: String(line['id']), raw }));
    });
}

/** Policies of that collection have no ids; their place in the file stands for one. */
function ofPosture(type: string): Sample[] {
  return lines('posture.jsonl')
    .filter((line) => String(line['graph_type'] ?? '').replace('[]', '') === type)
    .flatMap((line) => {
      const graph = Array.isArray(line['graph']) ? (line['graph'] as Json[]) : [];
      const id = String(line['id']);
      return graph.map((raw, index) => ({ id, raw: { id: `${id}-${index}`, ...raw } }));
    });
}

const told: string[] = [];

/** Parses all, and for those that parse says what differs from the raw record; returns the share that is right. */
function share(type: string, judge: (sample: Sample) => string | null): { share: number; wrong: string[] } {
  const all = [...ofReference(type), ...ofPosture(type)];
  const whole = all.filter(({ raw }) => KEYS[type]?.every((key) => (raw[key] ?? null) !== null));
  const wrong = whole.flatMap((sample) => {
    const problem = judge(sample);
    return problem === null ? [] : [`${sample.id}: ${problem}`];
  });
  const aside = all.length - whole.length;
  told.push(
    `${type}: ${whole.length - wrong.length} of ${whole.length} matching; set aside: ${aside} without a key`,
  );
  return { share: whole.length === 0 ? 0 : (whole.length - wrong.length) / whole.length, wrong };
}

type Check = readonly [what: string, got: unknown, wanted: unknown];

function firstWrong(checks: readonly Check[]): string | null {
  const wrong = checks.find(([, got, wanted]) => got !== wanted);
  return wrong === undefined
    ? null
    : `${wrong[0]} is ${JSON.stringify(wrong[1])}, not ${JSON.stringify(wrong[2])}`;
}

function inner(raw: Json, ...path: string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Json | null | undefined)?.[key], raw);
}

function judgeEntity(kind: string, wrap: (raw: Json) => unknown, pairs: Readonly<Record<string, string>>) {
  return ({ raw }: Sample): string | null => {
    const answer = entityKinds.get(kind)?.parse(wrap(raw));
    if (answer?.ok !== true) return answer?.reason ?? 'no kind';
    const { id, json } = answer.value;
    return firstWrong([
      ...Object.entries(pairs).map(([ours, theirs]): Check => [ours, json[ours], raw[theirs] ?? null]),
      ['id', id.toLowerCase().endsWith(String(raw['id']).toLowerCase()), true],
    ]);
  };
}

const same = (raw: Json) => raw;

/** Of what a tenant has one: the id is ours. */
function judgeSingle(kind: string, pairs: Readonly<Record<string, string>>) {
  return ({ raw }: Sample): string | null => {
    const answer = entityKinds.get(kind)?.parse(raw);
    if (answer?.ok !== true) return answer?.reason ?? 'no kind';
    const { json } = answer.value;
    return firstWrong(
      Object.entries(pairs).map(([ours, theirs]): Check => [ours, json[ours], raw[theirs] ?? null]),
    );
  };
}

function length(value: unknown): number {
  return Array.isArray(value) ? new Set(value).size : 0;
}

function judgePolicy({ raw }: Sample): string | null {
  const answer = entityKinds.get('conditional_access_policy')?.parse(raw);
  if (answer?.ok !== true) return answer?.reason ?? 'no kind';
  const { json } = answer.value;
  const users = (name: string) => length(inner(raw, 'conditions', 'users', name));
  return firstWrong([
    ['name', json['name'], raw['displayName'] ?? null],
    ['state', json['state'], raw['state'] ?? null],
    ['include_users', length(json['include_users']), users('includeUsers')],
    ['exclude_users', length(json['exclude_users']), users('excludeUsers')],
    ['include_roles', length(json['include_roles']), users('includeRoles')],
    [
      'include_apps',
      length(json['include_apps']),
      length(inner(raw, 'conditions', 'applications', 'includeApplications')),
    ],
    [
      'grant_controls',
      length(json['grant_controls']),
      length(inner(raw, 'grantControls', 'builtInControls')),
    ],
    ['settings', length(json['settings']) > 0, true],
  ]);
}

function judgeLocation({ raw }: Sample): string | null {
  const answer = entityKinds.get('named_location')?.parse(raw);
  if (answer?.ok !== true) return answer?.reason ?? 'no kind';
  const { json } = answer.value;
  return firstWrong([
    ['kind', json['kind'], String(raw['@odata.type']).includes('country') ? 'country' : 'ip'],
    ['trusted', json['trusted'], raw['isTrusted'] ?? null],
    ['ranges', length(json['ranges']), length(raw['ipRanges'])],
    ['countries', length(json['countries']), length(raw['countriesAndRegions'])],
  ]);
}

function judgeMethods({ raw }: Sample): string | null {
  const answer = entityKinds.get('authentication_methods_policy')?.parse(raw);
  if (answer?.ok !== true) return answer?.reason ?? 'no kind';
  const { json } = answer.value;
  const all = (raw['authenticationMethodConfigurations'] ?? []) as Json[];
  return firstWrong([
    ['on', length(json['methods_on']), all.filter((one) => one['state'] === 'enabled').length],
    ['off', length(json['methods_off']), all.filter((one) => one['state'] === 'disabled').length],
    [
      'campaign',
      json['campaign'],
      inner(raw, 'registrationEnforcement', 'authenticationMethodsRegistrationCampaign', 'state') ?? null,
    ],
  ]);
}

function judgeAuthorization({ raw }: Sample): string | null {
  const answer = entityKinds.get('authorization_policy')?.parse(raw);
  if (answer?.ok !== true) return answer?.reason ?? 'no kind';
  const { json } = answer.value;
  const consent =
    inner(raw, 'defaultUserRolePermissions', 'permissionGrantPoliciesAssigned') ??
    raw['permissionGrantPolicyIdsAssignedToDefaultUserRole'];
  return firstWrong([
    ['invites', json['invites_from'], raw['allowInvitesFrom']],
    ['apps', json['users_create_apps'], inner(raw, 'defaultUserRolePermissions', 'allowedToCreateApps')],
    ['consent', length(json['consent_policies']), length(consent)],
  ]);
}

function judgeCrossTenant({ raw }: Sample): string | null {
  const answer = entityKinds.get('cross_tenant_access')?.parse(raw);
  if (answer?.ok !== true) return answer?.reason ?? 'no kind';
  const { id, json } = answer.value;
  return firstWrong([
    ['id', id, raw['tenantId'] ?? 'default'],
    ['mfa', json['trust_mfa'], inner(raw, 'inboundTrust', 'isMfaAccepted') ?? null],
    [
      'direct',
      json['direct_in'],
      inner(raw, 'b2bDirectConnectInbound', 'usersAndGroups', 'accessType') ?? null,
    ],
  ]);
}

describe.skipIf(!present)(`policies, settings and posture of the reference and of others${why}`, () => {
  it.each([
    ['conditionalAccessPolicy', judgePolicy],
    ['namedLocation', judgeLocation],
    ['authenticationMethodsPolicy', judgeMethods],
    ['authorizationPolicy', judgeAuthorization],
    ['crossTenantAccessPolicyConfigurationDefault', judgeCrossTenant],
    ['crossTenantAccessPolicyConfigurationPartner', judgeCrossTenant],
    [
      'domain',
      judgeEntity('domain', same, {
        authentication: 'authenticationType',
        verified: 'isVerified',
        is_default: 'isDefault',
        password_days: 'passwordValidityPeriodInDays',
      }),
    ],
    [
      'internalDomainFederation',
      judgeEntity('domain_federation', (configuration) => ({ domain: 'a.example', configuration }), {
        name: 'displayName',
        issuer: 'issuerUri',
        mfa_behavior: 'federatedIdpMfaBehavior',
        protocol: 'preferredAuthenticationProtocol',
      }),
    ],
    [
      'tenantAdmin.settings',
      judgeSingle('sharepoint_settings', {
        sharing: 'sharingCapability',
        domain_mode: 'sharingDomainRestrictionMode',
        guests_reshare: 'isResharingByExternalUsersEnabled',
      }),
    ],
    [
      'userRegistrationDetails',
      judgeEntity('registration_details', same, {
        mfa_registered: 'isMfaRegistered',
        mfa_capable: 'isMfaCapable',
        passwordless: 'isPasswordlessCapable',
        reset_registered: 'isSsprRegistered',
      }),
    ],
    ['secureScore', judgeSingle('secure_score', { score: 'currentScore', max_score: 'maxScore' })],
    [
      'device',
      judgeEntity('device', same, {
        name: 'displayName',
        enabled: 'accountEnabled',
        compliant: 'isCompliant',
        os: 'operatingSystem',
      }),
    ],
  ] as const)('%s: at least 95 %% of the matching ones parse with the right values', (type, judge) => {
    const { share: right, wrong } = share(type, judge);
    expect(right, wrong.join('\n')).toBeGreaterThanOrEqual(0.95);
  });

  it('never throws, whole resource or not', () => {
    for (const type of Object.keys(KEYS)) {
      for (const { raw } of [...ofReference(type), ...ofPosture(type)]) {
        for (const source of entityKinds.values()) expect(() => source.parse(raw)).not.toThrow();
      }
    }
  });

  afterAll(() => {
    process.stdout.write(`${told.join('\n')}\n`);
  });
});
