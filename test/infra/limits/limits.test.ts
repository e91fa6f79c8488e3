/** Templates against the services' limits: how they are filled in, measured and refused. */
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { isOver } from '../../../functions/shared/limits/measure-input.ts';
import { checkLimits, type Finding, measureTemplates, NEAR_PERCENT } from '../../../infra/limits/check-templates.ts';
import { FilledIn, type Templates } from '../../../infra/limits/fill-in.ts';
import { adopted } from '../adopted-configs.ts';
import { AWS_CONFIG, EXTENDED_CONFIG, QUICK_APP, SynthesizedApp } from '../synthesized.ts';

const TEMPLATES: Templates = {
  shop: {
    Parameters: { Size: { Default: 'small' } },
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } },
      Role: { Type: 'AWS::IAM::Role' },
      Store: { Type: 'AWS::ElastiCache::ReplicationGroup', Properties: { ReplicationGroupId: 'shop-sessions' } },
      Group: { Type: 'AWS::EC2::SecurityGroup' },
    },
    Outputs: { Topic: { Value: { Ref: 'Topic' }, Export: { Name: { 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, ':topic']] } } } },
  },
  other: {},
};
const filled = new FilledIn(TEMPLATES);
const TOPIC = /^arn:aws-us-gov:sns:ap-northeast-1:111122223333:topic\/alarms/;

describe('a template is filled in as CloudFormation does, with the longest values', () => {
  it.each([
    ['a name that it gives', { 'Fn::Sub': '$' + '{AWS::Region}-$' + '{Size}' }, /^ap-northeast-1-small$/],
    ['an ARN by Ref', { Ref: 'Topic' }, TOPIC],
    ['a name that it does not give', { Ref: 'Role' }, /^shop-Role-[A-Z]{12}$/],
    ['an endpoint: longer than any of that group', { 'Fn::GetAtt': ['Store', 'PrimaryEndPoint.Address'] }, /^.{60,90}$/],
    ['a port', { 'Fn::GetAtt': ['Store', 'PrimaryEndPoint.Port'] }, /^65535$/],
    ['endpoints of all nodes', { 'Fn::GetAtt': ['Store', 'ReadEndPoint.Addresses'] }, /^\[(".{60,90}",?){6}\]$/],
    ['a list, joined', { 'Fn::Join': [',', { 'Fn::Split': ['-', 'a-b'] }] }, /^a,b$/],
    ['an id', { 'Fn::GetAtt': ['Group', 'GroupId'] }, /^subnet-[0-9a-f]{17}$/],
    ['the longer of two', { 'Fn::If': ['IsSmall', 'x', { Ref: 'Topic' }] }, TOPIC],
    ['a part of another', { 'Fn::Select': [2, { 'Fn::Split': [':', { Ref: 'Topic' }] }] }, /^sns$/],
    ['text in base64', { 'Fn::Base64': { Ref: 'Size' } }, /^c21hbGw=$/],
  ])('%s', (_, value, expected) => {
    expect(filled.value('shop', value)).toMatch(expected);
  });

  it("another stack's export and output", () => {
    expect(filled.value('other', { 'Fn::ImportValue': 'shop:topic' })).toMatch(TOPIC);
    expect(filled.value('other', { 'Fn::GetStackOutput': { StackName: 'shop', OutputName: 'Topic' } })).toMatch(TOPIC);
  });

  it('nothing is left of a value that is none', () => {
    expect(filled.value('shop', { A: ['x', { Ref: 'AWS::NoValue' }] })).toEqual({ A: ['x'] });
  });
});

