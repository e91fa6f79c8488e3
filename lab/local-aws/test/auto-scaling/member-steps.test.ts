import { expect, it } from 'vitest';
import type { EngineContext } from '../../auto-scaling/engine-context.ts';
import type { Group, Member } from '../../auto-scaling/group-state.ts';
import { carryOut } from '../../auto-scaling/member-steps.ts';
import { TARGET_GROUP } from './fakes.ts';

it.each([
  ['one that is in a target group waits for its load balancer', [TARGET_GROUP], 'WaitingForELBConnectionDraining'],
  ['one that is in none does not', [], 'InProgress'],
])('an instance that ends: %s', async (_, targetGroupArns, status) => {
  const deregistered: string[] = [];
  const context = {
    now: () => 0,
    settings: { drainTimeoutMs: 1_000 },
    targetGroups: { health: () => 'healthy', deregister: async (arn: string) => void deregistered.push(arn) },
  } as unknown as EngineContext;
  const member = { instanceId: 'i-1', registeredWith: new Set(), activity: { status: 'InProgress' } } as unknown as Member;
  await carryOut(context, { targetGroupArns } as unknown as Group, member, { kind: 'deregister' });
  expect([member.activity?.status, deregistered, member.drainDeadlineMs]).toEqual([status, targetGroupArns, 1_000]);
});
