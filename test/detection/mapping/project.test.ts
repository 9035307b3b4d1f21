import { describe, expect, it } from 'vitest';
import { mappingOf, type SourceMapping } from '../../../src/detection/mapping/mapping.ts';
import { projectEvent } from '../../../src/detection/mapping/project.ts';
import { compileRule } from '../../../src/sigma/index.ts';
import { ruleOf } from './rules.ts';

function mapping(name: string): SourceMapping {
  const [product = null, service = null] = name.split('/');
  const found = mappingOf({ product, service });
  if (found === null) throw new Error(`no mapping ${name}`);
  return found;
}

/** Shapes of graph-facts 1 and 2 and of wire-facts. */
const SIGN_IN = {
  id: 's1',
  createdDateTime: '2026-11-17T09:00:00Z',
  userPrincipalName: 'anna@muster.example',
  appDisplayName: 'Outlook',
  ipAddress: '198.51.100.7',
  clientAppUsed: 'Browser',
  userAgent: 'Mozilla/5.0',
  conditionalAccessStatus: 'notApplied',
  status: { errorCode: 0, failureReason: 'Other.', additionalDetails: 'MFA requirement satisfied' },
  deviceDetail: { deviceId: '', trustType: null, isCompliant: false },
  location: { city: 'Lagos', state: 'Lagos', countryOrRegion: 'NG' },
  authenticationProtocol: 'deviceCode',
  authenticationRequirement: 'singleFactorAuthentication',
  networkLocationDetails: [],
};
const AUDIT = {
  id: 'Directory_1_ABCDE_1',
  activityDateTime: '2026-11-17T09:00:00.1234567Z',
  activityDisplayName: 'Update application – Certificates and secrets management ',
  category: 'ApplicationManagement',
  loggedByService: 'Core Directory',
  result: 'success',
  resultReason: '',
  initiatedBy: { user: { id: 'u', userPrincipalName: 'bert@muster.example', displayName: null }, app: null },
  targetResources: [
    {
      id: 'app',
      displayName: 'Payroll',
      Type: 'ServicePrincipal',
      modifiedProperties: [
        { displayName: 'ConsentContext.IsAdminConsent', oldValue: null, newValue: '"False"' },
        { displayName: 'Role.DisplayName', oldValue: null, newValue: '"Global Administrator"' },
        { displayName: 'KeyDescription', oldValue: '[]', newValue: '["[KeyType=Password]"]' },
      ],
    },
  ],
  additionalDetails: [{ key: 'Additional Info', value: 'Recovered by device id' }],
};
const UNIFIED = {
  id: 'x',
  operation: 'New-InboxRule',
  service: 'Exchange',
  objectId: null,
  auditData: {
    operation: 'New-InboxRule',
    Workload: 'Exchange',
    ResultStatus: 'True',
    Parameters: [
      { Name: 'ForwardTo', Value: 'x@evil.example' },
      { Name: 'MarkAsRead', Value: 'True' },
    ],
    ExtendedProperties: [{ Name: 'RequestType', Value: 'OAuth2:Authorize' }],
  },
};

/** Log source, field, record, what rules see. */
const CASES: [string, string, object, unknown][] = [
  ['azure/signinlogs', 'ResultType', SIGN_IN, 0],
  ['azure/signinlogs', 'Status', SIGN_IN, ['Success', 'Other.', 'MFA requirement satisfied']],
  ['azure/signinlogs', 'Status', { status: { errorCode: 50126 } }, 'Failure'],
  ['azure/signinlogs', 'properties.message', SIGN_IN, ['deviceCode', 'Device Code']],
  ['azure/signinlogs', 'properties.message', { authenticationProtocol: 'saml20' }, 'saml20'],
  ['azure/signinlogs', 'NetworkLocationDetails', SIGN_IN, '[]'],
  ['azure/signinlogs', 'NetworkLocationDetails', {}, undefined],
  ['azure/signinlogs', 'DeviceDetail.trusttype', SIGN_IN, null],
  ['azure/signinlogs', 'DeviceDetail.deviceId', SIGN_IN, ''],
  ['azure/signinlogs', 'location', SIGN_IN, ['NG', 'Lagos', 'Lagos']],
  ['azure/signinlogs', 'ActivityDetails', {}, 'Sign-ins'],
  // Columns of Log Analytics, and Graph's own names in any case.
  ['azure/signinlogs', 'LocationDetails.countryOrRegion', SIGN_IN, 'NG'],
  ['azure/signinlogs', 'LocationDetails', SIGN_IN, ['Lagos', 'Lagos', 'NG']],
  ['azure/signinlogs', 'IPAddress', SIGN_IN, '198.51.100.7'],
  ['azure/signinlogs', 'properties.appDisplayName', SIGN_IN, 'Outlook'],
  ['azure/signinlogs', 'Status.errorCode', SIGN_IN, 0],
  [
    'azure/auditlogs',
    'properties.message',
    AUDIT,
    'Update application – Certificates and secrets management',
  ],
  ['azure/auditlogs', 'targetResources.type', AUDIT, ['ServicePrincipal', 'Service Principal']],
  ['azure/auditlogs', 'ConsentContext.IsAdminConsent', AUDIT, 'False'],
  ['azure/auditlogs', 'Role.DisplayName', AUDIT, 'Global Administrator'],
  ['azure/auditlogs', 'additionalDetails.additionalInfo', AUDIT, 'Recovered by device id'],
  ['azure/auditlogs', 'additionalDetails.nothing', AUDIT, undefined],
  ['azure/auditlogs', 'Initiatedby', AUDIT, 'bert@muster.example'],
  ['azure/auditlogs', 'InitiatedBy.user.userPrincipalName', AUDIT, 'bert@muster.example'],
  ['azure/auditlogs', 'properties.initiatedBy', AUDIT, ['u', 'bert@muster.example', null, null]],
  ['azure/auditlogs', 'AdditionalDetails', AUDIT, ['Additional Info', 'Recovered by device id']],
  ['azure/auditlogs', 'AADOperationType', { operationType: 'Add' }, 'Add'],
  [
    'azure/auditlogs',
    'TargetResources.ModifiedProperties.NewValue',
    AUDIT,
    [
      '"False"',
      '"Global Administrator"',
      '["[KeyType=Password]"]',
      'False',
      'Global Administrator',
      '[KeyType=Password]',
    ],
  ],
  ['m365/audit', 'Operation', UNIFIED, ['New-InboxRule', 'New-InboxRule']],
  ['m365/audit', 'Parameters', UNIFIED, ['ForwardTo', 'x@evil.example', 'MarkAsRead', 'True']],
  ['m365/audit', 'RequestType', UNIFIED, 'OAuth2:Authorize'],
  ['m365/audit', 'ResultStatus', { auditData: { ResultStatus: 'Succeeded' } }, ['Succeeded', 'Success']],
  ['m365/audit', 'UserId', { auditData: { userid: 'a@b.example' } }, 'a@b.example'],
  ['m365/exchange', 'status', UNIFIED, ['True', 'success']],
  ['m365/threat_management', 'status', { auditData: { Name: 'An alert' } }, 'success'],
  ['m365/threat_management', 'eventName', { auditData: { Name: 'An alert' } }, 'An alert'],
  ['azure/riskdetection', 'riskEventType', { riskEventType: 'anomalousToken' }, 'anomalousToken'],
];

