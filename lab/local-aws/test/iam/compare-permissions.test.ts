import { describe, expect, it } from 'vitest';
import type { RecordedCall } from '../../iam/calls.ts';
import { comparePermissions, type PolicyStatement, type RolePolicies, UnlistablePolicy } from '../../iam/compare-permissions.ts';
import { USED_BY_SERVICES } from '../../iam/used-by-services.ts';

const ROLE = 'arn:aws:iam::000000000000:role/deployer';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/records';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:sweep';
const CORE = 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore';
const TRACE = { action: 'xray:PutTraceSegments', why: 'traces', source: 'https://docs.aws.amazon.com/' };

const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const role = (...statements: PolicyStatement[]): RolePolicies => ({ role: ROLE, statements, awsManaged: [] });
const call = (action: string, resource = '*', more: Partial<RecordedCall> = {}): RecordedCall => ({
  principal: ROLE,
  action,
  resource,
  allowed: true,
  ...more,
});
const unusedOf = (statement: PolicyStatement, ...calls: RecordedCall[]) =>
  comparePermissions([role(statement)], calls, []).unused.map(({ action, resource }) => `${action} ${resource}`);

describe('a permission', () => {
  it.each<[string, PolicyStatement, RecordedCall[], string[]]>([
    ['is used by a call of its action on its resource', allow('dynamodb:GetItem', TABLE), [call('dynamodb:GetItem', TABLE)], []],
    ['is not used by another action', allow('dynamodb:GetItem', TABLE), [call('dynamodb:Query', TABLE)], [`dynamodb:GetItem ${TABLE}`]],
    ['is not used on another resource', allow('a:B', 'arn:x'), [call('a:B', 'arn:xy')], ['a:B arn:x']],
    ['is not used by another role', allow('a:B'), [call('a:B', '*', { principal: `${ROLE}-2` })], ['a:B *']],
    ['is not used by a call that was refused', allow('a:B'), [call('a:B', '*', { allowed: false })], ['a:B *']],
    ['counts for each action of its statement', allow(['a:B', 'a:C']), [call('a:B')], ['a:C *']],
    ['counts for each resource of its statement', allow('a:B', ['arn:x', 'arn:y']), [call('a:B', 'arn:y')], ['a:B arn:x']],
    ['on all resources is used by a call on any', allow('a:B'), [call('a:B', 'arn:x')], []],
    ['with a wildcard in its resource is used below it', allow('s3:GetObject', 'arn:b/web/*'), [call('s3:GetObject', 'arn:b/web/1/a')], []],
    ['with a wildcard is not used beside it', allow('a:B', 'arn:b/web/*'), [call('a:B', 'arn:b/other/a')], ['a:B arn:b/web/*']],
    ['with a wildcard in its action is used by any that it means', allow('s3:Get*'), [call('s3:GetObject')], []],
    ['with a question mark means one character', allow('a:B', 'arn:?'), [call('a:B', 'arn:xy')], ['a:B arn:?']],
    ['takes a dot for a dot', allow('a:B', 'arn:x.y'), [call('a:B', 'arn:x-y')], ['a:B arn:x.y']],
    ['names its action in any case', allow('A:getitem'), [call('a:GetItem')], []],
    ['names its resource in its very case', allow('a:B', 'arn:X'), [call('a:B', 'arn:x')], ['a:B arn:X']],
    ['on a version of a function is used by a call of another', allow('a:B', `${FUNCTION}:3`), [call('a:B', `${FUNCTION}:2`)], []],
    ['on every version of a function is used by a call of one', allow('a:B', `${FUNCTION}:*`), [call('a:B', `${FUNCTION}:2`)], []],
    ['is none when it is denied', { Effect: 'Deny', Action: 'a:B', Resource: '*' }, [], []],
  ])('%s', (_, statement, calls, unused) => {
    expect(unusedOf(statement, ...calls)).toEqual(unused);
  });

  it('that is not used is named with its condition, which the comparison ignores', () => {
    const condition = { StringEquals: { 'ssm:resourceTag/fleet': 'web' } };
    const compare = (...calls: RecordedCall[]) => comparePermissions([role(allow('a:B', '*', { Condition: condition }))], calls, []).unused;
    expect(compare()).toEqual([{ role: ROLE, action: 'a:B', resource: '*', condition }]);
    expect(compare(call('a:B'))).toEqual([]);
  });

  it.each(['NotAction', 'NotResource'])('that is given by %s is refused: it cannot be listed', (key) => {
    const { [key.slice(3)]: _, ...statement } = { ...allow('a:B'), [key]: 'a:C' } as Record<string, unknown>;
    expect(() => comparePermissions([role(statement as unknown as PolicyStatement)], [], [])).toThrow(UnlistablePolicy);
  });

  it('of an AWS service is listed with its reason, and counted once', () => {
    const other = { ...role(allow(TRACE.action)), role: `${ROLE}-2` };
    const found = comparePermissions(
      [role(allow([TRACE.action, 'a:B'])), other],
      [call('a:B')],
      [TRACE, { ...TRACE, action: 'not:Allowed' }],
    );
    expect(found).toMatchObject({ unused: [], serviceUsed: [TRACE] });
  });

  it("of a policy that AWS keeps is its service's when the policy is listed, and any other's when it is not", () => {
    const managed = { role: ROLE, statements: [], awsManaged: [{ arn: CORE, statements: [allow('ssm:GetDocument')] }] };
    const listed = { action: CORE, why: 'the agent', source: 'https://docs.aws.amazon.com/' };
    expect(comparePermissions([managed], [], [listed])).toMatchObject({ unused: [], serviceUsed: [listed] });
    expect(comparePermissions([managed], [], []).unused).toEqual([{ role: ROLE, action: 'ssm:GetDocument', resource: '*' }]);
  });
});

