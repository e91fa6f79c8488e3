import { PROCESSES } from '#local-aws/auto-scaling/group-state.ts';
import { QUALITIES, type Quality } from '../cloud/releases.ts';
import type { Aim, PlannedPause } from '../faults/aim.ts';
import { aimsOf } from '../faults/aims.ts';
import { drawBriefFaults, drawChaos, drawNoise, drawSlowCalls } from '../faults/draw-faults.ts';
import { type Drawable, type FaultPlan, type Moment, NOTHING_GOES_WRONG } from '../faults/fault-plan.ts';
import { inTurn } from '../faults/in-turn.ts';
import { drawPause } from '../faults/pause-aims.ts';
import type { Random } from '../kernel/random.ts';
import { type BundleRun, describeBundle } from './bundle-run.ts';

export const RUN_KINDS = ['calm', 'brief', 'bad release', 'abort', 'chaos'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Where a release is bad. */
const BAD_AT = QUALITIES.filter((quality) => quality !== 'good' && quality !== 'people');

/**
 * `hurt`: the release turns people away, or breaks their pages. `expected`: the same, and the deploy expects it; `misjudged`: it expects
 * the other one. `campaign`: it hurts nobody, and people are asked to log in wherever they are, from before the deploy or during it.
 */
export const PEOPLE_RUNS = ['hurt', 'expected', 'misjudged', 'campaign before', 'campaign'] as const;
export type PeopleRun = (typeof PEOPLE_RUNS)[number];

/** One run, as its seed draws it. */
export interface RunPlan {
  readonly kind: RunKind;
  /** What chaos is to come to. */
  readonly aim?: string;
  readonly servers: number;
  readonly users: number;
  /** How many servers the deploy works on at once. @default one */
  readonly maxParallel?: number | string | undefined;
  /** It waits to be continued after its first servers. */
  readonly pause?: PlannedPause | undefined;
  /** The fleet's members are addresses that it lists, of a target group with this deregistration delay, seconds. */
  readonly addresses?: number;
  /** Servers have the placeholder and no deploy has succeeded yet. */
  readonly first: boolean;
  readonly badAt?: Quality;
  /** What users meet in the run. */
  readonly people?: PeopleRun;
  /** Of a fleet of CodeDeploy bundles. */
  readonly bundle?: BundleRun;
  /** What the aim has of that. */
  readonly aimedBundle?: Partial<BundleRun>;
  readonly recover: boolean;
  readonly halts: boolean;
  /** One server is restarted with the release that it has, or all are, in the place of a deploy. */
  readonly restarts?: 'one' | 'all';
  readonly abortAt?: Moment;
  readonly faults: FaultPlan;
  /** Whether a further deploy without faults follows. */
  readonly again: boolean;
}

const MINIMUM_SERVERS = 3;
/** Share of runs whose deploys work on several servers at once, where they can. */
const SEVERAL = 0.4;
/** By the last digit of a seed: what it restarts, unless a bad release was drawn for it. */
const RESTARTS_AT: ReadonlyMap<number, 'one' | 'all'> = new Map([
  [5, 'one'],
  [8, 'all'],
]);
/** Every so many seeds a further deploy has to succeed. */
const AGAIN_EVERY = 5;
/** Share of runs with an aim that have independent faults as well. */
const NOISY = 0.4;
/** By when an aim has happened: a deploy of some servers, its clean-up, and the next one. */
const AIM_HEALS_MS = { least: 900_000, most: 1_800_000 };

export function drawRun(seed: number, random: Random, drawable: Drawable): RunPlan {
  // Two seeds of five, one aim after the other, so that each comes equally often.
  const aim = AIMED.get(seed % 5);
  if (aim !== undefined) {
    const aims = inTurn(aimsOf(drawable));
    return drawAimed(seed, random, aims[(Math.floor(seed / 5) * AIMED.size + aim) % aims.length] as Aim);
  }
  const kind = random.pick<RunKind>(KINDS);
  const faults = drawFaults(kind, random, drawable);
  // A placeholder's roll can end before its start is repeated, of which the answer was lost.
  const first = random.chance(faults.childStarts?.firstTakesEffect ? 0.7 : kind === 'brief' ? 0.3 : 0.12);
  const badAt = kind === 'bad release' || (kind === 'chaos' && random.chance(0.3)) ? random.pick(BAD_AT) : undefined;
  const restarts = badAt === undefined && !first ? RESTARTS_AT.get(seed % 10) : undefined;
  return {
    kind,
    ...drawFleet(random, first),
    ...(badAt && { badAt }),
    recover: kind === 'chaos' && random.chance(0.1),
    halts: kind === 'chaos' && random.chance(0.15),
    ...(restarts && { restarts }),
    ...(kind === 'abort' && { abortAt: random.chance(0.5) ? drawMoment(random, drawable) : drawTimeOfRoll(random) }),
    faults,
    again: seed % AGAIN_EVERY === 0,
  };
}

const KINDS: readonly RunKind[] = [
  'calm',
  'calm',
  'brief',
  'brief',
  'brief',
  'bad release',
  'bad release',
  'bad release',
  'abort',
  'abort',
  'chaos',
  'chaos',
  'chaos',
];
/** Which seeds have an aim, by their remainder. */
const AIMED: ReadonlyMap<number, number> = new Map([
  [2, 0],
  [4, 1],
]);

/** When an operator stops a deploy: at a state, wherever in it. */
const drawMoment = (random: Random, { states }: Drawable): Moment => ({
  ...random.pick(states.filter(({ machine }) => machine === 'deploy' || machine === 'rollTarget')),
  visit: random.whole(1, 4),
  delayMs: random.chance(0.4) ? 0 : random.whole(0, 15_000),
});

/** Most of a roll's time is a drain. */
const drawTimeOfRoll = (random: Random): Moment => ({
  machine: 'deploy',
  state: 'Roll target',
  visit: random.pick([1, 2, 2, 3]),
  delayMs: random.whole(2_000, 60_000),
});

const drawFleet = (random: Random, first: boolean) => ({
  servers: random.chance(0.05) ? 12 : MINIMUM_SERVERS + random.whole(0, random.chance(0.5) ? 1 : 3),
  users: first || random.chance(0.15) ? 0 : random.whole(5, 25),
  first,
});

function drawFaults(kind: RunKind, random: Random, drawable: Drawable): FaultPlan {
  switch (kind) {
    case 'brief':
      return drawBriefFaults(random, drawable);
    case 'chaos':
      return drawChaos(random, drawable);
    case 'abort':
      return random.chance(0.5) ? drawSlowCalls() : NOTHING_GOES_WRONG;
    default:
      return NOTHING_GOES_WRONG;
  }
}

function drawAimed(seed: number, random: Random, { name, draw }: Aim): RunPlan {
  const { faults, badAt, servers, maxParallel, pause, needs, succeeds, aborts, rollsBack, restarts, quiet, bundle } = draw(random);
  const drawn = drawFleet(random, needs === 'first' || (needs === undefined && !restarts && random.chance(0.05)));
  const noise = !quiet && random.chance(NOISY) ? drawNoise(random) : NOTHING_GOES_WRONG;
  return {
    kind: succeeds ? 'calm' : aborts ? 'abort' : rollsBack ? 'bad release' : 'chaos',
    aim: name,
    ...drawn,
    ...(needs === 'users' && { users: random.whole(8, 25) }),
    ...(servers !== undefined && { servers }),
    ...(maxParallel !== undefined && { maxParallel }),
    ...(pause && { pause }),
    ...(badAt && { badAt }),
    ...(restarts && { restarts }),
    ...(bundle && { aimedBundle: bundle }),
    recover: false,
    halts: false,
    faults: { ...noise, healAtMs: random.whole(AIM_HEALS_MS.least, AIM_HEALS_MS.most), ...faults },
    again: seed % AGAIN_EVERY === 0,
  };
}

/** How many at once, by a draw of its own: what else a seed draws stays as it is. */
export function drawSeveral(plan: RunPlan, random: Random): RunPlan {
  if (plan.maxParallel !== undefined || plan.restarts === 'one' || !random.chance(SEVERAL)) return plan;
  const maxParallel = random.pick<number | string>([2, 2, 3, '50%', '25%']);
  // The limit and the minimum of two at least, or the deploy is refused.
  const most = typeof maxParallel === 'number' ? maxParallel : 2;
  return { ...plan, servers: Math.max(plan.servers, most + 2 + random.whole(0, 2)), maxParallel };
}

/** Whether it stops after its first servers, by a draw of its own too. What has to succeed is continued; with halt it is refused. */
export function drawStop(plan: RunPlan, random: Random): RunPlan {
  if (plan.aim !== undefined || plan.restarts === 'one' || plan.halts) return plan;
  const pause = drawPause(random, plan.kind !== 'calm' && plan.kind !== 'brief');
  return pause === undefined ? plan : { ...plan, pause, servers: Math.max(plan.servers, pause.after + 1) };
}

/** Every so many seeds the members are addresses, unless something is drawn that happens to a group. No multiple of what else is drawn by. */
const ADDRESSES_EVERY = 7;
/** A created target group's default, and AWS's own. */
const DELAYS = [60, 300] as const;

/** Nobody replaces such servers: Auto Scaling is suspended throughout, and functions know no group. */
export function drawAddresses(seed: number, plan: RunPlan): RunPlan {
  if (seed % ADDRESSES_EVERY !== 0 || plan.aim !== undefined || plan.kind === 'chaos') return plan;
  const faults = { ...plan.faults, suspendedBefore: PROCESSES };
  return { ...plan, first: false, faults, addresses: DELAYS[Math.floor(seed / ADDRESSES_EVERY) % DELAYS.length] as number };
}

/** Share of runs in which nothing else is bad that are about people. */
const PEOPLE = 0.5;
/** So many of them come to each server at least: fewer cannot be judged. */
const USERS_OF_SERVER = 14;

/** What users meet, by a draw of its own too. Where sessions are in memory, servers have too few of them. */
export function drawPeople(plan: RunPlan, random: Random, isSticky: boolean): RunPlan {
  const { aim, first, badAt, restarts, users } = plan;
  if (aim !== undefined || first || badAt || restarts || users === 0 || !random.chance(PEOPLE)) return plan;
  const canHurt = !isSticky && (plan.kind === 'calm' || plan.kind === 'chaos');
  const people = random.pick(PEOPLE_RUNS.filter((one) => canHurt || one.startsWith('campaign')));
  const more = { people, users: Math.max(users, plan.servers * USERS_OF_SERVER) };
  if (people.startsWith('campaign')) return { ...plan, ...more };
  const kind = plan.kind === 'calm' && people !== 'expected' ? 'bad release' : plan.kind;
  return { ...plan, ...more, kind, badAt: 'people' };
}

export function describeRun({
  aim,
  people,
  bundle,
  addresses,
  pause,
  maxParallel,
  servers,
  users,
  first,
  badAt,
  recover,
  halts,
  restarts,
  abortAt,
  again,
}: RunPlan): string[] {
  return [
    ...(aim ? [`aims at: ${aim}`] : []),
    `${servers} servers, ${users} users${first ? ', the first deploy' : ''}`,
    ...(addresses === undefined ? [] : [`targets are addresses, with a deregistration delay of ${addresses} s`]),
    ...(maxParallel === undefined ? [] : [`at most ${maxParallel} at once`]),
    ...(pause ? [`stops after ${pause.after}, ${pause.decision} ${pause.delayMs} ms later`] : []),
    ...(people ? [`people: ${people}`] : []),
    ...(bundle ? describeBundle(bundle) : []),
    ...(badAt ? [`the release is bad at: ${badAt}`] : []),
    ...(abortAt ? [`stopped at ${abortAt.machine}/${abortAt.state}, visit ${abortAt.visit}, ${abortAt.delayMs} ms later`] : []),
    ...(restarts ? [restarts === 'one' ? 'a server is restarted' : 'all servers are restarted'] : []),
    ...(recover ? ['with recover'] : []),
    ...(halts ? ['onFailure: halt'] : []),
    ...(again ? ['another deploy follows'] : []),
  ];
}
