/** What the steps on a server carry from one slice to the next. */

/** Carried from one slice of wait-idle to the next. */
export interface DrainProgress {
  /** Requests counter at the end of the last slice; absent before the first and for servers without counts. */
  readonly requests?: number;
  /** In the server's memory at the end of the first slice; absent for servers that hold none. */
  readonly sessions?: number;
  /** How long, at the end of the last slice, no request had arrived. */
  readonly quietSeconds: number;
}
export interface GateProgress {
  readonly upInARow: number;
  /** Status code and `status` field of the last answer, or the connection's error. */
  readonly lastAnswer: string;
}
export interface BakeProgress {
  /** 5xx counter when the bake began; absent for servers without counts. */
  readonly errorsAtStart?: number;
  readonly errors?: number;
}
