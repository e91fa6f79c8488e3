/** A clean-up and the reconciler over records in memory: one deploy that was stopped, with one target. */
import { type CleanUpPorts, createCleanUp } from '../../../../functions/deploy/clean-up/clean-up.ts';
import type { CleanUpTask } from '../../../../functions/deploy/contract/clean-up-steps.ts';
import { createReconcile } from '../../../../functions/deploy/reconcile/reconcile.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, createClock, type DEPLOY, RELEASE, recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

export const machine = (name: string) => `arn:aws:states:eu-west-1:123456789012:stateMachine:${name}`;
export const execution = (name: string, id: string) => `arn:aws:states:eu-west-1:123456789012:execution:${name}:${id}`;
export const DEPLOY_ARN = execution('deploy', 'd1');
export const OWN = execution('clean-up', 'c1');

export type CleanUpFixture = Awaited<ReturnType<typeof cleanUpFixture>>;

export async function cleanUpFixture() {
  const records: Records = memoryRecords();
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  await records.putRelease(RELEASE);
  await records.putInstance('web', { instanceId: 'i-1', version: '1.0.0', installedAtMs: 1 });
  const lease = await beginDeploy(records);
  const clock = createClock(START_MS + 60_000);
  const executions = fakeExecutions({ [DEPLOY_ARN]: { status: 'ABORTED' } });
  const targetGroup = fakeTargetGroup({ 'i-1': 'healthy' });
  const running: Record<string, string[]> = {};
  const cancelled: string[] = [];
  const commands = {
    running: async (instanceId: string) => running[instanceId] ?? [],
    cancel: async (commandId: string) => void cancelled.push(commandId),
  };
  // The session gate's, closed.
  const left = { isOpen: false };
  const gateGroup = fakeTargetGroup();
  const change = (isOpen: boolean) => async () => void Object.assign(left, { isOpen });
  const gate = { rule: { isOpen: async () => left.isOpen, open: change(true), close: change(false) }, group: gateGroup };
  const common = { gate, records, executions, log: recordingLog(), fleet: 'web', deployStateMachineArn: machine('deploy') };
  const ports: CleanUpPorts = {
    ...common,
    commands,
    targetGroup,
    now: clock.now,
    settings: {},
    rollTargetStateMachineArn: machine('roll'),
  };
  const cleanUp = createCleanUp(ports);
  const counted: string[] = [];
  const warned = recordingLog();
  const reconcile = createReconcile({
    ...common,
    log: warned,
    metrics: { count: (name, value = 1) => void counted.push(value === 1 ? name : `${name} ${value}`) },
    now: clock.now,
    cleanUpStateMachineArn: machine('clean-up'),
  });
  return {
    gate,
    gateGroup,
    records,
    lease,
    clock,
    executions,
    targetGroup,
    running,
    cancelled,
    ports,
    cleanUp,
    counted,
    warned,
    reconcile,
  };
}

/** Claims the deploy, as the first step of a clean-up does. */
export const claimWith = async (cleanUp: CleanUpFixture['cleanUp'], input: object = {}, executionArn = OWN) =>
  (await cleanUp({ step: 'claim', input: { deployId: 'd1', ...input }, executionArn })) as CleanUpTask & {
    lease: Lease;
    deploy: typeof DEPLOY;
  };
