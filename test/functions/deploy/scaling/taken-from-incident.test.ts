import { beforeEach, describe, expect, it } from 'vitest';
import { type CleanUpPorts, createCleanUp } from '../../../../functions/deploy/clean-up/clean-up.ts';
import type { CleanUpTask } from '../../../../functions/deploy/contract/clean-up-steps.ts';
import { createControl } from '../../../../functions/deploy/control/control.ts';
import { createScaling } from '../../../../functions/deploy/scaling/scaling.ts';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import { createKeepServers } from '../../../../functions/incidents/mitigate/keep-servers.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Suspension } from '../../../../functions/records/suspension.ts';
import type { Lease, TaskError } from '../../../../functions/records/types.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { createClock, DEPLOY, RELEASE, recordingLog, recordingMetrics, START_MS, waitingSince } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';
import { saidBy } from '../../incidents/mitigate/said-by.ts';

const INCIDENT = { incidentId: 'inc-1', fleet: 'web', executionArn: 'arn:runbook' };
const BOTH = ['HealthCheck', 'ReplaceUnhealthy'];
const arn = (kind: string, name: string) => `arn:aws:states:eu-west-1:123456789012:${kind}:${name}`;
const OWN = arn('execution', 'clean-up:c1');

let records: Records;
let group: ReturnType<typeof fakeAutoScalingGroup>;
let keep: Mitigation & Required<Pick<Mitigation, 'undo'>>;
let plan: Calls;

const clock = createClock();
const lock = () => records.getLock('web');
const scaling = () => createScaling({ records, group, log: recordingLog(), now: clock.now, pause: async () => {} });
const control = () =>
  createControl({
    records,
    log: recordingLog(),
    metrics: recordingMetrics(),
    now: clock.now,
    fleet: 'web',
    settings: {},
    events: { put: async () => {} },
    publish: async () => {},
  });

beforeEach(async () => {
  records = memoryRecords();
  clock.nowMs = START_MS;
  group = fakeAutoScalingGroup({ 'i-1': 'InService', 'i-2': 'InService' });
  const describeAll = group.describe;
  group.describe = async () => ({ ...(await describeAll()), healthCheckType: 'ELB' });
  keep = createKeepServers({
    fleets: { web: { targetGroupArn: 'tg', strategy: 'redis', expectedStickiness: { enabled: false }, autoScalingGroup: 'holdfast-web' } },
    records,
    groupOf: () => group,
    readServers: async () => [],
    asksStore: async () => true,
    witnesses: saidBy({}),
    longestMs: 7_200_000,
    now: clock.now,
  }) as typeof keep;
  plan = (await keep.plan(INCIDENT)) as Calls;
  await keep.act(INCIDENT, plan);
});

/** A deploy takes the lock, and is refused by preflight before it suspends anything; then its clean-up runs, step by step. */
async function refused(error: string): Promise<void> {
  await control()({ step: 'acquireLock', deploy: DEPLOY });
  await records.planDeploy('web', 'd1', { from: '1.0.0', sha256: RELEASE.sha256, targets: { 'i-1': waitingSince(START_MS) } } as never);
  await cleanUp({ Error: error, Cause: 'refused by preflight' });
}

async function claim(error: TaskError): Promise<CleanUpTask> {
  const deployStateMachineArn = arn('stateMachine', 'deploy');
  const claims = createCleanUp({
    records,
    executions: fakeExecutions({ [arn('execution', 'deploy:d1')]: { status: 'RUNNING' } }),
    log: recordingLog(),
    fleet: 'web',
    deployStateMachineArn,
    rollTargetStateMachineArn: arn('stateMachine', 'roll'),
    commands: { running: async () => [], cancel: async () => {} },
    targetGroup: fakeTargetGroup({ 'i-1': 'unhealthy' }),
    now: clock.now,
    settings: {},
  } as CleanUpPorts);
  return (await claims({ step: 'claim', input: { deployId: 'd1', error }, executionArn: OWN })) as CleanUpTask;
}

async function cleanUp(error: TaskError): Promise<void> {
  const task = await claim(error);
  if (task.verdict !== 'DONE' || task.lease === undefined) throw new Error(`the clean-up has nothing to do: ${JSON.stringify(task)}`);
  const { deploy, lease } = task;
  const suspension = (await scaling()({ step: 'suspend', deploy, lease, round: 0 })) as Suspension;
  await scaling()({ step: 'resume', deploy, lease, suspension });
  await control()({ step: 'report', deploy, error: task.error, endedAs: task.endedAs });
  await control()({ step: 'releaseLock', deploy, lease });
}

