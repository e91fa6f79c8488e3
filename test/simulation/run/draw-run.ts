import { QUALITIES, type Quality } from '../cloud/releases.ts';
import { drawBriefFaults, drawChaos } from '../faults/draw-faults.ts';
import { type Drawable, type FaultPlan, type Moment, NOTHING_GOES_WRONG } from '../faults/fault-plan.ts';
import type { Random } from '../kernel/random.ts';

export const RUN_KINDS = ['calm', 'brief', 'bad release', 'abort', 'chaos'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Where a release is bad. */
const BAD_AT = QUALITIES.filter((quality) => quality !== 'good');

/** One run, as its seed draws it. */
export interface RunPlan {
  readonly kind: RunKind;
  readonly servers: number;
  readonly users: number;
  /** Servers have the placeholder and no deploy has succeeded yet. */
  readonly first: boolean;
  readonly badAt?: Quality;
  readonly recover: boolean;
  readonly halts: boolean;
  readonly abortAt?: Moment;
  readonly faults: FaultPlan;
  /** Whether a further deploy without faults follows. */
  readonly again: boolean;
}

const MINIMUM_SERVERS = 3;
/** Every so many seeds a further deploy has to succeed. */
const AGAIN_EVERY = 5;

export function drawRun(seed: number, random: Random, drawable: Drawable): RunPlan {
  const kind = random.pick<RunKind>(['calm', 'brief', 'brief', 'bad release', 'bad release', 'abort', 'chaos', 'chaos', 'chaos', 'chaos']);
  const first = random.chance(0.12);
  const badAt = kind === 'bad release' || (kind === 'chaos' && random.chance(0.3)) ? random.pick(BAD_AT) : undefined;
  const inDeploy = drawable.states.filter(({ machine }) => machine === 'deploy' || machine === 'rollTarget');
  return {
    kind,
    servers: random.chance(0.05) ? 12 : MINIMUM_SERVERS + random.whole(0, random.chance(0.5) ? 1 : 3),
    users: first || random.chance(0.15) ? 0 : random.whole(5, 25),
    first,
    ...(badAt && { badAt }),
    recover: kind === 'chaos' && random.chance(0.1),
    halts: kind === 'chaos' && random.chance(0.15),
    ...(kind === 'abort' && {
      abortAt: { ...random.pick(inDeploy), visit: random.whole(1, 2), delayMs: random.chance(0.4) ? 0 : random.whole(0, 15_000) },
    }),
    faults: kind === 'brief' ? drawBriefFaults(random, drawable) : kind === 'chaos' ? drawChaos(random, drawable) : NOTHING_GOES_WRONG,
    again: seed % AGAIN_EVERY === 0,
  };
}

export function describeRun({ servers, users, first, badAt, recover, halts, abortAt, again }: RunPlan): string[] {
  return [
    `${servers} servers, ${users} users${first ? ', the first deploy' : ''}`,
    ...(badAt ? [`the release is bad at: ${badAt}`] : []),
    ...(abortAt ? [`stopped at ${abortAt.machine}/${abortAt.state}, visit ${abortAt.visit}, ${abortAt.delayMs} ms later`] : []),
    ...(recover ? ['with recover'] : []),
    ...(halts ? ['onFailure: halt'] : []),
    ...(again ? ['another deploy follows'] : []),
  ];
}
