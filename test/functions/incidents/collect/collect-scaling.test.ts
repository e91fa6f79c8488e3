import { expect, it } from 'vitest';
import { createScaling } from '../../../../functions/incidents/collect/collect-balancer.ts';
import { isForHealth, type ScalingActivity } from '../../../../functions/shared/aws/scaling-history.ts';
import { fleet, MINUTE_MS, request, SIGN_MS } from './request.ts';

const launch = (startedAtMs: number): ScalingActivity => ({
  instanceId: 'i-1',
  startedAtMs,
  kind: 'launch',
  cause: 'an instance was started',
});
const HEALTH = 'At 2026-11-21T10:00:00Z an instance was taken out of service in response to an ELB system health check failure.';
const REQUEST = 'At 2026-11-21T10:00:00Z instance i-1 was taken out of service in response to a user request.';

const collect = (fleets: readonly string[]) =>
  createScaling({
    fleets: { web: fleet(), shop: fleet({ autoScalingGroup: 'holdfast-shop' }), old: withoutGroup },
    history: () => ({
      describe: async () => ({ healthCheckTypes: ['EC2', 'ELB'] }),
      activitiesSince: async (sinceMs) =>
        [
          launch(SIGN_MS + 10 * MINUTE_MS),
          launch(SIGN_MS),
          { instanceId: 'i-1', startedAtMs: SIGN_MS, kind: 'termination' as const, cause: HEALTH },
          { instanceId: 'i-1', startedAtMs: SIGN_MS - MINUTE_MS, kind: 'termination' as const, cause: REQUEST },
        ].filter(({ startedAtMs }) => startedAtMs >= sinceMs),
    }),
    now: () => SIGN_MS,
  })(request({ fleets }));
const { autoScalingGroup: _, ...withoutGroup } = fleet();

it('sums what the groups of all fleets did in the window', async () => {
  expect(await collect(['web', 'shop'])).toEqual({
    takenAtMs: SIGN_MS,
    facts: {
      groups: ['holdfast-web', 'holdfast-shop'],
      usesElbHealthChecks: true,
      terminated: 4,
      replacedUnhealthy: 2,
      firstTerminationMs: SIGN_MS - MINUTE_MS,
      lastTerminationMs: SIGN_MS,
    },
  });
});

it('names fleets whose servers nothing replaces', async () => {
  expect(await collect(['web', 'old'])).toMatchObject({ gaps: [expect.stringMatching(/without.*: old$/)] });
  expect(await collect(['old'])).toEqual({ gap: expect.stringContaining('without an Auto Scaling group') });
});

it.each([
  [HEALTH, true],
  ['an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.', true],
  ['an instance was taken out of service in response to an EC2 instance status check failure.', true],
  ['an instance was taken out of service in response to a user health-check.', true],
  [REQUEST, false],
  ['an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity.', false],
])('%s: for its health: %s', (cause, isHealth) => {
  expect(isForHealth({ cause })).toBe(isHealth);
});