describe('a deploy that took the lock from an incident which keeps servers', () => {
  it.each(['TooFewHealthyTargets', 'StoreUnavailable'])('leaves to it what is suspended when preflight refuses: %s', async (error) => {
    const before = (await lock())?.suspension;
    await refused(error);
    expect([...group.suspended]).toEqual(BOTH);
    expect(group.calls).toEqual(['suspend HealthCheck ReplaceUnhealthy']);
    expect((await lock())?.suspension).toEqual(before);
    expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([expect.stringContaining('stay suspended, also after this deploy')]);
    expect(await keep.verify(INCIDENT, plan)).toEqual({ verdict: 'DONE', detail: expect.stringContaining('are suspended') });
    expect(await lock()).toMatchObject({ deployId: 'inc-1', heldBy: 'incident', suspension: before });
    await keep.undo(INCIDENT, plan);
    expect([[...group.suspended], (await lock())?.suspension]).toEqual([[], undefined]);
  });

  it.each([true, false])('has a clean-up that hands back what it had suspended (it had touched a server: %s)', async (touched) => {
    const lease = (await control()({ step: 'acquireLock', deploy: DEPLOY })) as Lease;
    if (touched) await records.putTarget('web', 'd1', 'i-1', { ...waitingSince(START_MS), phase: 'installing', startedAtMs: START_MS });
    await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 });
    expect((await lock())?.suspension).toMatchObject({ deployId: 'd1', takenFrom: 'inc-1' });
    await cleanUp({ Error: 'TargetNeverUp', Cause: 'never' });
    expect([[...group.suspended], (await lock())?.suspension]).toEqual([BOTH, expect.objectContaining({ deployId: 'inc-1' })]);
    expect(await keep.verify(INCIDENT, plan)).toEqual({ verdict: 'DONE', detail: expect.stringContaining('are suspended') });
    expect(await lock()).toMatchObject({ deployId: 'inc-1', heldBy: 'incident' });
    await keep.undo(INCIDENT, plan);
    expect([[...group.suspended], (await lock())?.suspension]).toEqual([[], undefined]);
  });

  it.each(['ann', 'incident inc-1'])('has a clean-up that takes the lock over as the deploy may: by %s', async (requestedBy) => {
    await records.createDeploy({ ...DEPLOY, requestedBy, from: '1.0.0', to: '2.0.0', status: 'RUNNING', stage: 'planning', targets: {} });
    const verdict = requestedBy === 'ann' ? 'DONE' : 'OVERTAKEN';
    expect(await claim({ Error: 'Aborted', Cause: 'by hand' })).toMatchObject({ verdict });
    expect((await lock())?.deployId).toBe(verdict === 'DONE' ? 'd1' : 'inc-1');
  });

  it('marks every server Healthy before it resumes what an incident that has ended had kept, those too that it has not touched', async () => {
    const lease = (await control()({ step: 'acquireLock', deploy: DEPLOY })) as Lease;
    await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 0 });
    const suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round: 1 })) as Suspension;
    for (const id of ['i-1', 'i-2']) group.unhealthy.add(id);
    group.calls.length = 0;
    await keep.undo(INCIDENT, plan);
    await scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });
    expect(group.calls.map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual([
      'markHealthy i-1',
      'markHealthy i-2',
      'resume HealthCheck',
    ]);
  });

  it('is not resumed in its middle by the incident, which had begun to restore before', async () => {
    const { beginResume, getLock } = records;
    let suspension: Suspension | undefined;
    let lease: Lease | undefined;
    // The deploy takes the lock after the incident has it, and suspends after the incident has read the record.
    records.beginResume = async (...values) => {
      lease ??= (await control()({ step: 'acquireLock', deploy: DEPLOY })) as Lease;
      await beginResume(...values);
      records.getLock = async (fleet) => {
        records.getLock = getLock;
        const read = await getLock(fleet);
        suspension = (await scaling()({ step: 'suspend', deploy: DEPLOY, lease: lease as Lease, round: 0 })) as Suspension;
        return read;
      };
    };
    await expect(keep.undo(INCIDENT, plan)).rejects.toMatchObject({ name: 'TransientServiceError' });
    records.beginResume = beginResume;
    expect([...group.suspended]).toEqual(expect.arrayContaining(BOTH));
    await keep.undo(INCIDENT, plan);
    expect([...group.suspended]).toEqual(expect.arrayContaining(BOTH));
    await scaling()({ step: 'resume', deploy: DEPLOY, lease: lease as Lease, suspension: suspension as Suspension });
    expect([...group.suspended]).toEqual([]);
  });
});
