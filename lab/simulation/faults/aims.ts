/**
 * Runs that aim at one Catch, or at one rare turn of a deploy. Faults that are drawn by themselves hardly ever come to most of them: a
 * clean-up's Catch needs a deploy that failed first, a launch's an instance that comes.
 */
import { SERVER_FAULTS } from '../cloud/servers/server-faults.ts';
import type { Random } from '../kernel/random.ts';
import { type Aim, type Aimed, abort, at, both, HALF_HOUR_MS, strike } from './aim.ts';
import { BUNDLE_TURNS } from './bundle-aims.ts';
import { drawFailing } from './draw-faults.ts';
import type { Drawable, PersistentFault } from './fault-plan.ts';
import { PAUSE_TURNS, PAUSE_WAYS } from './pause-aims.ts';
import { SESSION_TURNS } from './session-aims.ts';
import { SEVERAL_TURNS, SEVERAL_WAYS } from './several-aims.ts';

/** Above the 61 s for which Retry waits. */
const BEYOND_RETRY_MS = 75_000;

const anInstanceComes = (random: Random): Aimed => {
  const state = random.pick(['Take input', 'Session store', 'Next target', 'Settle', 'Promote release', 'Release lock']);
  const kind = random.chance(0.7) ? 'group.scaledOut' : 'instance.terminated';
  return { faults: { world: [strike(kind, at('deploy', state), random.whole(300_000, 900_000), random.whole(0, 5))] } };
};

/** While a deploy runs, nothing is terminated. */
const anInstanceGoes = (random: Random): Aimed => {
  const state = random.pick(['Take input', 'Validate', 'Check for newcomers', 'Release lock', 'Report']);
  return { faults: { world: [strike('group.scaledIn', at('deploy', state), 0)] }, servers: random.whole(4, 6), needs: 'users' };
};

/** A deploy that leaves a target with the release to be rolled back. */
function leavesTargets(random: Random): Aimed {
  if (random.chance(0.5)) return { faults: {}, badAt: random.pick(['start', 'ready', 'loadBalancer', 'checksum']) };
  const state = random.pick(['Install: check', 'Readiness: check', 'Wait healthy', 'Bake: check']);
  return { faults: { world: [abort(at('rollTarget', state, random.whole(1, 4), random.whole(0, 3_000)))] } };
}

const leavesKeptRelease = (random: Random, visit: number): Aimed => ({
  faults: { world: [abort(at('rollTarget', random.pick(['Deregister', 'Drain']), visit, random.whole(100, 3_000)))] },
});

/** What has to happen for a state to run at all. */
const WAYS: Readonly<Record<string, (random: Random) => Aimed>> = {
  launch: anInstanceComes,
  terminate: anInstanceGoes,
  cleanUp: leavesTargets,
  'cleanUp/Put back': (random) => leavesKeptRelease(random, random.whole(1, 2)),
  'cleanUp/Roll target back': (random) =>
    both(leavesTargets(random), {
      faults: { childStarts: { machine: 'cleanUp', fromMs: 0, lastsMs: random.whole(BEYOND_RETRY_MS, 300_000) } },
    }),
  'launch/Abandon': (random) =>
    both(anInstanceComes(random), {
      faults: {
        persistent: [
          {
            ...drawFailing(random, { machine: 'launch', state: random.pick(['Prepare', 'Install: check', 'Readiness']) }, BEYOND_RETRY_MS),
            how: { kind: 'answerReplaced', error: 'Error' },
          },
        ],
      },
    }),
  'deploy/Keep lock': (random) => ({
    faults: { world: [strike('store.outage', at('deploy', 'Session store', random.whole(1, 3)), random.whole(30_000, 200_000))] },
  }),
  'deploy/Check store after alarm': (random) => ({
    faults: { world: [strike('alarm.red', at('deploy', 'Settle', random.whole(1, 3)), 240_000, random.whole(0, 3))] },
  }),
  ...SEVERAL_WAYS,
  ...PAUSE_WAYS,
  'rollTarget/Put back': (random) => ({ faults: {}, badAt: random.pick(['checksum', 'download', 'start', 'ready']) }),
  'rollTarget/Compare store': storeFailsInBake,
  'rollTarget/Bake again': storeFailsInBake,
};

