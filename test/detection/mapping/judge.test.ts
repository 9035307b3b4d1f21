import { describe, expect, it } from 'vitest';
import { judgeRule } from '../../../src/detection/mapping/judge.ts';
import { parseOne, ruleOf, ruleText } from './rules.ts';

const AUDITS = 'azure/auditlogs';
const SIGN_INS = 'azure/signinlogs';

/** Log source, selection, status, what the reason says. */
const CASES: [string, string, string, string][] = [
  [AUDITS, '{operationName: Add user}', 'works', ''],
  [AUDITS, '{operationName|re: "^Add us.r$"}', 'works', ''],
  [AUDITS, '{operationName|contains|all: [add, user]}', 'works', ''],
  [AUDITS, '{operationName|exists: true}', 'works', ''],
  [AUDITS, '{operationName: [Add user, Make user]}', 'works', "never matches 'Make user'"],
  [AUDITS, '{operationName: Make user}', 'prose', "'Make user': no value that operationName"],
  [AUDITS, '{operationName|contains|all: [Add user, Delete user]}', 'correlate', 'at once'],
  [AUDITS, '{Initiatedby: UPN}', 'prose', "'UPN', a word of documentation"],
  [AUDITS, '{Target|contains: UPN}', 'prose', "'UPN', a word of documentation"],
  [AUDITS, '{failure_status_reason: Some sentence}', 'prose', 'a sentence'],
  [AUDITS, '{failure_status_reason|contains: RiskyApp}', 'works', ''],
  [AUDITS, '{Colour: blue, Shape: round}', 'unmapped', 'no field Colour, Shape'],
  [SIGN_INS, '{ResultType: 50126}', 'works', ''],
  [SIGN_INS, '{ResultType: 50126, ResultDescription|contains: wrong}', 'prose', 'a sentence'],
  [SIGN_INS, '{AuthenticationRequirement: x}', 'beta', 'only beta shows'],
  [
    SIGN_INS,
    '{AuthenticationRequirement: x, location|expand: "%Home%"}',
    'placeholder',
    'needs %Home%; reads what',
  ],
  [SIGN_INS, '{location|expand: "%Home%-%Away%"}', 'placeholder', '%Home%, %Away%'],
  ['azure/riskdetection', '{riskEventType: anomalousToken}', 'works', ''],
  ['azure/riskdetection', '{riskEventType: strangeToken}', 'prose', 'strangeToken'],
  ['azure/pim', '{riskEventType: anything}', 'state', 'not events'],
  [
    'azure/activitylogs',
    '{operationName: MICROSOFT.SQL/SERVERS/DELETE}',
    'no_source',
    'not in Microsoft Graph',
  ],
  ['azure/activitylogs', '{properties.message: Delete device}', 'no_source', 'correct the rule’s log source'],
  ['azure/vmlogs', '{a: b}', 'no_source', 'no records of azure/vmlogs'],
  ['m365/audit', '{Operation: New-InboxRule, AnythingElse: x}', 'works', ''],
];

describe('what an imported rule can do', () => {
  it.each(CASES)('on %s %s is %s', (source, selection, status, why) => {
    const verdict = judgeRule(ruleOf(source, selection));
    expect(verdict.status).toBe(status);
    if (why === '') expect(verdict.why).toBe('');
    else expect(verdict.why.replaceAll("'s log", '’s log')).toContain(why);
  });

  it('is judged by its condition: what is impossible in one alternative, or in an exclusion, leaves the rest', () => {
    const judged = (...lines: string[]) => judgeRule(parseOne(ruleText(AUDITS, lines.join('\n')))).status;
    const good = 'good: {operationName: Add user}';
    const bad = 'bad: {operationName: Make user}';
    expect(judged(good, bad, 'condition: good or bad')).toBe('works');
    expect(judged(good, bad, 'condition: good and bad')).toBe('prose');
    expect(judged(good, bad, 'condition: good and not bad')).toBe('works');
    expect(judged(good, bad, 'condition: 1 of them')).toBe('works');
    expect(
      judged('list:', '  - operationName: Make user', '  - operationName: Add user', 'condition: list'),
    ).toBe('works');
  });

  it('needs a correlation when its title asks for two opposite activities and it takes either', () => {
    const both = '{operationName: [Add group, Delete group]}';
    expect(judgeRule(ruleOf(AUDITS, both, { title: 'Group created and deleted' })).status).toBe('correlate');
    expect(judgeRule(ruleOf(AUDITS, both, { title: 'Group created or deleted' })).status).toBe('works');
    expect(
      judgeRule(ruleOf(AUDITS, '{operationName: Add group}', { title: 'Group added and removed' })).status,
    ).toBe('works');
  });

  it.each(['deprecated', 'unsupported'])('is none when its authors call it %s', (status) => {
    expect(judgeRule(ruleOf(AUDITS, '{operationName: Add user}', { status }))).toMatchObject({
      status: 'unsupported',
      why: `its authors call it ${status}`,
    });
  });

  it('is none without an id', () => {
    const text = ruleText(AUDITS, 'a: {operationName: Add user}\ncondition: a').replace(/^id: .*\n/m, '');
    expect(judgeRule(parseOne(text))).toMatchObject({ status: 'unsupported' });
  });

  it('takes values that no list has when the operator says so', () => {
    const rule = ruleOf(AUDITS, '{operationName: Make user}');
    expect(judgeRule(rule, { trustValues: true })).toMatchObject({ status: 'works', why: '' });
  });
});

it('judges fields whose names every object has like any other', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect(judgeRule(ruleOf('m365/audit', `{Operation: x, ${name}: y}`)).status).toBe('works');
    expect(judgeRule(ruleOf('azure/auditlogs', `{${name}: y}`)).status).toBe('unmapped');
  }
});