describe('the projection of a Graph record', () => {
  it.each(CASES)('of %s gives %s', (source, field, record, expected) => {
    const event = projectEvent(mapping(source), record, [field]) as Record<string, unknown>;
    expect(event[field]).toEqual(expected);
  });

  it('shows only the fields that were asked for, as flat keys of its own', () => {
    const event = projectEvent(mapping('azure/signinlogs'), SIGN_IN, ['ResultType', 'properties.message']);
    expect(Object.keys(event)).toEqual(['ResultType', 'properties.message']);
  });

  it('reads a field when it is first asked for, and once', () => {
    let reads = 0;
    const record = {
      get userAgent() {
        reads += 1;
        return 'axios/1';
      },
    };
    const event = projectEvent(mapping('azure/signinlogs'), record, ['userAgent']) as { userAgent: unknown };
    expect(reads).toBe(0);
    expect([event.userAgent, event.userAgent]).toEqual(['axios/1', 'axios/1']);
    expect(reads).toBe(1);
  });

  it('is what a compiled rule reads: flat key first, absent and null apart', () => {
    const matches = (source: string, selection: string, record: object): boolean => {
      const rule = compileRule(ruleOf(source, selection));
      return rule.match(projectEvent(mapping(source), record, rule.fields));
    };
    expect(matches('azure/signinlogs', '{properties.message: Device Code}', SIGN_IN)).toBe(true);
    expect(matches('azure/signinlogs', '{DeviceDetail.isCompliant: "false"}', SIGN_IN)).toBe(true);
    expect(matches('azure/signinlogs', '{DeviceDetail.trusttype: null}', SIGN_IN)).toBe(true);
    expect(matches('azure/signinlogs', '{DeviceDetail.trusttype: ""}', SIGN_IN)).toBe(false);
    expect(matches('azure/signinlogs', '{DeviceDetail.trusttype|exists: true}', SIGN_IN)).toBe(true);
    expect(matches('azure/signinlogs', '{DeviceDetail.trusttype|exists: false}', {})).toBe(true);
    expect(matches('azure/signinlogs', '{userAgent|exists: true}', {})).toBe(false);
    expect(matches('azure/auditlogs', '{TargetResources|contains|all: [payroll, KeyType]}', AUDIT)).toBe(
      true,
    );
    expect(matches('azure/auditlogs', '["Recovered by", payroll]', AUDIT)).toBe(true);
    expect(matches('azure/auditlogs', '[nowhere]', AUDIT)).toBe(false);
  });

  it('takes nothing from prototypes, whatever a record or a rule is called', () => {
    const source = mapping('azure/auditlogs');
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(source.field(name)).toBeNull();
      const event = projectEvent(source, AUDIT, [name]);
      expect(Object.keys(event)).toEqual([]);
    }
    const hostile = JSON.parse(
      '{"__proto__": {"result": "success"}, "additionalDetails": [{"key": "__proto__", "value": "v"}]}',
    ) as object;
    const event = projectEvent(source, hostile, ['Result', 'additionalDetails.__proto__']) as Record<
      string,
      unknown
    >;
    expect(event['Result']).toBeUndefined();
    expect(event['additionalDetails.__proto__']).toBe('v');
    expect(({} as Record<string, unknown>)['result']).toBeUndefined();
  });

  it('survives nesting deeper than any record', () => {
    let nested: unknown = 'leaf';
    for (let depth = 0; depth < 5000; depth++) nested = [nested];
    const event = projectEvent(mapping('azure/auditlogs'), { targetResources: nested }, ['TargetResources']);
    expect(Object.values(event)).toEqual([undefined]);
  });
});
