/** Turns that a deploy takes only with several servers in flight at once. */
import type { Random } from '../kernel/random.ts';
import { type Aim, type Aimed, abort, at, HALF_HOUR_MS, strike } from './aim.ts';
import { drawFailing } from './draw-faults.ts';
import { RECLAIMED } from './fault-plan.ts';

/** Enough that two can be out, and two healthy. */
const FIVE = { servers: 5, maxParallel: 2 } as const;
/** Above the 61 s for which Retry waits. */
const BEYOND_RETRY_MS = 75_000;
const IN_A_ROLL = ['Deregister', 'Drain: check', 'Install: check', 'Readiness: check', 'Wait healthy', 'Bake: check'] as const;
/** Nothing notices it at once: others can end, and begin, meanwhile. */
const RECLAIMED_AT = ['Deregister', 'Wait healthy', 'Bake', 'Bake: check'] as const;

/** What has to happen for a state to run at all. */
export const SEVERAL_WAYS: Readonly<Record<string, (random: Random) => Aimed>> = {
  'deploy/Begin nothing more': (random) => ({
    faults: { childStarts: { machine: 'deploy', fromMs: 0, lastsMs: random.whole(BEYOND_RETRY_MS, 300_000) } },
    ...FIVE,
  }),
};

export const SEVERAL_TURNS: readonly Aim[] = [
  {
    name: 'one of two in flight fails',
    draw: (random) => ({ ...FIVE, faults: {}, badAt: random.pick(['checksum', 'start', 'ready', 'loadBalancer', 'bake']), needs: 'users' }),
  },
  {
    name: 'one of two in flight dies',
    draw: (random) => ({
      ...FIVE,
      faults: { stops: [{ ...at('rollTarget', random.pick(IN_A_ROLL), random.whole(1, 3)), how: random.pick(['stopped', 'timedOut']) }] },
      needs: 'users',
    }),
  },
  {
    name: 'a deploy is stopped with two in flight',
    draw: (random) => ({
      ...FIVE,
      faults: { world: [abort(at('rollTarget', random.pick(IN_A_ROLL), random.whole(1, 4), random.whole(0, 5_000)))] },
      aborts: true,
      needs: 'users',
    }),
  },
  {
    name: 'a server fails while two are in flight',
    draw: (random) => ({
      ...FIVE,
      servers: random.whole(5, 6),
      faults: {
        world: [strike('server.dead', at('rollTarget', random.pick(IN_A_ROLL), random.whole(1, 3)), 60_000, random.whole(0, 5))],
      },
      needs: 'users',
    }),
  },
  {
    name: 'the store is away while two are in flight',
    draw: (random) => ({
      ...FIVE,
      faults: { world: [strike('store.outage', at('rollTarget', 'Drain: check', random.whole(1, 4)), random.whole(20_000, 120_000))] },
    }),
  },
  {
    name: 'as many as a zone allows are in flight',
    draw: () => ({ servers: 6, maxParallel: 4, faults: {}, needs: 'users', succeeds: true }),
  },
  {
    // Elastic Load Balancing and Systems Manager throttle the account: see seam/delivery.ts.
    name: 'ten are in flight',
    draw: (random) => ({ servers: random.whole(13, 14), maxParallel: 10, faults: {}, needs: 'users', succeeds: true }),
  },
  {
    name: 'a newcomer is rolled next to others',
    draw: (random) => ({
      ...FIVE,
      faults: { world: [strike('group.scaledOut', at('rollTarget', random.pick(IN_A_ROLL), random.whole(1, 4)), HALF_HOUR_MS)] },
      needs: 'users',
    }),
  },
  {
    name: 'a newcomer fails and is left out',
    draw: (random) => ({
      maxParallel: random.pick([1, 2]),
      faults: {
        world: [strike('group.scaledOut', at('deploy', 'Next target', random.whole(1, 3)), HALF_HOUR_MS)],
        persistent: [
          {
            ...drawFailing(random, { machine: 'rollTarget', state: random.pick(['Deregister', 'Drain', 'Install']) }, BEYOND_RETRY_MS),
            ofNewcomers: true,
            how: { kind: 'answerReplaced', error: 'Error' },
          },
        ],
      },
    }),
  },
  {
    // One at a time: it is not in flight, and Auto Scaling, which is suspended, does not notice.
    name: 'a server that waits for its turn is reclaimed',
    draw: (random) => ({
      ...{ servers: 5, maxParallel: 1, succeeds: true, quiet: true },
      faults: { world: [strike(RECLAIMED, at('rollTarget', random.pick(IN_A_ROLL), 1, random.whole(0, 2_000)), HALF_HOUR_MS, 4)] },
    }),
  },
  {
    name: 'a server is reclaimed as it is rolled',
    draw: (random) => ({
      ...random.pick([FIVE, { servers: 6, maxParallel: 3 }]),
      faults: { world: [strike(RECLAIMED, at('rollTarget', random.pick(RECLAIMED_AT), random.whole(1, 4)), HALF_HOUR_MS, 'own')] },
      needs: 'users',
      quiet: true,
    }),
  },
  {
    name: 'a rollback is stopped by hand',
    draw: (random) => ({
      ...FIVE,
      faults: { stops: [{ ...at('rollTarget', 'Install', random.whole(2, 4)), how: 'stopped' }] },
      badAt: random.pick(['start', 'ready', 'loadBalancer']),
    }),
  },
];
