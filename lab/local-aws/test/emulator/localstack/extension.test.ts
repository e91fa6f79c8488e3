/** LocalStack's extension as far as it can be tested without LocalStack: its list of plug-ins, and how it decides by policies. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSetup } from '../../../../../setup/read-setup.mjs';
import { EXTENSION, runInExtension } from './run-in-extension.ts';

const ENTRY_POINTS = readFileSync(path.join(EXTENSION, 'holdfast_localstack-1.0.0.dist-info/entry_points.txt'), 'utf8');

it('each plug-in is in a file that exists', () => {
  const modules = [...ENTRY_POINTS.matchAll(/ = holdfast_localstack\.(\w+):\w+$/gm)].map(([, name]) => `${name}.py`);
  expect(modules.length).toBeGreaterThan(20);
  expect(readdirSync(path.join(EXTENSION, 'holdfast_localstack'))).toEqual(expect.arrayContaining([...new Set(modules)]));
});

/** What the extension answers for SimulatePrincipalPolicy. */
function decide(statements: readonly object[], action: string, resource: string, context: Record<string, string[]> = {}): string {
  const script = 'import json, sys; from policies import decide; print(decide(*json.loads(sys.argv[1])))';
  return runInExtension(readSetup().python, script, [[{ Statement: statements }], action, resource, context]);
}

const GROUP = 'ssm:resourcetag/aws:autoscaling:groupname';
const condition = (operator: string, key: string, ...values: string[]) => ({
  Effect: 'Allow',
  Action: '*',
  Resource: '*',
  Condition: { [operator]: { [key]: values } },
});

describe("the extension's decision by a role's policies", () => {
  it.each([
    ['wildcards of action and resource', [{ Effect: 'Allow', Action: 'ssm:Get*', Resource: 'arn:*:document/hold?ast' }], {}, 'allowed'],
    ['an action in other case', [{ Effect: 'Allow', Action: ['SSM:getdocument'], Resource: '*' }], {}, 'allowed'],
    ['another resource', [{ Effect: 'Allow', Action: 'ssm:*', Resource: 'arn:aws:ssm:::document/hold' }], {}, 'implicitDeny'],
    ['nothing', [], {}, 'implicitDeny'],
    [
      'a deny after an allow',
      [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 'ssm:*', Resource: '*' },
      ],
      {},
      'explicitDeny',
    ],
    ['NotAction', [{ Effect: 'Allow', NotAction: 'ssm:*', Resource: '*' }], {}, 'implicitDeny'],
    [
      'a tag that the resource has',
      [condition('StringEquals', 'ssm:resourceTag/aws:autoscaling:groupName', 'web')],
      { [GROUP]: ['web'] },
      'allowed',
    ],
    [
      'a tag that it has with another value',
      [condition('StringEquals', 'ssm:resourceTag/aws:autoscaling:groupName', 'web')],
      { [GROUP]: ['other'] },
      'implicitDeny',
    ],
    ['a tag that it lacks', [condition('StringEquals', 'ssm:resourceTag/aws:autoscaling:groupName', 'web')], {}, 'implicitDeny'],
    ['a key that must not be', [condition('Null', 'a:b', 'true')], {}, 'allowed'],
    ['another value than one', [condition('StringNotEquals', 'a:b', 'x')], { 'a:b': ['y'] }, 'allowed'],
    ['all values of a key', [condition('ForAllValues:StringEquals', 'a:b', 'x', 'y')], { 'a:b': ['x', 'z'] }, 'implicitDeny'],
    ['any value of a key', [condition('ForAnyValue:StringLike', 'a:b', 'x*')], { 'a:b': ['z', 'xy'] }, 'allowed'],
    ['a key if it exists', [condition('StringEqualsIfExists', 'a:b', 'x')], {}, 'allowed'],
  ])('by %s', (_name, statements, context, decision) => {
    expect(
      decide(statements, 'ssm:GetDocument', 'arn:aws:ssm:us-east-1:000000000000:document/holdfast', context as Record<string, string[]>),
    ).toBe(decision);
  });

  it('refuses a condition that it does not know', () => {
    expect(() => decide([condition('DateLessThan', 'a:b', 'x')], 'ssm:GetDocument', '*', { 'a:b': ['y'] })).toThrow(
      'the condition operator DateLessThan is not evaluated',
    );
  });
});
