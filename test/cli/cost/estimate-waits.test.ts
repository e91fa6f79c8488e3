import { describe, expect, it } from 'vitest';
import {
  bakePhase,
  deployWaits,
  drainPhase,
  gatePhase,
  installPhase,
  launchWaits,
  rollWaits,
  terminateWaits,
} from '../../../cli/cost/estimate-waits.ts';
import { deploySettings } from '../../../functions/deploy/contract.ts';

const settings = deploySettings.parse({});
const healthCheck = { intervalSeconds: 10, healthyThreshold: 2 };
const times = { settings, healthCheck };

describe('a phase on an instance', () => {
  // A look waits 10 s, and each command takes 2 s to arrive and to be answered.
  it.each([
    ['drain', drainPhase(settings), { sends: 3, looks: 6, seconds: 36 }], // 25 s of quiet in slices of 10 s
    ['drain with a long floor', drainPhase({ ...settings, drainFloorSeconds: 40 }), { sends: 4, looks: 8, seconds: 48 }],
    ['drain without any quiet', drainPhase({ ...settings, quietSeconds: 0, drainFloorSeconds: 0 }), { sends: 1, looks: 2, seconds: 12 }],
    ['install', installPhase(), { sends: 1, looks: 4, seconds: 32 }],
    ['gate', gatePhase(times), { sends: 1, looks: 1, seconds: 4 }], // three answers, 1 s apart
    ['bake', bakePhase(settings), { sends: 2, looks: 3, seconds: 16.5 }], // 10 s, then what is left of 15 s
    ['bake without a time', bakePhase({ ...settings, bakeSeconds: 0 }), { sends: 1, looks: 1, seconds: 2 }],
  ])('%s takes so many commands, looks and seconds', (_, phase, expected) => {
    expect(phase).toEqual(expected);
  });
});

describe('the loops of a run', () => {
  it('go round once for each command after the first, and for each look that comes too early', () => {
    expect(rollWaits(times).rounds).toMatchObject({
      'Drain: done?': { AGAIN: 2, otherwise: 3 },
      'Install: done?': { AGAIN: 0, otherwise: 3 },
      'Wait healthy: done?': { otherwise: 1 },
    });
  });

  it("take the target group's own time until a target is healthy", () => {
    const slow = rollWaits({ settings, healthCheck: { intervalSeconds: 30, healthyThreshold: 5 } });
    expect(slow.waitedSeconds - rollWaits(times).waitedSeconds).toBe(130);
  });

  it('of a deploy go round once a target, and look at the alarms while it settles', () => {
    expect(deployWaits(times, 4).rounds).toMatchObject({ 'Which target?': { AGAIN: 4 }, 'Settle: done?': { otherwise: 18 } });
  });

  it('of a launch wait for the instance to start', () => {
    expect(launchWaits(times).rounds['Sent?']).toEqual({ otherwise: 3 });
  });

  it('of a termination are those of a drain', () => {
    expect(terminateWaits(times)).toEqual({ rounds: { 'Idle: done?': { AGAIN: 2, otherwise: 3 } }, waitedSeconds: 36 });
  });
});
