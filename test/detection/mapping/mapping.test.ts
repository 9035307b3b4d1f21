import { describe, expect, it } from 'vitest';
import { mappedSources, mappingOf } from '../../../src/detection/mapping/mapping.ts';
import mapping from '../../../src/detection/mapping/sigma-mapping.json' with { type: 'json' };
import { logSources } from '../../../src/records/index.ts';

const read = mappedSources().filter((source) => logSources.has(source.feed ?? ''));

/** Listed names, those that end in `*` with a rest. */
function names(source: string): string[] {
  const { fields } = mapping.sources[source as keyof typeof mapping.sources];
  return Object.keys(fields).map((name) => name.replace('*', 'Example'));
}

describe('the mapping of log sources', () => {
  it('knows the log sources of public rules for Entra ID and Microsoft 365, case aside', () => {
    expect(
      mappedSources()
        .map((source) => source.name)
        .sort(),
    ).toEqual([
      'azure/activitylogs',
      'azure/auditlogs',
      'azure/pim',
      'azure/riskdetection',
      'azure/signinlogs',
      'm365/audit',
      'm365/exchange',
      'm365/threat_detection',
      'm365/threat_management',
    ]);
    expect(mappingOf({ product: 'Azure', service: 'SignInLogs' })?.feed).toBe('sign-ins');
    expect(mappingOf({ product: 'windows', service: 'security' })).toBeNull();
    expect(mappingOf({ product: 'azure', service: null })).toBeNull();
  });

  it.each(read.map((source) => [source.name, source] as const))(
    'of %s reads properties that an origin declares, and marks as beta what v1.0 lacks',
    (name, source) => {
      const origins = Object.values(logSources.get(source.feed ?? '')?.origins ?? {});
      const [richest, ...poorer] = origins.sort((a, b) => b.rank - a.rank);
      const checked = names(name).flatMap((field) => {
        const found = source.field(field);
        expect(found, field).not.toBeNull();
        const nowhere = found?.paths.filter((path) => richest?.carries(path) !== true);
        expect(nowhere, field).toEqual([]);
        const missing = found?.paths.some((path) => poorer.some((origin) => !origin.carries(path)));
        expect(found?.beta, field).toBe(missing);
        return found?.paths ?? [];
      });
      expect(checked.length).toBeGreaterThan(0);
    },
  );

  it("takes Graph's own properties by their own names, and tells which are in beta", () => {
    const signIns = mappingOf({ product: 'azure', service: 'signinlogs' });
    expect(signIns?.field('AuthenticationProtocol')).toMatchObject({
      paths: ['authenticationProtocol'],
      beta: true,
    });
    expect(signIns?.field('properties.isInteractive')).toMatchObject({
      paths: ['isInteractive'],
      beta: false,
    });
    expect(signIns?.field('MfaDetail.AuthMethod')).toMatchObject({
      paths: ['mfaDetail.AuthMethod'],
      beta: true,
    });
    expect(signIns?.field('DeviceDetail')).toMatchObject({ paths: ['deviceDetail'], projected: true });
    expect(signIns?.field('NoSuchColumn')).toBeNull();
  });
});
