import { expect, it } from 'vitest';
import { releaseLeftPin } from '../../../../functions/deploy/reconcile/release-left-pin.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { beginDeploy, createClock, recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

type Facts = {
  state?: string;
  main?: string;
  lifecycleState?: string;
  running?: string[];
  givenUp?: string[];
  minutes?: number;
  taken?: boolean;
};

/** One turn while the deploy d1 is open, with i-1 pinned. */
async function turn(facts: Facts) {
  const {
    state = 'healthy',
    running = [],
    givenUp = [],
    minutes = 60,
    taken = false,
    main = 'healthy',
    lifecycleState = 'InService',
  } = facts;
  const records = memoryRecords();
  await beginDeploy(records);
  const clock = createClock(START_MS + minutes * 60_000);
  const lock = await records.getLock('web');
  const groups = { targetGroup: fakeTargetGroup({ 'i-1': main }), drainGroup: fakeTargetGroup({ 'i-1': state }) };
  let pattern: string | undefined = '^SID=a$';
  const rule = {
    read: async () => pattern,
    async release(hold?: () => Promise<unknown>) {
      await hold?.();
      pattern = undefined;
    },
  };
  if (taken) {
    const request = { fleet: 'web', deployId: 'd2', executionArn: 'e', requestedBy: 'bob', version: '3.0.0' };
    await records.acquireLock({ ...request, nowMs: clock.nowMs, expiresAtMs: clock.nowMs + 720_000 });
  }
  const ports = { records, log: recordingLog(), now: clock.now, fleet: 'web' };
  const left = await releaseLeftPin(ports, { ...groups, rule, group: fakeAutoScalingGroup({ 'i-1': lifecycleState }) }, lock, {
    running,
    givenUp,
  });
  return { left, isPinned: pattern !== undefined };
}

it.each<[string, Parameters<typeof turn>[0], boolean]>([
  ['stays with a deploy that runs, which watches it', { state: 'unhealthy', running: ['d1'] }, true],
  ['stays for the clean-up of a deploy that has died, as long as its server serves', { minutes: 1 }, true],
  ['ends at once when the deploy has died and its server has failed', { state: 'unhealthy', minutes: 1 }, false],
  ['ends when every clean-up of the deploy was given up', { givenUp: ['d1'] }, false],
  ['ends at once where that server is terminated', { main: 'unused', lifecycleState: 'Terminating:Wait', givenUp: ['d1'] }, false],
  ['stays while a deploy that was given up still holds the lock', { givenUp: ['d1'], minutes: 1 }, true],
])('a pin %s', async (_, facts, isPinned) => {
  expect(await turn(facts)).toEqual({ left: !isPinned, isPinned });
});

it('a pin is left to a deploy that has taken the lock meanwhile', async () => {
  await expect(turn({ givenUp: ['d1'], taken: true })).rejects.toMatchObject({ name: 'LeaseLost' });
});

it('a pin of a deploy that was given up stays until its server is back in its own group', async () => {
  expect(await turn({ main: 'unused', givenUp: ['d1'] })).toEqual({ left: true, isPinned: true });
});
