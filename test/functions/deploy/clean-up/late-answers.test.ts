/** What AWS shows late, or much of: the end of an execution, and the commands of a drain of hours. */
import { beforeEach, expect, it } from 'vitest';
import { type CleanUpPorts, createCleanUp } from '../../../../functions/deploy/clean-up/clean-up.ts';
import type { CleanUpTask } from '../../../../functions/deploy/contract/clean-up-steps.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const machine = (name: string) => `arn:aws:states:eu-west-1:123456789012:stateMachine:${name}`;
const CLAIM = { step: 'claim', executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:clean-up:c1' } as const;

let records: Records;
let clock: ReturnType<typeof createClock>;
let executions: ReturnType<typeof fakeExecutions>;
/** From when on the running commands of a server are asked for. */
let askedSinceMs: number[];
let ports: CleanUpPorts;

const stand = (status: string): void => {
  executions.states[DEPLOY.executionArn] = { status };
};

beforeEach(async () => {
  records = memoryRecords();
  await records.putRelease(RELEASE);
  await beginDeploy(records);
  clock = createClock(START_MS + 60_000);
  executions = fakeExecutions({});
  stand('ABORTED');
  askedSinceMs = [];
  const commands = {
    running: async (_instanceId: string, sinceMs: number) => {
      askedSinceMs.push(sinceMs);
      return [];
    },
    cancel: async () => {},
  };
  ports = {
    ...{ records, executions, commands, now: clock.now, log: recordingLog(), fleet: 'web', settings: {} },
    ...{ deployStateMachineArn: machine('deploy'), rollTargetStateMachineArn: machine('roll') },
    targetGroup: fakeTargetGroup({ 'i-1': 'healthy' }),
  };
});

it('looks again where Step Functions shows the execution as running that has just been stopped', async () => {
  stand('RUNNING');
  const pauses: number[] = [];
  const pause = async (ms: number) => {
    pauses.push(ms);
    if (pauses.length === 2) stand('ABORTED');
  };
  const claimed = await createCleanUp({ ...ports, pause })({ ...CLAIM, input: { deployId: 'd1' } });
  expect([claimed, pauses]).toMatchObject([{ verdict: 'DONE', endedAs: 'ABORTED' }, [5_000, 5_000]]);
});

it('does not wait for the end of a deploy that waits for it, nor for long of one that runs on', async () => {
  stand('RUNNING');
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  const claiming = createCleanUp({ ...ports, pause });
  const runs = await claiming({ ...CLAIM, input: { deployId: 'd1' } });
  expect([runs, pauses]).toEqual([{ verdict: 'SKIP', reason: 'the deploy is still running' }, 2]);
  const error = { Error: 'TargetNeverUp', Cause: 'never' };
  expect(await claiming({ ...CLAIM, input: { deployId: 'd1', error } })).toMatchObject({ verdict: 'DONE' });
  expect(pauses).toBe(2);
});

/** The clean-up that the deploy waits for: an abort of the deploy stops it. */
const OTHER = CLAIM.executionArn.replace(/c1$/, 'c0');
const stopsLate = async () => {
  executions.states[OTHER] = { status: 'ABORTED' };
};

it('takes over from a clean-up that was stopped with its deploy, and that Step Functions still shows as running', async () => {
  await records.claimCleanUp('web', 'd1', { executionArn: OTHER, startedAtMs: START_MS, attempt: 1 }, undefined);
  executions.states[OTHER] = { status: 'RUNNING' };
  const patient = { ...ports, pause: stopsLate };
  expect(await createCleanUp(patient)({ ...CLAIM, input: { deployId: 'd1' } })).toMatchObject({ verdict: 'DONE', endedAs: 'ABORTED' });
  expect((await records.getDeploy('web', 'd1'))?.cleanUp).toMatchObject({ executionArn: CLAIM.executionArn, attempt: 2 });
});

it('takes over from one whose last function still made its claim, and leaves the deploy to one that runs', async () => {
  const { claimCleanUp } = records;
  let isFirst = true;
  records.claimCleanUp = async (fleet, deployId, mark, seen) => {
    if (isFirst) await claimCleanUp(fleet, deployId, { ...mark, executionArn: OTHER }, seen);
    isFirst = false;
    return claimCleanUp(fleet, deployId, mark, seen);
  };
  const claim = () => createCleanUp({ ...ports, pause: stopsLate })({ ...CLAIM, input: { deployId: 'd1' } });
  executions.states[OTHER] = { status: 'RUNNING' };
  expect(await claim()).toMatchObject({ verdict: 'DONE' });
  isFirst = true;
  let pauses = 0;
  const pause = async () => {
    pauses += 1;
  };
  executions.states[OTHER] = { status: 'RUNNING' };
  const runs = await createCleanUp({ ...ports, pause })({ ...CLAIM, input: { deployId: 'd1' } });
  expect([runs, pauses]).toEqual([{ verdict: 'SKIP', reason: 'another clean-up is working on it' }, 2]);
});

it('leaves a deploy to others whose claims come first each time', async () => {
  const { claimCleanUp } = records;
  let claims = 0;
  records.claimCleanUp = async (fleet, deployId, mark, seen) => {
    claims += 1;
    await claimCleanUp(fleet, deployId, { ...mark, executionArn: `${OTHER}-${claims}` }, seen);
    return claimCleanUp(fleet, deployId, mark, seen);
  };
  const claimed = await createCleanUp(ports)({ ...CLAIM, input: { deployId: 'd1' } });
  expect([claimed, claims]).toEqual([{ verdict: 'SKIP', reason: 'another clean-up has just begun' }, 2]);
});

it('asks for no command that has ended before the claim for sure: after hours of draining there are a thousand', async () => {
  await records.updateTarget('web', 'd1', 'i-1', { startedAtMs: START_MS, phase: 'draining' });
  clock.nowMs = START_MS + 3 * 3_600_000;
  const cleanUp = createCleanUp(ports);
  const { deploy, lease } = (await cleanUp({ ...CLAIM, input: { deployId: 'd1' } })) as Extract<CleanUpTask, { verdict: 'DONE' }>;
  await cleanUp({ step: 'cancelCommands', deploy, lease: lease ?? { fencingToken: 0, expiresAtMs: 0 } });
  expect(askedSinceMs).toEqual([clock.nowMs - 900_000]);
});

it('does not take a server for gone that a rollback has recorded between the reads', async () => {
  await records.updateTarget('web', 'd1', 'i-1', { startedAtMs: START_MS, phase: 'checkingReadiness' });
  const { getInstances } = records;
  let reads = 0;
  records.getInstances = async (fleet) => {
    const found = await getInstances(fleet);
    // The first read is from before the install.
    if (reads === 0) await records.putInstance(fleet, { instanceId: 'i-1', version: '1.0.0', installedAtMs: 1 });
    reads += 1;
    return found;
  };
  const cleanUp = createCleanUp({ ...ports, targetGroup: fakeTargetGroup({}) });
  const { deploy, lease } = (await cleanUp({ ...CLAIM, input: { deployId: 'd1' } })) as Extract<CleanUpTask, { verdict: 'DONE' }>;
  await cleanUp({ step: 'nextTarget', deploy, lease: lease ?? { fencingToken: 0, expiresAtMs: 0 }, waitingSinceMs: 0 });
  expect((await records.getDeploy('web', 'd1'))?.targets['i-1']?.phase).not.toBe('skipped');
});
