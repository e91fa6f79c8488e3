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
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';

const settings = deploySettings.parse({});
const healthCheck = { intervalSeconds: 10, healthyThreshold: 2 };
const times = { settings, healthCheck };

describe('a phase on an instance', () => {
  // A poll waits 10 s, and each command takes 2 s to be delivered and to return.
  it.each([
    ['drain', drainPhase(settings), { sends: 3, polls: 6, seconds: 36 }], // 25 s of quiet in slices of 10 s
    ['drain with a long floor', drainPhase({ ...settings, drainFloorSeconds: 40 }), { sends: 4, polls: 8, seconds: 48 }],
    ['drain without any quiet', drainPhase({ ...settings, quietSeconds: 0, drainFloorSeconds: 0 }), { sends: 1, polls: 2, seconds: 12 }],
    ['install', installPhase(), { sends: 1, polls: 4, seconds: 32 }],
    ['gate', gatePhase(times), { sends: 1, polls: 1, seconds: 4 }], // three responses, 1 s apart
    ['bake', bakePhase(settings), { sends: 2, polls: 3, seconds: 16.5 }], // 10 s, then what is left of 15 s
    ['bake without a time', bakePhase({ ...settings, bakeSeconds: 0 }), { sends: 1, polls: 1, seconds: 2 }],
  ])('%s takes a number of commands, polls and seconds', (_, phase, expected) => {
    expect(phase).toEqual(expected);
  });
});

describe('the loops of a run', () => {
  it('repeat once for each command after the first, and for each poll that is too early', () => {
    expect(rollWaits(times).rounds).toMatchObject({
      'Drain: done?': { REPEAT: 2, otherwise: 3 },
      'Install: done?': { REPEAT: 0, otherwise: 3 },
      'Wait healthy: done?': { otherwise: 1 },
    });
  });

  it("take the target group's own time until a target is healthy", () => {
    const slow = rollWaits({ settings, healthCheck: { intervalSeconds: 30, healthyThreshold: 5 } });
    expect(slow.waitedSeconds - rollWaits(times).waitedSeconds).toBe(130);
  });

  it('of a deploy repeat once per target, and for each read of the alarms while it settles', () => {
    expect(deployWaits(times, 4).rounds).toMatchObject({ 'Which target?': { ROLL: 4 }, 'Settle: done?': { otherwise: 18 } });
  });

  it('of a launch wait for the instance to start', () => {
    expect(launchWaits(times).rounds['Sent?']).toEqual({ otherwise: 3 });
  });

  it('of a termination are those of a drain', () => {
    expect(terminateWaits(times)).toEqual({ rounds: { 'Idle: done?': { REPEAT: 2, otherwise: 3 } }, waitedSeconds: 36 });
  });
});
