/** A deploy's stop after its first targets, on its record. Times are milliseconds since the epoch. */

export interface DeployPause {
  /** How many targets the deploy has brought the release to before it waits. */
  readonly after: number;
  readonly startedAtMs: number;
  /** Nobody who has continued it by then rejects it: it rolls back. */
  readonly endsAtMs: number;
  /** Who had it go on with the others. */
  readonly continued?: DeployContinued;
}

export interface DeployContinued {
  readonly requestedBy: string;
  readonly atMs: number;
}

/** Of a deploy that was started with `--pause-after`. */
export interface PausableDeploy {
  /** After so many targets nothing begins until somebody continues it. */
  readonly pauseAfter?: number;
  /** Absent before it waits. */
  readonly pause?: DeployPause;
}
