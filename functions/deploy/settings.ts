/** What starts a deploy, and every time and threshold of it. Times are in seconds unless a name says otherwise. */
import { z } from 'zod';
import { VERSION_PATTERN } from '../shared/version.ts';

/** A fleet's name, as in every resource name, tag, command and record. */
export const FLEET_PATTERN = '^[a-z][a-z0-9-]{0,23}$';

/** What starts the deploy state machine. Unknown keys are refused. */
export const deployInput = z.strictObject({
  version: z.string().regex(new RegExp(VERSION_PATTERN)),
  /** Rolls a fleet that has no healthy target: the minimum of healthy targets is not asked for. */
  recover: z.boolean().optional(),
  /** What becomes of the targets when the deploy fails; the fleet's own setting without it. */
  onFailure: z.enum(['rollback', 'halt']).optional(),
  /** Who asked, for the record: a user or role name. */
  requestedBy: z.string().max(128).optional(),
});

const seconds = z.number().min(0).max(172_800);

/** Every time and threshold of a deploy. Defaults are the seed script's where it has one. */
export const deploySettings = z.strictObject({
  /** The target group's deregistration delay. Seed: sleep 30. */
  deregistrationDelaySeconds: seconds.default(30),
  /** Shortest drain, whatever the counts say: the load balancer goes on sending for a while. */
  drainFloorSeconds: seconds.default(10),
  /** No request for this long, and none in flight, is idle. Above the propagation lag that users measured (15–25 s). */
  quietSeconds: seconds.default(25),
  /** The shortest such silence that a busy fleet is asked for: where many requests were to be expected, a short one tells as much. */
  leastQuietSeconds: seconds.default(5),
  /** Past this the target is put back and the deploy stops. Default: the deregistration delay plus 30 s. */
  drainTimeoutSeconds: seconds.optional(),
  /** One look of the wait-idle document; progress is as fresh as this. */
  drainSliceSeconds: seconds.default(10),
  installTimeoutSeconds: seconds.default(300),
  /** The seed asks every 5 s, for ever. */
  healthIntervalSeconds: seconds.default(5),
  healthDeadlineSeconds: seconds.default(300),
  /** Between two questions once the release has said UP: the others only confirm it. */
  confirmIntervalSeconds: seconds.default(1),
  /** UP answers in a row that pass the gate. */
  healthyInARow: z.int().min(1).max(20).default(3),
  /** Longest wait for `healthy` at the load balancer after registering. */
  registerTimeoutSeconds: seconds.default(300),
  /** Seed: sleep 15. */
  bakeSeconds: seconds.default(15),
  /** 5xx answers of the target's own during the bake that fail it. */
  bakeMaxErrors: z.int().min(0).default(0),
  /**
   * Slowest answer time during the bake, measured on the instance: the contract's own `latencyMs` probe, else the median
   * of the load balancer's health path. A path that only says "alive" answers in milliseconds; a second is a server in trouble.
   */
  bakeMaxLatencyMs: z.number().min(1).default(1_000),
  /** At the end, long enough for alarms to speak: metrics are a minute old, and alarms want two of three. */
  settleSeconds: seconds.default(180),
  /** Names of alarms that must not go from OK to ALARM during the deploy. */
  alarmNames: z.array(z.string()).max(20).default([]),
  /** At least this many targets stay healthy at every moment, the one being rolled not counted: 2 needs a fleet of 3. */
  minimumHealthyTargets: z.int().min(0).default(2),
  /** How long an instance that is starting may hold up the plan. */
  newcomerTimeoutSeconds: seconds.default(600),
  /** How long the session store may be without a primary or its replicas between two targets: a failed node is replaced in minutes. */
  storeTimeoutSeconds: seconds.max(1_800).default(900),
  /** Life of the lock without renewal: above the longest wait between two steps (300 s) and a function's limit (60 s), twice. */
  leaseSeconds: seconds.min(120).default(720),
  /** After a failure, an abort or a time-out: `rollback` brings every target back to its release before, `halt` stops where it is. */
  onFailure: z.enum(['rollback', 'halt']).default('rollback'),
  /**
   * How long a clean-up lets calls end that the stopped execution may still have under way: the functions' own limit.
   * Step Functions does not stop a function that runs.
   */
  strayCallSeconds: z.int().min(0).max(900).default(60),
  /** How often a schedule looks for deploys that ended without their clean-up: status events are best-effort. */
  reconcileMinutes: z.int().min(1).max(60).default(5),
  /** Between two looks at an instance that starts, or at the alarms while the deploy settles. */
  pollSeconds: seconds.default(10),
  /** Between two looks of a launching instance for a release: a history of 25,000 events lasts 12 h so, 9 a look. */
  launchPollSeconds: seconds.default(20),
  /** ENV_VAR interpolation of SSM parameters needs this agent. */
  minimumAgentVersion: z.string().default('3.3.2746.0'),
});
export type DeploySettings = z.infer<typeof deploySettings>;
