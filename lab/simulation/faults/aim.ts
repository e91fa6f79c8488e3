/** What an aim is, and what aims are made of. */
import type { Quality } from '../cloud/releases.ts';
import type { Random } from '../kernel/random.ts';
import type { BundleRun } from '../run/bundle-run.ts';
import type { FaultPlan, Moment, WorldFault } from './fault-plan.ts';

/** What the operator does about a deploy that waits, so long after it began to; `ignored`: nothing. */
export interface PlannedPause {
  readonly after: number;
  readonly decision: 'continued' | 'rejected' | 'ignored';
  readonly delayMs: number;
}

/** What an aim asks of its run; all else is drawn. */
export interface Aimed {
  readonly faults: Partial<FaultPlan>;
  readonly badAt?: Quality;
  readonly servers?: number;
  /** `deploy.maxParallel`; with sessions in memory a deploy has one at a time all the same. */
  readonly maxParallel?: number | string;
  /** It stops after its first servers; with sessions in memory it is refused. */
  readonly pause?: PlannedPause;
  /** Whether users have to be there, or a first deploy has to run. */
  readonly needs?: 'users' | 'first';
  /** Nothing goes wrong at all: the deploy has to succeed. */
  readonly succeeds?: true;
  /** Nothing goes wrong but that the operator stops the deploy: it has to be rolled back. */
  readonly aborts?: true;
  /** Nothing goes wrong but the release: it has to be rolled back. */
  readonly rollsBack?: true;
  /** One server is restarted with the release that it has, in the place of a deploy. */
  readonly restarts?: 'one';
  /** Of a fleet of bundles alone. */
  readonly bundle?: Partial<Pick<BundleRun, 'bad' | 'slow'>>;
  /** Nothing else goes wrong: the aim is a matter of seconds. */
  readonly quiet?: boolean;
}

export interface Aim {
  /** `catch deploy/Plan`, `a lock taken over`. */
  readonly name: string;
  readonly draw: (random: Random) => Aimed;
}

export const HALF_HOUR_MS = 1_800_000;

export const at = (machine: string, state: string, visit = 1, delayMs = 0): Moment => ({ machine, state, visit, delayMs });
export const strike = (kind: WorldFault['kind'], when: Moment, lastsMs: number, server: WorldFault['server'] = 0): WorldFault => ({
  kind,
  when,
  lastsMs,
  server,
});
export const abort = (when: Moment) => strike('operator.abort', when, 0);

/** One after another; lists are joined, of other fields the last one counts. */
export function both(one: Aimed, other: Aimed): Aimed {
  const [a, b] = [one.faults, other.faults];
  return {
    ...one,
    ...other,
    faults: {
      ...a,
      ...b,
      persistent: [...(a.persistent ?? []), ...(b.persistent ?? [])],
      stops: [...(a.stops ?? []), ...(b.stops ?? [])],
      world: [...(a.world ?? []), ...(b.world ?? [])],
    },
  };
}
