import { expect, test } from 'vitest';
import { checkDefinition, NotImplemented } from './check-definition.ts';
import { RUN_CHILD } from './definition.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:one:1';
const CHILD = 'arn:aws:states:eu-west-1:111122223333:stateMachine:child';
const END = { Type: 'Succeed' };

const check = (definition: object) =>
  checkDefinition('deploy', JSON.stringify(definition), { isFunction: (arn) => arn === FUNCTION, isMachine: (arn) => arn === CHILD });
const withState = (state: object) => ({ StartAt: 'Roll target', States: { 'Roll target': state, End: END } });
const task = (more: object) => withState({ Type: 'Task', Resource: FUNCTION, End: true, ...more });
const choice = (rule: object) => withState({ Type: 'Choice', Choices: [{ ...rule, Next: 'End' }], Default: 'End' });
const child = (more: object) => task({ Resource: RUN_CHILD, Parameters: { StateMachineArn: CHILD, ...more } });

test('takes what the machines use', () => {
  expect(() => check(task({ Parameters: { 'a.$': '$.b' }, ResultPath: null, TimeoutSeconds: 90 }))).not.toThrow();
  expect(() => check(child({ 'Name.$': '$.next.name', Input: { 'id.$': '$$.Execution.Id' } }))).not.toThrow();
});

test.each([
  ['field "HeartbeatSeconds"', task({ HeartbeatSeconds: 5 })],
  ['field "InputPath"', task({ InputPath: '$.a' })],
  ['field "JitterStrategy"', task({ Retry: [{ ErrorEquals: ['A'], JitterStrategy: 'FULL' }] })],
  ['field "Output"', task({ Catch: [{ ErrorEquals: ['A'], Next: 'End', Output: {} }] })],
  ['error name "States.ALL"', task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] })],
  ['type "Nope"', withState({ Type: 'Nope' })],
  ['operator "StringMatches"', choice({ Variable: '$.a', StringMatches: 'x*' })],
  ['operator "NumericEquals"', choice({ And: [{ Not: { Variable: '$.a', NumericEquals: 1 } }] })],
  ['path "$.a[0]"', choice({ Variable: '$.a[0]', StringEquals: 'x' })],
  ['path "$..a"', task({ ResultPath: '$..a' })],
  ['path "$$.State.Name"', task({ Parameters: { 'name.$': '$$.State.Name' } })],
  [`path "States.UUID()"`, task({ Parameters: { deep: [{ 'id.$': 'States.UUID()' }] } })],
  ['resource "arn:aws:states:::sqs:sendMessage"', task({ Resource: 'arn:aws:states:::sqs:sendMessage' })],
  ['resource "arn:of:another"', child({ StateMachineArn: 'arn:of:another' })],
  ['parameter "TraceHeader"', child({ TraceHeader: 'x' })],
  ['state "Nowhere"', withState({ Type: 'Pass', Next: 'Nowhere' })],
  ['state without "Next" and "End"', withState({ Type: 'Pass' })],
])('names the machine, the state and the %s that it does not know', (what, definition) => {
  expect(() => check(definition)).toThrow(NotImplemented);
  expect(() => check(definition)).toThrow(`deploy / Roll target: the interpreter of the simulation does not know the ${what}`);
});

test('names a field of the machine itself', () => {
  expect(() => check({ ...task({}), QueryLanguage: 'JSONata' })).toThrow(
    'deploy: the interpreter of the simulation does not know the field "QueryLanguage"',
  );
});
