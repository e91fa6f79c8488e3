/** What the steps on a server carry from one slice to the next. */
import type { SlowAnswers } from './judge-latency.ts';

export interface DrainedTarget {
  /** Those at which the load balancer knew the server; none: the server's own port. */
  readonly ports: readonly number[];
  /** One connection carries several requests at once (HTTP/2, gRPC): the kernel's view of connections shows nothing. */
  readonly multiplexed?: true;
  /** It is an address, which the load balancer takes again only after its deregistration delay. */
  readonly returnsAfterDelay?: true;
  /** The earliest moment at which the deregistration delay can have begun, in milliseconds since the epoch. */
  readonly deregisteredAtMs: number;
}

export interface DrainProgress {
  /** Absent for a server that a deploy has not taken out. */
  readonly target?: DrainedTarget;
  /** Requests counter at the end of the last slice; absent before the first and for servers without counts. */
  readonly requests?: number;
  /** Sessions in the server's memory at the end of the first slice; absent for servers that keep none. */
  readonly sessions?: number;
  /** How long, at the end of the last slice, no request had arrived. */
  readonly quietSeconds: number;
  readonly reason?: string;
  /** Requests that the drain's end cuts, where it waits for them no longer; `unknown` of a blind one. */
  readonly cut?: number | 'unknown';
}
/** `lastAnswer`: status code and `status` field of the last answer, or the connection's error. */
export type ReadyProgress = { readonly upInARow: number; readonly lastAnswer: string };
export interface BakeProgress {
  /** 5xx counter when the bake began; absent for servers without counts. */
  readonly errorsAtStart?: number;
  readonly errors?: number;
  /** The last slice's answers, where they took too long: the bake goes on while they get faster. */
  readonly slow?: SlowAnswers;
}
