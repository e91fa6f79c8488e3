/** A bake's limit on the server's answer time. A release that has just started answers slowly, and gets faster. */
import type { ObserveOutput } from './document-contract.ts';
import { BakeFailed } from './errors.ts';

/** How long after its begin a bake goes on although the server's answers take too long, as long as they get faster. */
export const WARM_UP_SECONDS = 90;

/** The server's answer time by its last slice, where that was too long. */
export interface SlowAnswers {
  readonly latencyMs: number;
  /** The server's counter of requests then; absent for servers without one. */
  readonly requests?: number;
}

export interface LatencyLook {
  readonly instanceId: string;
  /** By the latest slice; absent where it could not be read. */
  readonly latencyMs?: number | undefined;
  readonly requests?: number | undefined;
  /** What the slice before found, where that was too long. */
  readonly before?: SlowAnswers | undefined;
  readonly elapsedMs: number;
}

/**
 * Whether the answers are fast enough. `latencyMs` is a mean of the last minute in many applications, so the first slice of a sound release can
 * have seen little but its first answers: too long a time counts only when it does not fall, or when {@link WARM_UP_SECONDS} have passed. A time
 * that is the same as before, with no request in between, is the same reading.
 * @returns the answers that are too slow, for which the bake goes on; undefined when they are fast enough
 * @throws BakeFailed
 */
export function judgeLatency(look: LatencyLook, bakeMaxLatencyMs: number): SlowAnswers | undefined {
  const { latencyMs = look.before?.latencyMs, requests = look.before?.requests, before, elapsedMs } = look;
  if (latencyMs === undefined || latencyMs <= bakeMaxLatencyMs) return undefined;
  const isSame =
    latencyMs === before?.latencyMs && (look.latencyMs === undefined || (requests !== undefined && requests === before.requests));
  const falls = before === undefined || latencyMs < before.latencyMs || isSame;
  if (falls && elapsedMs < WARM_UP_SECONDS * 1000) return { latencyMs, ...(requests !== undefined && { requests }) };
  const why = falls
    ? `${Math.round(elapsedMs / 1000)} s after its bake began`
    : `after ${inMs(before.latencyMs)} before: they do not get faster`;
  throw new BakeFailed(
    `${look.instanceId} took ${inMs(latencyMs)} to answer while it baked, ${why}. bakeMaxLatencyMs allows ${bakeMaxLatencyMs} ms. If the release is sound and only starts slowly, warm it up before its readiness path answers UP, give the target group a slow start (slow_start.duration_seconds), or increase bakeMaxLatencyMs`,
  );
}

/** None has ended, so that no answer's time could be judged. A server counts its requests from 0 at the start of the release. */
export const isUnjudged = ({ inFlight = 0, requests }: Pick<ObserveOutput, 'inFlight' | 'requests'>): boolean =>
  inFlight > 0 && requests !== undefined && requests <= inFlight;

export const unjudgedWarning = (
  version: string,
  { bakeSeconds, bakeMaxLatencyMs }: { readonly bakeSeconds: number; readonly bakeMaxLatencyMs: number },
): string =>
  `${version} baked without a response time: no answer ended within ${bakeSeconds} s, so that bakeMaxLatencyMs (${bakeMaxLatencyMs} ms) judged none. Set deploy.bakeSeconds to more than the longest usual answer takes; the local cloud uses it only with --real-time.`;

/** What a target's record has while its bake goes on for slow answers. */
export const describeSlow = ({ latencyMs }: SlowAnswers, bakeMaxLatencyMs: number): string =>
  `its answers take ${inMs(latencyMs)}, and bakeMaxLatencyMs allows ${bakeMaxLatencyMs} ms: the bake goes on while they get faster, at most until ${WARM_UP_SECONDS} s after its begin`;

const inMs = (value: number): string => `${Math.round(value)} ms`;