function storeFailsInBake(random: Random): Aimed {
  const when = at('rollTarget', 'Bake: check', random.whole(1, 6), random.whole(0, 2_000));
  return { faults: { world: [strike('store.failover', when, random.whole(3_000, 9_000))] }, needs: 'users' };
}

const keepsFailing = (machine: string, state: string, lastsMs: number): PersistentFault => ({
  place: { machine, state },
  fromMs: 0,
  lastsMs,
  how: { kind: 'notStarted', error: 'Lambda.TooManyRequestsException' },
});

const comesAtPromotion = (delayMs: number): Aimed => ({
  faults: {
    world: [
      strike('group.scaledOut', at('deploy', 'Promote release', 1, delayMs), HALF_HOUR_MS),
      strike('group.registersSlowly', at('deploy', 'Promote release'), HALF_HOUR_MS),
    ],
    persistent: [keepsFailing('deploy', 'Promote release', 20_000)],
  },
  needs: 'first',
  servers: 3,
  quiet: true,
});

/** Lambda runs a step a second time, this much later. */
const comesAgain = (machine: string, state: string, afterMs: number): PersistentFault => ({
  place: { machine, state },
  fromMs: 0,
  lastsMs: 60_000,
  how: { kind: 'twice', afterMs },
});

/** Stops a roll in one of its states. The fleet is the smallest one, in which each target counts. */
const stopped = (state: string, visit: number, delayMs: number): Aimed => ({
  faults: { world: [abort(at('rollTarget', state, visit, delayMs))] },
  servers: 3,
  aborts: true,
  quiet: true,
});

