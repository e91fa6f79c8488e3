/** What `npm run bench:people -- --json` prints: one {@link ReleaseBench}. */
import type { PeopleAnswer, PeopleKind } from '../../../functions/people/contract.ts';

/** One deploy, and what its users met. */
export interface ReleaseCase {
  readonly name: string;
  readonly app: string;
  readonly expected: 'stop' | 'pass';
  /** `stop`: for people. Any other failure is `failed`. */
  readonly outcome: 'stop' | 'pass' | 'failed';
  readonly kind: PeopleKind | null;
  readonly users: number;
  readonly hurt: number;
  /** Users whom the new release had answered by the failure on record; in all, where there was none. */
  readonly metNew: number;
  readonly serversWithNew: number;
  /** From the first healthy answer of the last server that has it to the failure on record. */
  readonly secondsToStop: number | null;
  readonly source: 'access log' | 'counts' | 'load balancer' | 'unchecked';
}

export interface ReleaseBench {
  readonly cases: readonly ReleaseCase[];
  readonly missed: readonly string[];
  readonly falseStops: readonly string[];
  readonly resampled: { readonly seeds: number; readonly stopped: number; readonly by: Readonly<Record<string, number>> };
}

/** What the servers answered at one look, as the deploy has judged it. */
export interface RecordedLook {
  readonly own: PeopleAnswer;
  readonly fresh: readonly PeopleAnswer[];
  readonly old: readonly PeopleAnswer[];
  /** What was counted, by the deploy's own rule. */
  readonly unit: 'people' | 'requests';
  /** What people met before is on record since the deploy's first bake. */
  readonly isFirstServer: boolean;
}

export interface RecordedDeploy {
  readonly name: string;
  readonly looks: readonly RecordedLook[];
}

/** What the benchmark prints of one deploy in which something went wrong, with `--script`. */
export interface PeopleCase {
  readonly name: 'bad-release' | 'store-failure' | 'another-secret';
  /** `codeDeploy`: its order of steps, one server at a time, stopped by an alarm on 5xx. */
  readonly by: 'script' | 'codeDeploy' | 'holdfast';
  readonly users: number;
  /** Users who lost their session, or had a request that failed. */
  readonly usersHurt: number;
  readonly requests: number;
  readonly failed: number;
  readonly sessionsLost: number;
  /** Until nothing more was rolled and what was is back; null: every server has the release. */
  readonly secondsUntilStopped: number | null;
  readonly serversWithNew: number;
}
