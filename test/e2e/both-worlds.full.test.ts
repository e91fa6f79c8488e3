/** The scenarios that the simulation plays as well: on the local cloud they end the same. */
import { describe, expect, it } from 'vitest';
import { playScenario } from '../simulation/scenarios/play-scenario.ts';
import { SCENARIOS } from '../simulation/scenarios/scenarios.ts';
import { withSettings } from './deploy-under-fault.ts';
import { createLocalWorld } from './local-scenario-world.ts';

const MAJOR = 90;

describe('on the local cloud as in the simulation', () => {
  const world = createLocalWorld(MAJOR);

  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', { timeout: 300_000 }, async (_name, scenario) => {
    // An abort takes effect before the next server's turn, on a busy machine too.
    const settings = scenario.happens?.what.kind === 'abort' ? { bakeSeconds: 5 } : {};
    expect(await withSettings(settings, () => playScenario(world, scenario))).toEqual(scenario.ends);
  });
});