/** Rare turns without a Catch of their own. */
const TURNS: readonly Aim[] = [
  {
    name: 'a suspend comes again after its clean-up has resumed',
    // The lock is held until the report, which takes half a minute here.
    draw: (random) => ({
      faults: {
        world: [abort(at('deploy', 'Next target'))],
        persistent: [comesAgain('cleanUp', 'Suspend Auto Scaling', random.whole(5_000, 20_000)), keepsFailing('cleanUp', 'Report', 30_000)],
      },
      quiet: true,
    }),
  },
  {
    name: 'an install that fails is sent twice',
    draw: (random) => ({
      faults: { persistent: [comesAgain('rollTarget', 'Install', random.whole(0, 3_000))] },
      badAt: 'start',
    }),
  },
  {
    name: 'a server goes on standby as another is about to be taken out',
    draw: (random) => ({
      faults: { world: [strike('group.standby', at('deploy', 'Roll target'), random.whole(60_000, 300_000), 1)] },
      servers: 3,
    }),
  },
  {
    name: 'a restart is stopped before its server is registered',
    draw: (random) => ({
      faults: {
        persistent: [
          {
            place: { machine: 'rollTarget', state: 'Register' },
            fromMs: 0,
            lastsMs: random.whole(BEYOND_RETRY_MS, 200_000),
            how: { kind: 'crash', atCall: 3, after: false },
          },
        ],
      },
      restarts: 'one',
      quiet: true,
    }),
  },
  {
    name: 'an instance comes into service with the old release while the deploy settles',
    draw: (random) => ({
      faults: { world: [strike('group.scaledOut', at('deploy', 'Begin settling', 1, random.whole(0, 30_000)), HALF_HOUR_MS)] },
      succeeds: true,
      quiet: true,
    }),
  },
  {
    name: 'a deploy is stopped in its first drain',
    draw: (random) => stopped('Deregister', 1, random.whole(2_500, 15_000)),
  },
  {
    name: 'a deploy is stopped in its second drain',
    draw: (random) => stopped('Deregister', 2, random.whole(2_500, 15_000)),
  },
  {
    name: 'a deploy is stopped right after its promotion',
    draw: (random) => ({
      faults: { world: [abort(at('deploy', random.pick(['Check for newcomers', 'Release lock']), 1, random.whole(0, 300)))] },
      quiet: true,
    }),
  },
  {
    name: 'a deploy ends as it takes the lock',
    draw: () => ({ faults: { stops: [{ ...at('deploy', 'Acquire lock'), how: 'timedOut' }], calls: { late: 0.8 } }, quiet: true }),
  },
  {
    name: 'the store is away for longer than a bake',
    draw: (random) => ({
      faults: { world: [strike('store.outage', at('rollTarget', 'Bake: check', random.whole(1, 6)), random.whole(20_000, 250_000))] },
      needs: 'users',
    }),
  },
  {
    name: 'an instance comes while the last targets are rolled',
    draw: (random) => ({
      faults: { world: [strike('group.scaledOut', at('rollTarget', random.pick(['Drain', 'Register']), 3), HALF_HOUR_MS)] },
      servers: 3,
    }),
  },
  {
    name: 'an instance comes across the promotion',
    draw: (random) => ({
      faults: { world: [strike('group.scaledOut', at('deploy', 'Settle', random.whole(1, 6), random.whole(0, 90_000)), HALF_HOUR_MS)] },
    }),
  },
  // A first deploy's launches take no time, and its promotion waits for them: unless they begin right before it.
  ...[1, 2, 3, 4, 5, 6].map((nth) => ({
    name: `an instance comes into service as the first release is promoted (${nth})`,
    // Booted and announced within 9 to 26 s; the promotion's sixth attempt is after 31 s.
    draw: (random: Random) => comesAtPromotion(random.whole(9_000, 15_000)),
  })),
  ...[1, 2].map((nth) => ({
    name: `an instance comes as the first release is promoted, and its agent later (${nth})`,
    draw(random: Random): Aimed {
      const waits = keepsFailing('launch', 'Install current release', random.whole(8_000, 14_000));
      return both(comesAtPromotion(random.whole(4_000, 8_000)), { faults: { persistent: [waits] } });
    },
  })),
  ...Array.from(
    { length: 3 },
    (): Aim => ({
      name: 'a clean-up waits for the minimum',
      // Each target is deregistered once, and drained in several slices.
      draw: (random) => ({
        faults: { world: [abort(at('rollTarget', 'Deregister', random.whole(2, 3), random.whole(2_500, 15_000)))] },
        servers: 3,
      }),
    }),
  ),
  {
    name: 'a clean-up cannot release the lock',
    draw: (random) =>
      both(leavesTargets(random), {
        faults: {
          persistent: [
            {
              place: { machine: 'cleanUp', state: 'Release lock' },
              fromMs: 0,
              lastsMs: random.whole(BEYOND_RETRY_MS, 400_000),
              how: { kind: 'notStarted', error: 'Lambda.TooManyRequestsException' },
            },
          ],
        },
      }),
  },
  {
    name: 'a server fails that has been rolled',
    draw: (random) => ({
      faults: { world: [strike('server.dead', at('rollTarget', 'Deregister', 2, random.whole(0, 5_000)), HALF_HOUR_MS)] },
      servers: 3,
    }),
  },
  {
    name: 'an agent is silent as its deploy is stopped',
    draw(random) {
      const when = at('rollTarget', random.pick(['Deregister', 'Install']), random.whole(1, 2), random.whole(0, 2_000));
      const stopped = abort({ ...when, delayMs: when.delayMs + random.whole(2_000, 8_000) });
      return { faults: { world: [strike('agent.silent', when, 1_200_000, 'own'), stopped], healAtMs: HALF_HOUR_MS } };
    },
  },
  {
    name: 'a lock is taken over',
    draw(random) {
      const when = at('rollTarget', random.pick(['Drain: check', 'Install: check', 'Bake: check']), random.whole(1, 3));
      const second = strike('operator.secondDeploy', { ...when, delayMs: random.whole(725_000, 900_000) }, 0);
      return { faults: { world: [abort(when), second], events: { lost: 1 }, skippedSchedules: 1, healAtMs: HALF_HOUR_MS } };
    },
  },
  {
    name: 'events start nothing',
    draw: (random) => both(leavesTargets(random), both(anInstanceComes(random), { faults: { events: { refused: 1 } } })),
  },
];

