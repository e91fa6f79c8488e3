import { describe, expect, it } from 'vitest';
import { deployFeatures, EXECUTION_UNITS, estimateExecution, targetFeatures } from '../../../cli/cost/deploy-usage.ts';
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
