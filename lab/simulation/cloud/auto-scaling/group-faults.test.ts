import { expect, it } from 'vitest';
import type { WorldFaultKind } from '../../faults/fault-plan.ts';
import { groupFaults } from './group-faults.ts';
import { createSmallCloud, IN_SERVICE } from './small-cloud.ts';

async function strike(kind: WorldFaultKind, seed: number) {
  const cloud = createSmallCloud({ seed });
  cloud.begin(IN_SERVICE);
  const struck: string[] = [];
  const act = groupFaults({
    kernel: cloud.kernel,
    scaling: cloud,
    servers: { terminate: (id) => void cloud.running.delete(id) },
    struck: (what, id) => void struck.push(`${what} ${id}`),
  });
  const isOurs = act({ kind, server: 4, lastsMs: 60_000 });
  await cloud.pass(150);
  return { ...cloud, struck, isOurs };
}

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

it('terminates an instance, by EC2 or by the group, which launches another one', async () => {
  const reasons = new Set<string>();
  for (const seed of SEEDS) {
    const { struck, terminating, newcomers } = await strike('instance.terminated', seed);
    expect(struck).toHaveLength(1);
    expect(struck[0]).toMatch(/^instance.terminated (i-2|undefined)$/);
    expect(newcomers()).toHaveLength(1);
    for (const reason of terminating) reasons.add(reason);
  }
  expect(reasons).toEqual(new Set(['i-2 operator', 'i-2 unhealthy']));
});

it('scales out, and sometimes in again', async () => {
  const desired = new Set<number>();
  for (const seed of SEEDS) desired.add((await strike('group.scaledOut', seed)).describe().DesiredCapacity);
  expect(desired).toEqual(new Set([3, 4]));
});

it('lets an instance stand by for a while', async () => {
  for (const seed of SEEDS) {
    const { struck, stateOf } = await strike('group.standby', seed);
    expect(struck).toEqual(['group.standby i-2']);
    expect(stateOf('i-2')).toBe('InService');
  }
});

it('leaves other faults to others', async () => {
  expect((await strike('server.dead', 1)).isOurs).toBe(false);
});
