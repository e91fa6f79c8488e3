/** One target while it is rolled, and what its phases carry from look to look. */

/** One target while it is rolled: what the RollTarget state machine carries. */
export interface Roll {
  readonly instanceId: string;
  /** Release on the instance before. */
  readonly fromVersion: string;
  /** Absent in a deploy, which rolls its own version; of a rollback the release to go back to. */
  readonly toVersion?: string;
  /** Name of the execution that rolls it, on record before it starts, so that a clean-up can stop it. */
  readonly executionName: string;
  /** SSM command that is being waited for. */
  readonly commandId?: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly commandSentAtMs?: number;
  /** When the current phase began, milliseconds since the epoch. */
  readonly phaseStartedAtMs: number;
  /** How long no request has to arrive; chosen when the roll began, from how busy the fleet is. */
  readonly quietSeconds: number;
  /** Its archive did not come whole once: the second time counts. */
  readonly installedAgain?: true;
  readonly drain?: DrainProgress;
  readonly gate?: GateProgress;
  readonly bake?: BakeProgress;
}

/** Carried from one slice of wait-idle to the next. */
export interface DrainProgress {
  /** Requests counter at the end of the last slice; absent before the first and for servers without counts. */
  readonly requests?: number;
  readonly inFlight?: number;
  /** In the server's memory when it was first looked at; absent for servers that hold none. */
  readonly sessions?: number;
  /** How long, at the end of the last slice, no request had arrived. */
  readonly quietSeconds: number;
}
export interface GateProgress {
  readonly upInARow: number;
  /** Status and first 200 characters of the last answer, or the connection's error. */
  readonly lastAnswer: string;
}
export interface BakeProgress {
  /** 5xx counter when the bake began; absent for servers without counts. */
  readonly errorsAtStart?: number;
  readonly errors?: number;
}
