import { beforeEach, describe, expect, it } from 'vitest';
import { findUnattended, startLifecycles } from '../../../../functions/deploy/reconcile/start-lifecycles.ts';
import { executionArnOf } from '../../../../functions/shared/aws/executions.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { recordingLog } from '../../fakes/fixtures.ts';

const machine = (name: string) => `arn:aws:states:eu-west-1:123456789012:stateMachine:holdfast-web-${name}`;
const machineArns = { launch: machine('launch'), terminate: machine('terminate') };
const attends = (instanceId: string) => JSON.stringify({ detail: { EC2InstanceId: instanceId } });
const reconciled = (kind: 'launch' | 'terminate', instanceId: string, attempt: number) =>
  executionArnOf(machineArns[kind], `${instanceId}-reconciled-${attempt}`);

let members: Record<string, string>;
let executions: ReturnType<typeof fakeExecutions>;
let log: ReturnType<typeof recordingLog>;
/** What happens while the reconciler waits for an event that is on its way. */
let meanwhile: () => void;
const start = () =>
  startLifecycles(
    { executions, log },
    { group: fakeAutoScalingGroup(members), machineArns, polling: { pausesMs: [], pause: async () => meanwhile() } },
  );

beforeEach(() => {
  members = { 'i-1': 'InService' };
  executions = fakeExecutions();
  log = recordingLog();
  meanwhile = () => {};
});

describe('findUnattended', () => {
  it.each([
    ['Pending:Wait', [{ kind: 'launch', instanceId: 'i-1' }]],
    ['Terminating:Wait', [{ kind: 'terminate', instanceId: 'i-1' }]],
    ['Pending', []],
    ['Pending:Proceed', []],
    ['InService', []],
    ['Terminating', []],
    ['Warmed:Pending:Wait', []],
  ])('of a member that is %s: %j', (lifecycleState, found) => {
    const nobody = { launch: new Set<string>(), terminate: new Set<string>() };
    expect(findUnattended([{ instanceId: 'i-1', lifecycleState, healthStatus: 'Healthy' }], nobody)).toEqual(found);
  });
});

describe('startLifecycles', () => {
  it('starts the launch of an instance whose event was lost, which needs no token', async () => {
    members['i-2'] = 'Pending:Wait';
    expect(await start()).toEqual(['i-2']);
    const input = { AutoScalingGroupName: 'holdfast-web', LifecycleHookName: 'install-current-release', LifecycleActionToken: '' };
    expect(JSON.parse(executions.states[reconciled('launch', 'i-2', 1)]?.input ?? '')).toEqual({
      detail: { ...input, EC2InstanceId: 'i-2' },
    });
    expect(await start()).toEqual([]);
    expect(log.events).toEqual(['lifecycle.started']);
  });

  it('starts the termination of an instance whose event was lost', async () => {
    members['i-1'] = 'Terminating:Wait';
    expect(await start()).toEqual(['i-1']);
    expect(executions.states[reconciled('terminate', 'i-1', 1)]?.input).toContain('"wait-until-idle"');
  });

  it('starts none for an instance that an event has attended to, or attends to meanwhile', async () => {
    members = { 'i-2': 'Pending:Wait', 'i-3': 'Pending:Wait', 'i-4': 'Pending:Wait' };
    executions.states[executionArnOf(machineArns.launch, 'by-event')] = { status: 'RUNNING', input: attends('i-2') };
    meanwhile = () => {
      executions.states[executionArnOf(machineArns.launch, 'late')] = { status: 'RUNNING', input: attends('i-3') };
      members['i-4'] = 'InService';
    };
    expect(await start()).toEqual([]);
    expect(executions.calls).toEqual([]);
  });

  it('is not held up by an execution that somebody started by hand', async () => {
    members['i-2'] = 'Pending:Wait';
    executions.states[executionArnOf(machineArns.launch, 'by-hand')] = { status: 'RUNNING', input: '{}' };
    expect(await start()).toEqual(['i-2']);
  });

  it('starts one again that has ended while its instance waits, three times at most', async () => {
    members['i-2'] = 'Pending:Wait';
    for (const attempt of [1, 2, 3]) {
      expect(await start()).toEqual(['i-2']);
      executions.states[reconciled('launch', 'i-2', attempt)] = { status: 'FAILED' };
    }
    expect(await start()).toEqual([]);
    expect(log.events.at(-1)).toBe('lifecycle.givenUp');
  });
});
