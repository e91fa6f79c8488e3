import { beforeEach, describe, expect, it } from 'vitest';
import { DEPLOY, stealLock } from '../../fakes/fixtures.ts';
import { type CleanUpFixture, claimWith, cleanUpFixture, DEPLOY_ARN, machine, OWN } from './clean-up-fixture.ts';

let records: CleanUpFixture['records'];
let lease: CleanUpFixture['lease'];
let clock: CleanUpFixture['clock'];
let executions: CleanUpFixture['executions'];
let cleanUp: CleanUpFixture['cleanUp'];
let counted: CleanUpFixture['counted'];
let warned: CleanUpFixture['warned'];
let reconcile: CleanUpFixture['reconcile'];
beforeEach(async () => {
  ({ records, lease, clock, executions, cleanUp, counted, warned, reconcile } = await cleanUpFixture());
});

const stand = (executionArn: string, status: string): void => {
  executions.states[executionArn] = { status };
};
const claim = (input: object = {}, executionArn = OWN) => claimWith(cleanUp, input, executionArn);
const held = async () => {
  const { deploy, lease: own } = await claim();
  return { deploy, lease: own };
};

describe('the reconciler', () => {
  const start = `start ${machine('clean-up')} {"deployId":"d1"}`;

  it.each<[string, () => Promise<unknown> | unknown, string[]]>([
    ['starts a clean-up of a deploy that was stopped', () => {}, [start]],
    [
      'starts one of a deploy that died before it had a record',
      () => records.acquireLock({ ...DEPLOY, deployId: 'd1', nowMs: 1, expiresAtMs: 2 }),
      [start],
    ],
    ['leaves a deploy that runs', () => stand(DEPLOY_ARN, 'RUNNING'), []],
    ['starts another when the clean-up died', () => claim().then(() => stand(OWN, 'FAILED')), [start]],
    ['leaves a clean-up that runs', () => claim().then(() => stand(OWN, 'RUNNING')), []],
    ['leaves a deploy that has its report', () => records.finishDeploy('web', 'd1', { status: 'FAILED', finishedAtMs: 1 }), []],
    [
      'gives up after an hour of attempts',
      () => records.claimCleanUp('web', 'd1', { executionArn: OWN, startedAtMs: 1, attempt: 12 }, undefined),
      [],
    ],
  ])('%s', async (_, prepare, calls) => {
    await prepare();
    await reconcile();
    expect(executions.calls).toEqual(calls);
  });

  it('forgets a deploy that has its report', async () => {
    await records.finishDeploy('web', 'd1', { status: 'FAILED', finishedAtMs: 1 });
    await reconcile();
    expect((await records.getLock('web'))?.openDeploys).toBeUndefined();
  });

  describe('of a deploy that has its report, and whose lock was not released,', () => {
    const finish = () => records.finishDeploy('web', 'd1', { status: 'ABORTED', finishedAtMs: 1 });
    const holder = async () => (await records.getLock('web'))?.deployId;
    const suspension = { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: ['HealthCheck'], round: 1 };

    it('releases the lock once nothing of it runs', async () => {
      const { lease: own } = await held();
      await finish();
      await records.closeDeploy('web', 'd1');
      expect(await reconcile()).toMatchObject({ started: [], released: 'd1' });
      expect(await records.getLock('web')).toEqual({ fencingToken: own.fencingToken });
      expect([warned.events, counted]).toEqual([['lock.released'], []]);
    });

    it.each<[string, () => Promise<unknown> | unknown]>([
      ['whose own execution runs', () => finish().then(() => stand(DEPLOY_ARN, 'RUNNING'))],
      [
        'whose clean-up runs',
        () =>
          held()
            .then(finish)
            .then(() => stand(OWN, 'RUNNING')),
      ],
      ['that has not its report yet', () => held().then(() => stand(OWN, 'RUNNING'))],
      [
        'that left processes suspended',
        async () => {
          await records.putSuspension({ fleet: 'web', deployId: 'd1', fencingToken: lease.fencingToken }, suspension);
          await finish();
          await records.closeDeploy('web', 'd1');
        },
      ],
    ])('keeps the lock of one %s', async (_, prepare) => {
      await prepare();
      expect((await reconcile()).released).toBeUndefined();
      expect(await holder()).toBe('d1');
    });

    it("releases the lock of an earlier version's refresh, which the upgrade has ended, once its lease is over", async () => {
      await finish();
      await records.closeDeploy('web', 'd1');
      await reconcile();
      const { nowMs } = clock;
      const refresh = { fleet: 'web', deployId: 'r1', version: 'lt-1 version 2', heldBy: 'refresh' } as const;
      await records.acquireLock({ ...DEPLOY, ...refresh, nowMs, expiresAtMs: nowMs + 60_000 });
      expect((await reconcile()).released).toBeUndefined();
      expect(await holder()).toBe('r1');
      clock.nowMs += 60_000;
      expect(await reconcile()).toMatchObject({ released: 'r1' });
      expect([await holder(), counted]).toEqual([undefined, []]);
    });

    it('keeps the lock that another deploy has taken since', async () => {
      await finish();
      const release = records.releaseLock;
      records.releaseLock = async (hold) => {
        await stealLock(records);
        return release(hold);
      };
      expect((await reconcile()).released).toBeUndefined();
      expect(await holder()).toBe('thief');
    });
  });

  it('reports a running deploy whose lease has expired', async () => {
    stand(DEPLOY_ARN, 'RUNNING');
    await reconcile();
    expect(counted).toEqual([]);
    clock.nowMs += 3_600_000;
    await reconcile();
    expect(counted).toEqual(['DeployStuck']);
  });
});
