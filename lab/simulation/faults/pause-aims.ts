/** Turns that a deploy takes only where it stops after its first servers. */
import type { Random } from '../kernel/random.ts';
import { type Aim, type Aimed, at, type PlannedPause, strike } from './aim.ts';
import { RECLAIMED } from './fault-plan.ts';

/** How long the deploys of a run wait: short, for users come and go all the time. */
export const PAUSE_MINUTES = 4;

const WAIT = 'Wait to be continued';

const pause = (random: Random, decision: PlannedPause['decision']): PlannedPause => ({
  after: random.whole(1, 2),
  decision,
  delayMs: random.whole(1_000, PAUSE_MINUTES * 50_000),
});

const stops = (random: Random, decision: PlannedPause['decision']): Aimed => ({
  servers: random.whole(3, 5),
  pause: pause(random, decision),
  faults: {},
  needs: 'users',
});

/** What has to happen for a state to run at all. */
export const PAUSE_WAYS: Readonly<Record<string, (random: Random) => Aimed>> = {
  'deploy/Announce pause': (random) => stops(random, random.pick(['continued', 'rejected', 'ignored'])),
};

export const PAUSE_TURNS: readonly Aim[] = [
  { name: 'a deploy that waits is continued', draw: (random) => ({ ...stops(random, 'continued'), succeeds: true, quiet: true }) },
  { name: 'a deploy waits until its time is up', draw: (random) => ({ ...stops(random, 'ignored'), aborts: true, quiet: true }) },
  { name: 'a deploy that waits is rejected', draw: (random) => ({ ...stops(random, 'rejected'), aborts: true, quiet: true }) },
  {
    name: 'a deploy is continued in the moment in which its time is up',
    draw: (random) => ({
      ...stops(random, 'continued'),
      pause: { after: 1, decision: 'continued', delayMs: PAUSE_MINUTES * 60_000 + random.whole(-12_000, 2_000) },
    }),
  },
  {
    name: 'a server fails while the deploy waits',
    draw: (random) => ({
      ...stops(random, random.pick(['continued', 'ignored'])),
      faults: { world: [strike('server.dead', at('deploy', WAIT, random.whole(1, 4)), 120_000, random.whole(0, 2))] },
    }),
  },
  {
    name: 'an alarm fires while the deploy waits',
    draw: (random) => ({
      ...stops(random, 'ignored'),
      faults: { world: [strike('alarm.red', at('deploy', WAIT, random.whole(1, 3)), 240_000, random.whole(0, 3))] },
    }),
  },
  {
    name: 'the store fails over while the deploy waits',
    draw: (random) => ({
      ...stops(random, random.pick(['continued', 'ignored'])),
      faults: { world: [strike('store.failover', at('deploy', WAIT, random.whole(1, 3)), random.whole(3_000, 60_000))] },
    }),
  },
  {
    name: 'the others are reclaimed before the deploy stops',
    draw(random) {
      const when = at('rollTarget', 'Bake: check', 1, random.whole(0, 1_000));
      return {
        ...stops(random, 'ignored'),
        ...{ servers: 3, maxParallel: 1, pause: { ...pause(random, 'ignored'), after: 2 }, quiet: true },
        faults: { world: [1, 2].map((server) => strike(RECLAIMED, when, 1_800_000, server)) },
      };
    },
  },
  {
    name: 'an instance comes while the deploy waits',
    draw: (random) => ({
      ...stops(random, random.pick(['continued', 'rejected'])),
      faults: { world: [strike('group.scaledOut', at('deploy', WAIT), 1_800_000)] },
    }),
  },
];

/** In some of the runs that have no aim, by a draw of its own. */
export const drawPause = (random: Random, mayFail: boolean): PlannedPause | undefined =>
  random.chance(0.15) ? pause(random, mayFail ? random.pick(['continued', 'continued', 'rejected', 'ignored']) : 'continued') : undefined;
