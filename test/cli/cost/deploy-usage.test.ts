import { describe, expect, it } from 'vitest';
import {
  deployFeatures,
  EXECUTION_UNITS,
  estimateExecution,
  estimateRoll,
  sessionWait,
  targetFeatures,
} from '../../../cli/cost/deploy-usage.ts';
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';

const settings = deploySettings.parse({});
const times = { settings, healthCheckSeconds: 10, prepares: false };
const withSettings = (changes: Partial<typeof settings>) => ({ ...times, settings: { ...settings, ...changes } });

describe('what an execution depends on', () => {
  it.each([
    // 25 s of quiet in slices of 10 s, and 15 s of bake in two commands; 2 s of confirmations and 10 s until the target is healthy.
    ['the default settings', times, { commands: 5, waitedSeconds: 52 }],
    ['a long floor', withSettings({ drainFloorSeconds: 40 }), { commands: 6, waitedSeconds: 67 }],
    ['neither drain nor bake', withSettings({ quietSeconds: 0, drainFloorSeconds: 0, bakeSeconds: 0 }), { commands: 0, waitedSeconds: 12 }],
    ['a slow health check', { ...times, healthCheckSeconds: 30 }, { commands: 5, waitedSeconds: 72 }],
    ['existing servers', { ...times, prepares: true }, { prepared: 1 }],
  ])('of a target: %s', (_, those, features) => {
    expect(targetFeatures(those)).toMatchObject(features);
  });

  it('of a deploy: the servers, and how often it polls while it settles', () => {
    const { servers, settlePolls } = deployFeatures(withSettings({ settleSeconds: 210 }), 4);
    expect([servers, settlePolls]).toEqual([4, 20]);
  });
});

describe('an execution', () => {
  it('has a coefficient for each of its features', () => {
    const none = Object.fromEntries(EXECUTION_UNITS.map((unit) => [unit, 0]));
    for (const feature of Object.keys(targetFeatures(times))) expect(estimateExecution('rollTarget', { [feature]: 100 })).not.toEqual(none);
    for (const feature of Object.keys(deployFeatures(times, 4))) expect(estimateExecution('deploy', { [feature]: 100 })).not.toEqual(none);
  });

  it('uses more the longer it waits', () => {
    const used = (healthCheckSeconds: number) => estimateExecution('rollTarget', targetFeatures({ ...times, healthCheckSeconds }));
    for (const unit of ['transitions', 'requests', 'functionSeconds'] as const) expect(used(60)[unit]).toBeGreaterThan(used(10)[unit]);
  });
});

describe('a wait for the sessions of a server', () => {
  const sticky = { ...times, waitsForSessions: true };

  it('is a look every 13.5 s until the time is up, and a poll every 10.5 s while the rule reaches every node, twice', () => {
    // 1,920 / 13.5 = 142.2 looks of 5 transitions; 2 × (10 + 60) / 10.5 = 13.3 polls of 3; and the first look.
    const { transitions, requests, seconds } = sessionWait(sticky);
    expect([transitions, requests].map(Math.round)).toEqual([754, 442]);
    expect(seconds).toBe(2_060);
  });

  it('is shorter where sessions end sooner', () => {
    const shorter = { ...sticky, settings: { ...settings, sessionDrainSeconds: 600 } };
    expect(sessionWait(shorter).transitions).toBeLessThan(sessionWait(sticky).transitions / 2);
  });

  it('is part of the roll, and of what the deploy itself waits for', () => {
    for (const unit of ['transitions', 'requests', 'functionSeconds'] as const)
      expect(estimateRoll(sticky)[unit] - estimateRoll(times)[unit]).toBeCloseTo(sessionWait(sticky)[unit]);
    const awaited = (of: typeof times) => deployFeatures(of, 4)['awaitedSeconds'] ?? 0;
    expect(awaited(sticky) - awaited(times)).toBe(4 * 2_060);
  });

  it('is nothing where deploys wait for none', () => {
    expect(sessionWait(times)).toMatchObject({ transitions: 0, requests: 0, functionSeconds: 0, seconds: 0 });
    expect(estimateRoll(times)).toEqual(estimateExecution('rollTarget', targetFeatures(times)));
  });
});
