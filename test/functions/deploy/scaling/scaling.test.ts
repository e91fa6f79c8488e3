import { beforeEach, describe, expect, it } from 'vitest';
import { SUSPENDED_PROCESSES } from '../../../../functions/deploy/contract/common.ts';
import { createScaling } from '../../../../functions/deploy/scaling/scaling.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Suspension } from '../../../../functions/records/suspension.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { beginDeploy, createClock, DEPLOY, recordingLog, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

let records: Records;
let lease: Lease;
let group: ReturnType<typeof fakeAutoScalingGroup>;
/** What happens while the step waits for a consistent read. */
let paused: () => void;

const HOLD = { fleet: 'web', deployId: 'd1', fencingToken: 1 };

const scaling = () => createScaling({ records, group, log: recordingLog(), now: createClock().now, pause: async () => paused() });
const suspend = async (round = 0) => (await scaling()({ step: 'suspend', deploy: DEPLOY, lease, round })) as Suspension;
const resume = (suspension: Suspension) => scaling()({ step: 'resume', deploy: DEPLOY, lease, suspension });

beforeEach(async () => {
  records = memoryRecords();
  lease = await beginDeploy(records);
  paused = () => {};
  group = fakeAutoScalingGroup({ 'i-1': 'InService', 'i-2': 'InService' }, ['AZRebalance', 'Launch']);
});

describe('scaling', () => {
  it('restores exactly what was suspended before', async () => {
    const suspension = await suspend();
    expect(group.suspended).toEqual(new Set([...SUSPENDED_PROCESSES, 'Launch']));
    expect((await records.getLock('web'))?.suspension).toEqual({ deployId: 'd1', epoch: 1001, ...suspension });
    await resume(suspension);
    expect(group.suspended).toEqual(new Set(['AZRebalance', 'Launch']));
    expect((await records.getLock('web'))?.suspension).toBeUndefined();
  });

  it('marks the members that it rolled Healthy before it resumes, where they are not', async () => {
    for (const id of ['i-1', 'i-2']) await records.updateTarget('web', 'd1', id, { phase: 'done', startedAtMs: START_MS });
    group.unhealthy.add('i-1');
    await resume(await suspend());
    expect(group.calls.slice(1).map((call) => call.split(' ').slice(0, 2).join(' '))).toEqual(['markHealthy i-1', 'resume HealthCheck']);
  });

  it('claims its own suspension again when the step is delivered twice', async () => {
    const first = await suspend();
    expect(await suspend()).toEqual(first);
  });

  it('claims what the same step, delivered a second time, has suspended while this one read the group', async () => {
    const { describe: read } = group;
    let first: Suspension | undefined;
    group.describe = async () => {
      group.describe = read;
      first = await suspend();
      return read();
    };
    expect(await suspend()).toEqual(first);
    expect((await records.getLock('web'))?.suspension).toMatchObject({ suspendedByDeploy: first?.suspendedByDeploy });
  });

  it('looks again before it takes what a stale read shows as suspended for somebody else’s', async () => {
    group.suspended.add('Terminate');
    paused = () => void group.suspended.delete('Terminate');
    expect((await suspend()).alreadySuspended).toEqual(['AZRebalance']);
    expect(group.suspended).toContain('Terminate');
  });

  it('resumes what its late call has suspended after the deploy had resumed', async () => {
    const { suspend: take } = group;
    group.suspend = async (processes) => {
      await records.deleteSuspension(HOLD, 1);
      await take(processes);
    };
    await expect(suspend()).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(group.suspended).toEqual(new Set(['AZRebalance', 'Launch']));
  });

  it('does not claim what somebody suspended after it had resumed', async () => {
    await resume(await suspend());
    group.suspended.add('Terminate');
    expect((await suspend(1)).alreadySuspended).toEqual(['Terminate', 'AZRebalance']);
  });

  /** Each call that the resume makes, and what the second delivery of the suspend finds before or after it. */
  it.each(['beginResume', 'resume', 'deleteSuspension'] as const)(
    'leaves nothing suspended when its suspend is delivered again right before or after its resume’s %s',
    async (call) => {
      for (const when of ['before', 'after']) {
        records = memoryRecords();
        lease = await beginDeploy(records);
        group = fakeAutoScalingGroup({ 'i-1': 'InService' }, ['Launch']);
        const suspension = await suspend();
        const again = () => suspend().catch((error: Error) => expect(error.name).toBe('LeaseLost'));
        const owner = (call === 'resume' ? group : records) as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>;
        const act = owner[call];
        if (act === undefined) throw new Error(`no ${call}`);
        owner[call] = async (...values) => {
          owner[call] = act;
          if (when === 'before') await again();
          await act(...values);
          if (when === 'after') await again();
        };
        await resume(suspension);
        expect([when, [...group.suspended], (await records.getLock('web'))?.suspension]).toEqual([when, ['Launch'], undefined]);
      }
    },
  );

  it('suspends once more for instances that came after the promotion, with the same lease, and restores that too', async () => {
    await resume(await suspend());
    const second = await suspend(1);
    expect(group.suspended).toContain('Terminate');
    await expect(suspend()).rejects.toMatchObject({ name: 'LeaseLost' });
    expect((await records.getLock('web'))?.suspension).toMatchObject({ epoch: 1002 });
    await resume({ ...second, round: 1 });
    expect(group.suspended, 'the first round’s resume, delivered again').toContain('Terminate');
    await resume(second);
    expect(group.suspended).toEqual(new Set(['AZRebalance', 'Launch']));
    expect((await records.getLock('web'))?.suspension).toBeUndefined();
  });

  it('resumes what its late call has suspended while its clean-up resumes', async () => {
    const { suspend: take } = group;
    group.suspend = async (processes) => {
      group.suspend = take;
      const request = { fleet: 'web', deployId: 'd1', executionArn: '', requestedBy: '', version: '2' };
      await records.takeOverLock({ ...request, nowMs: START_MS, expiresAtMs: START_MS + 1 });
      const later = { ...HOLD, fencingToken: 2 };
      await records.putSuspension(later, { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: [...processes], round: 1 });
      await records.beginResume(later, 1);
      await take(processes);
    };
    await expect(suspend()).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(group.suspended).not.toContain('Terminate');
  });

  it('takes over what an earlier deploy left suspended', async () => {
    const { suspendedByDeploy } = await suspend();
    await stealLock(records);
    const thief = { ...DEPLOY, deployId: 'thief' };
    await records.createDeploy({
      ...thief,
      from: '1',
      to: '3',
      status: 'RUNNING',
      stage: 'planning',
      targets: {},
      startedAtMs: START_MS + 1,
    });
    const taken = await scaling()({ step: 'suspend', deploy: thief, lease: { fencingToken: 2, expiresAtMs: 0 }, round: 0 });
    expect(taken).toMatchObject({ suspendedByDeploy, alreadySuspended: ['AZRebalance'] });
    expect((await records.getLock('web'))?.suspension).toMatchObject({ deployId: 'thief', suspendedByDeploy });
  });

  it('suspends nothing when the lock is lost between the lease and the record', async () => {
    const losing: Records = {
      ...records,
      renewLease: async (...renewal) => {
        const renewed = await records.renewLease(...renewal);
        await stealLock(records);
        return renewed;
      },
    };
    const step = createScaling({ records: losing, group, log: recordingLog(), now: createClock().now, pause: async () => {} });
    await expect(step({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })).rejects.toMatchObject({ name: 'LeaseLost' });
    expect((await records.getLock('web'))?.suspension).toBeUndefined();
    expect(group.suspended.has('Terminate')).toBe(false);
  });

  it('leaves the suspension to the deploy that has the lock now', async () => {
    const suspension = await suspend();
    await stealLock(records);
    await expect(resume(suspension)).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(group.suspended.has('Terminate')).toBe(true);
  });

  it('restores without the lock when nobody holds it', async () => {
    const suspension = await suspend();
    await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: 1 });
    await resume(suspension);
    expect(group.suspended.has('Terminate')).toBe(false);
  });

  it('suspends nothing for a fleet of named instances', async () => {
    const bare = createScaling({ records, log: recordingLog(), now: () => 0 });
    expect(await bare({ step: 'suspend', deploy: DEPLOY, lease, round: 0 })).toEqual({
      autoScalingGroupName: '',
      alreadySuspended: [],
      suspendedByDeploy: [],
      round: 1,
    });
  });
});
