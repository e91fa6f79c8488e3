import { expect, it } from 'vitest';
import { awaitRolls, silentRolls } from '../../../../functions/deploy/rolls/await-rolls.ts';
import type { TargetInFlight } from '../../../../functions/deploy/rolls/in-flight.ts';
import type { DeployRecord } from '../../../../functions/records/types.ts';
import { DEPLOY } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const roll = (id: number, phaseStartedAtMs = 0): TargetInFlight => ({
  ...{ phase: 'draining', order: id, fromVersion: '1', phaseStartedAtMs },
  instanceId: `i-${id}`,
  executionName: `e-${id}`,
});
const rolls = (count: number) => Array.from({ length: count }, (_, id) => roll(id));
const names = (asked: readonly TargetInFlight[]) => asked.map(({ executionName }) => executionName);

it('asks for those that have recorded nothing for 20 s, and for none again before 20 s more', () => {
  const asked = new Map([
    ['e-2', 30_000],
    ['e-3', 29_999],
  ]);
  expect(names(silentRolls([roll(0), roll(1, 30_000), roll(2), roll(3)], asked, 49_999))).toEqual(['e-0', 'e-3']);
  expect(names(silentRolls([roll(2, 5), roll(0, 9)], new Map(), 49_999)), 'the longest silent first').toEqual(['e-2', 'e-0']);
});

it.each([
  [10, 20_000],
  [64, 20_000],
  [200, 41_000],
  [400, 82_000],
])('asks for each of %d within %d ms and makes at most 5 calls a second, however fast looks follow each other', (count, withinMs) => {
  const asked = new Map<string, number>();
  let calls = 0;
  for (let nowMs = 100_000; nowMs < 700_000; nowMs += 1_000) {
    for (const name of names(silentRolls(rolls(count), asked, nowMs))) {
      expect(nowMs - (asked.get(name) ?? nowMs)).toBeLessThanOrEqual(withinMs);
      asked.set(name, nowMs);
      calls += 1;
    }
  }
  expect(asked.size).toBe(count);
  expect(calls / 600).toBeLessThanOrEqual(5 + count / 600);
});

it('remembers from one look to the next whom it has asked for, as long as it is at work', async () => {
  const askedAtMs = new Map([['e-gone', 1]]);
  let described = 0;
  const { executionName, instanceId, ...target } = roll(1);
  const ports = {
    records: {
      ...memoryRecords(),
      getDeploy: async () => ({ targets: { [instanceId]: { ...target, executionName } } }) as unknown as DeployRecord,
      updateTarget: async () => true,
      recordFirstFailure: async () => {},
    },
    executions: {
      async describe() {
        described += 1;
        return { status: 'RUNNING' };
      },
    },
    rollTargetStateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:roll',
    now: () => 60_000,
    askedAtMs,
  };
  const look = () => awaitRolls(ports, DEPLOY, { seen: [], recordDeath: async () => {} });
  await look();
  await look();
  expect([described, [...askedAtMs]]).toEqual([1, [['e-1', 60_000]]]);
});
