/** What a deploy uses by arithmetic, compared with the definitions and with a deploy that was counted. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploySettings } from '../../../functions/deploy/settings/settings.ts';
import { AWS_CONFIG, REPOSITORY, SynthesizedApp } from '../../../test/infra/synthesized.ts';
import { at, findResources, list, readAssembly, render } from '../assembly.ts';
import { deployUse, type Fleet, readFleet, WAYS } from '../deploy-use.ts';

const settings = deploySettings.parse({});
const fleet: Fleet = { ...readFleet([], 'web', { servers: 3 }), settings, healthCheckSeconds: 10 };
const withSettings = (changes: Partial<typeof settings>): Fleet => ({ ...fleet, settings: { ...settings, ...changes } });
const sticky: Fleet = { ...fleet, waitsForSessions: true };
const roll = (one: Fleet) => deployUse(one).roll;

describe('the ways through the definitions', () => {
  const made: SynthesizedApp[] = [];
  beforeAll(async () => {
    made.push(await SynthesizedApp.create(AWS_CONFIG));
    made.push(await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } }));
  });
  afterAll(() => Promise.all(made.map((app) => app.remove())));

  /** The start, and each state until the end, where checks find their phase done: how many, and how many of them call a function. */
  async function wayThrough(app: SynthesizedApp | undefined, name: string): Promise<readonly number[]> {
    const { stacks } = await readAssembly(app?.folder ?? '');
    const machine = findResources(stacks, 'StepFunctions::StateMachine').find((one) => one.properties['StateMachineName'] === name);
    const { StartAt, States } = JSON.parse(render(machine?.properties['DefinitionString']));
    const way: unknown[] = [];
    for (let state = States[StartAt]; state; ) {
      way.push(state);
      const choices = list(state.Choices);
      const isSkip = JSON.stringify(choices[0] ?? '').includes('IsPresent');
      const goesOn = choices.find((one) => JSON.stringify(one).includes('"DONE"')) ?? (isSkip ? choices[0] : undefined);
      state = States[state.Next ?? at(goesOn, 'Next') ?? state.Default];
    }
    return [1 + way.length, way.filter((state) => at(state, 'Type') === 'Task').length];
  }

  it('are those of the templates: a step that is added to a deploy is to be added to its arithmetic', async () => {
    const [plain, waiting] = made;
    expect({
      deploy: await wayThrough(plain, 'holdfast-web-deploy'),
      roll: await wayThrough(plain, 'holdfast-web-roll-target'),
      deployWithSessions: await wayThrough(waiting, 'holdfast-web-deploy'),
      rollWithSessions: await wayThrough(waiting, 'holdfast-web-roll-target'),
    }).toEqual(WAYS);
  });
});

describe('a deploy', () => {
  it('errs on the expensive side of the states that bench:deploy counted, whose servers install and fall quiet in seconds, by half at most', () => {
    const { cases } = JSON.parse(readFileSync(path.join(REPOSITORY, 'lab/bench/deploy/recorded.json'), 'utf8'));
    const { transitionsPerTarget } = cases.find(({ name }: { name: string }) => name === 'holdfast');
    const { deploy } = deployUse(fleet);
    const estimated = (deploy.transitions ?? 0) / 3 + (roll(fleet).transitions ?? 0);
    expect(estimated).toBeGreaterThanOrEqual(transitionsPerTarget);
    expect(estimated).toBeLessThanOrEqual(transitionsPerTarget * 1.5);
  });

  it('polls every 10.5 s while it settles, with three states and one read of the alarms', () => {
    const [short, long] = [withSettings({ settleSeconds: 105 }), withSettings({ settleSeconds: 210 })].map((one) => deployUse(one).deploy);
    expect((long?.transitions ?? 0) - (short?.transitions ?? 0)).toBeCloseTo(30);
    expect((long?.alarmReads ?? 0) - (short?.alarmReads ?? 0)).toBeCloseTo(10);
  });

  it.each([
    // 15 s more: two commands, and 15 / 10.5 checks of two states.
    ['a long floor', withSettings({ drainFloorSeconds: 40 }), 1 + (2 * 15) / 10.5],
    ['a longer bake', withSettings({ bakeSeconds: 30 }), 1 + (2 * 15) / 10.5],
    ['a slow health check', { ...fleet, healthCheckSeconds: 31 }, 4],
    ['existing servers, which are prepared', { ...fleet, prepares: true }, 4],
    // 12 states on the way; 2 × (10 + 60) / 10.5 = 13.3 polls of three; 1,920 / 13.5 = 142.2 counts of five.
    ['sessions in memory', sticky, 12 + 40 + 1_920 * (5 / 13.5)],
  ])('with %s has more transitions per target', (_, one, more) => {
    expect((roll(one).transitions ?? 0) - (roll(fleet).transitions ?? 0)).toBeCloseTo(more);
  });

  it('uses less where sessions end sooner, and in its own execution as well', () => {
    const shorter = { ...sticky, settings: { ...settings, sessionDrainSeconds: 600 } };
    expect(roll(shorter).transitions).toBeLessThan((roll(sticky).transitions ?? 0) / 2);
    expect(deployUse(shorter).deploy.seconds).toBeCloseTo((deployUse(sticky).deploy.seconds ?? 0) - 3 * 1_320);
  });
});
