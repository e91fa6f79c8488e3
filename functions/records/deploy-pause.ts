/** A deploy's stop after its first targets, on its record. Times are milliseconds since the epoch. */

export interface DeployPause {
  /** How many targets the deploy has brought the release to before it waits. */
  readonly after: number;
  readonly startedAtMs: number;
  /** A deploy that nobody has continued by then counts as rejected, and is rolled back. */
  readonly endsAtMs: number;
  /** Who had it go on with the others. */
  readonly continued?: DeployContinued;
}

export interface DeployContinued {
  readonly requestedBy: string;
  readonly atMs: number;
}

/** The fields of a deploy's record that its option `--pause-after` sets. */
export interface PausableDeploy {
  /** Number of targets after which the deploy begins nothing until somebody continues it. */
  readonly pauseAfter?: number;
  /** Absent before it waits. */
  readonly pause?: DeployPause;
}