describe('what resources share is measured together', () => {
  const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'deploy' } };
  const policy = (size: number) => ({
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'p', Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: 'x'.repeat(size - '{"Statement":""}'.length) } },
  });
  const sizesOf = (templates: Templates, what: string) =>
    measureTemplates(templates)
      .filter(({ where }) => where.includes(what))
      .map(({ size, most }) => [size, most]);

  it('inline policies of one role', () => {
    const templates = { shop: { Resources: { Role: role, One: policy(6_000), Two: policy(5_000) } } };
    expect(sizesOf(templates, 'inlinePoliciesOfRole')).toEqual([[11_000, 10_240]]);
  });

  it('roles of an account, over all stacks', () => {
    expect(sizesOf({ a: { Resources: { Role: role } }, b: { Resources: { Role: role } } }, 'rolesOfAccount')).toEqual([[2, 1_000]]);
  });
});

describe('synthesis', () => {
  const synthesize = (values: Readonly<Record<string, string>>, expressions = 1) => {
    const app = new App(QUICK_APP);
    const stack = new Stack(app, 'shop');
    new CfnFunction(stack, 'Function', { code: {}, role: 'role', environment: { variables: { ...values } } });
    const metrics = Array.from({ length: expressions }, (_, at) => ({ id: `e${at}`, expression: '1' }));
    new CfnAlarm(stack, 'Alarm', { comparisonOperator: 'GreaterThanThreshold', evaluationPeriods: 1, metrics });
    checkLimits(app, [stack]);
    app.synth();
    return stack;
  };

  it('refuses what AWS would refuse in the middle of a deployment', () => {
    expect(() => synthesize({}, 11)).toThrow('shop Alarm Metrics[Expression]: 11, and AWS takes at most 10. Nothing was deployed.');
    expect(() => synthesize({ A: 'x'.repeat(4_090) })).toThrow('shop Function Environment.Variables: 4098, and AWS takes at most 4096');
  });

  it('warns of a quota that an account can raise, and refuses nothing for it', () => {
    const app = new App(QUICK_APP);
    const stacks = ['a', 'b', 'c'].map((name) => new Stack(app, name));
    for (const stack of stacks) for (let at = 0; at < 400; at += 1) new CfnRole(stack, `Role${at}`, { assumeRolePolicyDocument: {} });
    checkLimits(app, stacks);
    app.synth();
    expect(app.node.metadata.map(({ data }) => String(data))).toEqual([
      expect.stringContaining('(account) rolesOfAccount has 1200 of at most 1000'),
    ]);
  });

  it('warns of sizes that are near a limit, and of no full count of ten', () => {
    const warnings = (stack: Stack) =>
      Annotations.fromStack(stack)
        .findWarning('*', Match.anyValue())
        .map(({ entry }) => entry.data);
    expect(warnings(synthesize({ A: 'x'.repeat(4_000) }, 10))).toEqual([
      expect.stringContaining('shop Function Environment.Variables has 4008 of at most 4096.'),
    ]);
    expect(warnings(synthesize({ A: 'x'.repeat(3_000) }, 10))).toEqual([]);
  });
});

/** Sizes that may be near their limits, with the reason. */
const MAY_BE_NEAR: Readonly<Record<string, string>> = {};

it.each([
  ['the smallest installation', AWS_CONFIG],
  ['one with everything', EXTENDED_CONFIG],
  ['one of existing servers', adopted()],
])('%s is below every limit, and no size that grows is near one', async (_, config) => {
  const app = await SynthesizedApp.create(config);
  const templates = Object.fromEntries(
    app.stackNames.map((name) => [name, app.template(name.replace('holdfast-', '')).toJSON() as Templates[string]]),
  );
  const findings: Finding[] = measureTemplates(templates);
  expect(findings.length).toBeGreaterThan(500);
  expect(findings.filter(isOver).map(({ where }) => where)).toEqual([]);
  const near = findings.filter(({ canGrow, percent }) => canGrow && percent >= NEAR_PERCENT);
  expect(near.filter(({ where }) => !(where.replace(/^\S+ /, '') in MAY_BE_NEAR)).map(({ where }) => where)).toEqual([]);
  const userData = findings.find(({ where }) => where.endsWith('UserData'));
  // A third of EC2's limit stays free for the next version, whose user data has to fit as well.
  if (userData) expect(userData.size).toBeLessThanOrEqual(12_288);
});
