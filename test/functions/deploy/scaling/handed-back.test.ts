/** What an incident keeps suspended while deploys come and go, in every order of their calls. */
import { beforeEach, describe, expect, it } from 'vitest';
import { SUSPENDED_PROCESSES } from '../../../../functions/deploy/contract/scaling-steps.ts';
import { createScaling } from '../../../../functions/deploy/scaling/scaling.ts';
import type { Calls } from '../../../../functions/incidents/contract/mitigations.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Suspension } from '../../../../functions/records/suspension.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { createClock, DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { BOTH, type Keeping, keepServersOf, stateAtFirst, TARGET } from '../../incidents/mitigate/keep-servers-of.ts';

const MINUTE = 60_000;

let records: Records;
let clock: ReturnType<typeof createClock>;
let group: Keeping['group'];
let keep: Keeping['keep'];
let plan: Calls;

const lock = () => records.getLock('web');
const deployOf = (deployId: string) => ({ ...DEPLOY, deployId });
const scaling = () => createScaling({ records, group, log: recordingLog(), now: clock.now, pause: async () => {} });

async function begin(deployId: string): Promise<{ lease: Lease; suspension: Suspension }> {
  const nowMs = clock.now();
  const answer = await records.acquireLock({ ...deployOf(deployId), nowMs, expiresAtMs: nowMs + 720_000, takesOver: true });
  if (!answer.acquired) throw new Error(`${deployId} was refused`);
  const lease = { fencingToken: answer.fencingToken, expiresAtMs: answer.expiresAtMs };
  return { lease, suspension: await suspend(deployId, lease) };
}
const suspend = async (deployId: string, lease: Lease) =>
  (await scaling()({ step: 'suspend', deploy: deployOf(deployId), lease, round: 0 })) as Suspension;
const resume = (deployId: string, { lease, suspension }: { lease: Lease; suspension: Suspension }) =>
  scaling()({ step: 'resume', deploy: deployOf(deployId), lease, suspension });
async function end(deployId: string, { lease }: { lease: Lease }): Promise<void> {
  await records.closeDeploy('web', deployId);
  await records.releaseLock({ fleet: 'web', deployId, fencingToken: lease.fencingToken });
}

async function start(): Promise<void> {
  [records, clock] = [memoryRecords(), createClock()];
  ({ group, keep } = keepServersOf({ records, now: clock.now }, stateAtFirst(), ['Launch']));
  plan = (await keep.plan(TARGET)) as Calls;
  await keep.act(TARGET, plan);
}
beforeEach(start);

/** Replaces one call of the records or the group for its first time. */
function once(name: string, instead: (call: () => Promise<unknown>) => Promise<unknown>): void {
  const owner = (name === 'resume' ? group : records) as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>;
  const call = owner[name];
  if (call === undefined) throw new Error(`no ${name}`);
  owner[name] = (...values) => {
    owner[name] = call;
    return instead(() => call(...values));
  };
}

/** The incident ends: the schedule tries again what waits for a deploy. @returns whether it has ended */
const undone = () =>
  keep.undo(TARGET, plan).then(
    () => true,
    (error: Error) => {
      expect(error.name).toBe('TransientServiceError');
      return false;
    },
  );

const CALLS = ['beginResume', 'getLock', 'resume', 'handBack'];
const ORDERS = CALLS.flatMap((call) => (['before', 'after'] as const).map((when) => [when, call] as const));

describe('what an incident keeps suspended', () => {
  it.each(ORDERS)('is resumed when the incident ends right %s the deploy’s %s', async (when, call) => {
    const deploy = await begin('d1');
    let hasEnded = false;
    once(call, async (go) => {
      if (when === 'before') hasEnded = await undone();
      const answer = await go();
      if (when === 'after') hasEnded = await undone();
      return answer;
    });
    await resume('d1', deploy);
    await end('d1', deploy);
    if (!hasEnded) expect([[...group.suspended].sort(), await undone()]).toEqual([[...BOTH, 'Launch'].sort(), true]);
    expect([[...group.suspended], (await lock())?.suspension, (await lock())?.kept]).toEqual([['Launch'], undefined, undefined]);
  });

  it.each(['before', 'after'] as const)('is resumed when the deploy hands back right %s the incident lets it go', async (when) => {
    const deploy = await begin('d1');
    const handBack = async () => {
      await resume('d1', deploy);
      await end('d1', deploy);
    };
    once('dropKept', async (go) => {
      if (when === 'before') await handBack();
      const answer = await go();
      if (when === 'after') await handBack();
      return answer;
    });
    const hasEnded = await undone();
    expect([hasEnded || (await undone()), [...group.suspended], (await lock())?.suspension]).toEqual([true, ['Launch'], undefined]);
  });

  const ENDING = ['dropKept', 'getLock', 'acquireLock', 'beginResume', 'resume', 'deleteSuspension', 'releaseLock'];
  it.each(ENDING.flatMap((call) => (['before', 'after'] as const).map((when) => [when, call] as const)))(
    'is resumed when a deploy begins right %s the incident’s %s, which ends',
    async (when, call) => {
      const first = await begin('d1');
      await resume('d1', first);
      await end('d1', first);
      let second: Awaited<ReturnType<typeof begin>> | undefined;
      const beginSecond = async () => {
        second = await begin('d2').catch((error: Error) => void expect(error.message).toBe('d2 was refused'));
      };
      once(call, async (go) => {
        if (when === 'before') await beginSecond();
        const answer = await go();
        if (when === 'after') await beginSecond();
        return answer;
      });
      const hasEnded = await undone();
      if (second) {
        expect(group.suspended).toEqual(new Set([...SUSPENDED_PROCESSES, 'Launch']));
        await resume('d2', second);
        await end('d2', second);
      }
      if (!hasEnded) expect(await undone()).toBe(true);
      expect([[...group.suspended], (await lock())?.suspension, (await lock())?.kept]).toEqual([['Launch'], undefined, undefined]);
    },
  );

  it.each(ORDERS)('stays when the deploy’s resume dies right %s its %s, and comes again', async (when, call) => {
    const deploy = await begin('d1');
    once(call, async (go) => {
      if (when === 'after') await go();
      throw new Error('died');
    });
    await expect(resume('d1', deploy)).rejects.toThrow('died');
    await resume('d1', deploy);
    expect([[...group.suspended].sort(), (await lock())?.suspension?.deployId]).toEqual([[...BOTH, 'Launch'].sort(), 'inc-1']);
    await end('d1', deploy);
    expect([await undone(), [...group.suspended]]).toEqual([true, ['Launch']]);
  });

  it.each(ORDERS)('alone stays when the deploy’s suspend is delivered again right %s its %s', async (when, call) => {
    for (const late of ['put', 'call'] as const) {
      await start();
      const deploy = await begin('d1');
      const again = () => suspend('d1', deploy.lease).catch((error: Error) => expect(error.name).toBe('LeaseLost'));
      // The call of one that is on its way takes effect at that point.
      let arrives: () => void = () => {};
      const take = group.suspend;
      let onItsWay: Promise<unknown> | undefined;
      if (late === 'call') {
        const sent = new Promise<void>((isSent) => {
          group.suspend = async (processes) => {
            group.suspend = take;
            isSent();
            await new Promise<void>((go) => {
              arrives = go;
            });
            await take(processes);
          };
        });
        onItsWay = again();
        await sent;
      }
      const deliver = async () => {
        if (onItsWay === undefined) return again();
        arrives();
        return onItsWay;
      };
      once(call, async (go) => {
        if (when === 'before') await deliver();
        const answer = await go();
        if (when === 'after') await deliver();
        return answer;
      });
      await resume('d1', deploy);
      expect([late, [...group.suspended].sort(), (await lock())?.suspension?.deployId]).toEqual([
        late,
        [...BOTH, 'Launch'].sort(),
        'inc-1',
      ]);
    }
  });

  it('stays through two deploys, one after the other, of which the second takes it from the incident', async () => {
    for (const deployId of ['d1', 'd2']) {
      const deploy = await begin(deployId);
      expect(group.suspended).toEqual(new Set([...SUSPENDED_PROCESSES, 'Launch']));
      await resume(deployId, deploy);
      await end(deployId, deploy);
      expect([...group.suspended].sort()).toEqual([...BOTH, 'Launch'].sort());
    }
    expect([await undone(), [...group.suspended], (await lock())?.suspension]).toEqual([true, ['Launch'], undefined]);
  });

  it.each([true, false])('stays when the second takes it from a deploy that died, unless the incident has ended: %s', async (hasEnded) => {
    const first = await begin('d1');
    if (hasEnded) await undone();
    await end('d1', first);
    const second = await begin('d2');
    expect(second.suspension).toMatchObject({ takenFrom: 'inc-1', suspendedByDeploy: first.suspension.suspendedByDeploy });
    await resume('d2', second);
    await end('d2', second);
    expect([...group.suspended].sort()).toEqual(hasEnded ? ['Launch'] : [...BOTH, 'Launch'].sort());
    expect([await undone(), [...group.suspended]]).toEqual([true, ['Launch']]);
  });

  it.each([true, false])('stays in a deploy of hours as long as the incident lives: %s', async (lives) => {
    const deploy = await begin('d1');
    for (let minutes = 0; minutes < 120; minutes += 5) {
      clock.nowMs += 5 * MINUTE;
      if (lives) expect(await keep.verify(TARGET, plan)).toEqual({ verdict: 'DONE', detail: expect.stringContaining('hands it back') });
    }
    await resume('d1', deploy);
    expect([...group.suspended].sort()).toEqual(lives ? [...BOTH, 'Launch'].sort() : ['Launch']);
    expect((await lock())?.suspension?.deployId).toBe(lives ? 'inc-1' : undefined);
  });

  it('is resumed by the next deploy when the incident dies after it was handed back', async () => {
    const first = await begin('d1');
    await resume('d1', first);
    await end('d1', first);
    clock.nowMs += 15 * MINUTE;
    const second = await begin('d2');
    await resume('d2', second);
    await end('d2', second);
    expect([[...group.suspended], (await lock())?.suspension, (await lock())?.kept]).toEqual([['Launch'], undefined, undefined]);
  });

  it('is not dropped as a dead incident’s when that renews it in the same moment', async () => {
    const deploy = await begin('d1');
    clock.nowMs += 15 * MINUTE;
    once('dropKept', async (go) => {
      await keep.verify(TARGET, plan);
      return go();
    });
    await resume('d1', deploy);
    expect([[...group.suspended].sort(), (await lock())?.suspension?.deployId]).toEqual([[...BOTH, 'Launch'].sort(), 'inc-1']);
  });
});