const ROLL_STATES = ['Deregister', 'Drain', 'Install', 'Install: check', 'Readiness: check', 'Wait healthy', 'Bake: check'];
const SERVER_KINDS = [...SERVER_FAULTS, 'group.standby'] as const;

/** Something befalls the server that is being rolled, or another one. */
const TROUBLES: readonly Aim[] = [
  ...SERVER_KINDS.map((kind) => ({
    name: `${kind} in mid-roll`,
    draw(random: Random): Aimed {
      const state = random.pick(
        kind === 'server.downloadsFail' || kind === 'server.diskFull' ? ['Deregister', 'Drain', 'Install'] : ROLL_STATES,
      );
      const when = at('rollTarget', state, random.whole(1, 4), random.chance(0.5) ? 0 : random.whole(0, 10_000));
      return { faults: { world: [strike(kind, when, random.whole(5_000, 400_000), random.chance(0.7) ? 'own' : random.whole(0, 5))] } };
    },
  })),
  {
    name: 'the minimum is in danger: another server dies in mid-roll',
    draw: (random) => ({
      faults: {
        world: [strike('server.dead', at('rollTarget', random.pick(ROLL_STATES), random.whole(1, 3)), HALF_HOUR_MS, random.whole(0, 2))],
      },
      servers: 3,
    }),
  },
  {
    name: 'an agent falls silent, and the deploy is aborted',
    draw(random) {
      const when = at('rollTarget', random.pick(['Drain', 'Drain: check', 'Install', 'Install: check']), random.whole(1, 3));
      const silence = strike('agent.silent', when, random.whole(300_000, 600_000), 'own');
      return { faults: { world: [silence, abort({ ...when, delayMs: random.whole(1_000, 10_000) })] } };
    },
  },
  {
    name: 'an alarm is red before the deploy',
    draw: (random) => ({
      faults: { world: [strike('alarm.redBefore', at('deploy', 'Take input'), random.whole(60_000, HALF_HOUR_MS), random.whole(0, 3))] },
    }),
  },
  {
    name: 'an operator resumes Auto Scaling in mid-deploy',
    draw: (random) => ({
      faults: { world: [strike('operator.resumed', at('rollTarget', random.pick(ROLL_STATES), random.whole(1, 3)), 0)] },
    }),
  },
  {
    name: 'a replica falls behind',
    draw: (random) => ({
      faults: {
        world: [strike('store.replicaBehind', at('rollTarget', 'Wait healthy', random.whole(1, 3)), random.whole(20_000, 300_000))],
      },
      needs: 'users',
    }),
  },
  { name: 'the load balancer is slow', draw: () => ({ faults: { slowLoadBalancer: true }, needs: 'users' }) },
  {
    name: 'a second deploy begins in mid-deploy',
    draw: (random) => ({
      faults: { world: [strike('operator.secondDeploy', at('rollTarget', random.pick(ROLL_STATES), random.whole(1, 3)), 0)] },
    }),
  },
];

/** The rare turns, and every Catch by itself. */
export function aimsOf({ catches }: Pick<Drawable, 'catches'>): readonly Aim[] {
  const waitsForSessions = catches.some(({ machine, state }) => machine === 'rollTarget' && state === 'Pin');
  const hasBundles = catches.some(({ machine, state }) => machine === 'rollTarget' && state === 'BeforeBlockTraffic');
  return [
    ...(hasBundles ? Array.from({ length: 12 }, () => BUNDLE_TURNS).flat() : []),
    // Half of the aims of such a fleet.
    ...(waitsForSessions ? Array.from({ length: 8 }, () => SESSION_TURNS).flat() : []),
    ...TURNS,
    ...SEVERAL_TURNS,
    ...PAUSE_TURNS,
    ...TROUBLES,
    ...catches.map(({ machine, state }) => ({
      name: `catch ${machine}/${state}`,
      draw(random: Random) {
        const way = WAYS[`${machine}/${state}`] ?? WAYS[machine];
        const persistent = [drawFailing(random, { machine, state }, BEYOND_RETRY_MS)];
        return way ? both(way(random), { faults: { persistent } }) : { faults: { persistent } };
      },
    })),
  ];
}
