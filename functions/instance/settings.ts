/** Times and thresholds of the steps on a server. Times are in seconds unless a name states another unit. */
import * as z from '../shared/schema.ts';
import { DRAIN_SIGNALS, LONG_LIVED } from './document-contract.ts';

export const seconds = z.number().check(z.minimum(0), z.maximum(172_800));

export const drainSettings = z.strictObject({
  /** The target group's deregistration delay: when it ends, the load balancer cuts what still runs. */
  deregistrationDelaySeconds: z._default(seconds, 300),
  /** Shortest drain, whatever the counts show: the load balancer goes on sending for a while. */
  drainFloorSeconds: z._default(seconds, 10),
  /** No request for this long, and none in flight, is idle. Above the propagation lag that users measured (15–25 s). */
  quietSeconds: z._default(seconds, 25),
  /** The shortest such silence for a busy fleet: where many requests were to be expected, a short silence proves as much. */
  leastQuietSeconds: z._default(seconds, 5),
  /** After this the target is registered again and the deploy stops. Default and maximum: 10 s before the delay ends (drain-times.ts). */
  drainTimeoutSeconds: z.optional(seconds),
  /** At the time-out: `stop` gives the drain up; `cut` ends it where at most `cutAtMost` requests are left, all from before the deregistration. */
  onDrainTimeout: z._default(z.enum(['stop', 'cut']), 'stop'),
  cutAtMost: z._default(z.whole(1, 100), 5),
  /** Length of one run of the wait-idle document; progress is as fresh as this. */
  drainSliceSeconds: z._default(seconds, 10),
  /** What shows that requests are in flight. `auto`: the application's counts, else the kernel's view of its connections, else nothing. */
  drainSignal: z._default(z.enum(DRAIN_SIGNALS), 'auto'),
  /** Whether the drain waits until WebSockets and endless streams end (`wait`), or they are closed when the server stops (`close`). */
  longLived: z._default(z.enum(LONG_LIVED), 'close'),
});
/** The settings of a drain, with the default time-out filled in. */
export type DrainSettings = z.infer<typeof drainSettings> & { readonly drainTimeoutSeconds: number };

export const installSettings = z.strictObject({
  installTimeoutSeconds: z._default(seconds, 300),
  /** Longest wait for a new server's user data, which itself gives up on packages after 900 s. */
  preparationTimeoutSeconds: z._default(seconds, 1200),
});

export const readySettings = z.strictObject({
  /** Time between two requests until the first UP. */
  healthIntervalSeconds: z._default(seconds, 5),
  healthDeadlineSeconds: z._default(seconds, 300),
  /** Between two requests once the release has answered UP: the others only confirm it. */
  confirmIntervalSeconds: z._default(seconds, 1),
  healthyInARow: z._default(z.whole(1, 20), 3),
});
export type ReadySettings = z.infer<typeof readySettings>;

export const bakeSettings = z.strictObject({
  bakeSeconds: z._default(seconds, 15),
  /** The bake fails on more 5xx answers by the target itself than this. */
  bakeMaxErrors: z._default(z.whole(0), 0),
  /**
   * Slowest answer time during the bake, measured on the instance: the contract's own `latencyMs` probe, else the median
   * of the load balancer's health path. A path that only answers "alive" takes milliseconds; a second is a server in trouble. While
   * slower answers get faster, the bake goes on (judge-latency.ts).
   */
  bakeMaxLatencyMs: z._default(z.number().check(z.minimum(1)), 1_000),
  /** The bake fails on more sampled requests than this that changed a session attribute which was not written. @default none: a warning */
  bakeMaxUnwritten: z.optional(z.whole(0)),
});
/** The bake checks the server at the same interval. */
export type BakeSettings = z.infer<typeof bakeSettings> & Pick<ReadySettings, 'healthyInARow' | 'healthIntervalSeconds'>;
