/** The scenarios that the simulation plays as well: on the local cloud they end the same. */
import { describe, expect, it } from 'vitest';
import { playScenario } from '../../lab/simulation/scenarios/play-scenario.ts';
import { SCENARIOS } from '../../lab/simulation/scenarios/scenarios.ts';
import { withFault } from './faults.ts';
import { createLocalWorld } from './local-scenario-world.ts';

const MAJOR = 90;
/** A registration takes a tenth of a second otherwise: nobody would see that phase, or a stop would come after it. */
const SLOW_REGISTRATION = {
  on: 'call',
  match: { service: 'elasticloadbalancing', action: 'RegisterTargets' },
  when: { nth: 1 },
  effect: { kind: 'delay', ms: 5_000 },
} as const;

describe('on the local cloud as in the simulation', () => {
  const world = createLocalWorld(MAJOR);

  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', { timeout: 300_000 }, async (_name, scenario) => {
    const { when } = scenario.happens ?? {};
    const isTooShort = when !== undefined && 'phase' in when && when.phase === 'registering';
    const play = () => playScenario(world, scenario);
    expect(await (isTooShort ? withFault(SLOW_REGISTRATION, play) : play())).toEqual(scenario.ends);
  });
});