describe('a call', () => {
  const roles = [role(allow('a:B'))];

  it('that was refused counts as denied', () => {
    expect(comparePermissions(roles, [call('a:B'), call('a:C', 'arn:x', { allowed: false })], [])).toMatchObject({
      roles: 1,
      calls: 2,
      denied: 1,
      denials: [{ principal: ROLE, action: 'a:C', resource: 'arn:x' }],
    });
  });

  it('that a test had refused by taking the permission away counts on that resource only', () => {
    const refused = [call('a:C', 'arn:x', { allowed: false }), call('a:C', 'arn:y', { allowed: false })];
    const deliberate = [{ principal: ROLE, action: 'a:C', resource: 'arn:x' }];
    expect(comparePermissions(roles, refused, [], deliberate).denials).toEqual([{ principal: ROLE, action: 'a:C', resource: 'arn:y' }]);
  });

  it('of a role that no stack created does not count', () => {
    const calls = [call('a:B'), call('a:C', '*', { principal: 'arn:aws:iam::000000000000:root', allowed: false })];
    expect(comparePermissions(roles, calls, [])).toMatchObject({ calls: 1, denied: 0 });
  });

  it('of a role without policies is refused, and the role counts', () => {
    expect(comparePermissions([role()], [call('a:B', '*', { allowed: false })], [])).toMatchObject({ roles: 1, denied: 1, unused: [] });
  });
});

describe('the list of what AWS services use', () => {
  it('has at most 15 entries, each once, each with its reason and a page of AWS', () => {
    expect(USED_BY_SERVICES.length).toBeLessThanOrEqual(15);
    expect(new Set(USED_BY_SERVICES.map(({ action }) => action)).size).toBe(USED_BY_SERVICES.length);
    for (const { why, source } of USED_BY_SERVICES) {
      expect(why).toMatch(/^[A-Z].*\.$/);
      expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/.+\.html$/);
    }
  });
});
