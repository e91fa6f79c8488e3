/** What starts a deploy, and every time and threshold of it. Times are in seconds unless a name states another unit. */

import { bakeSettings, drainSettings, installSettings, readySettings, seconds } from '../../instance/settings.ts';
import * as z from '../../shared/schema.ts';
import { VERSION_PATTERN } from '../../shared/version.ts';

/** A fleet's name, as in every resource name, tag, command and record. */
export const FLEET_PATTERN = '^[a-z][a-z0-9-]{0,23}$';

/** What a release can do to users by intent: log them out or refuse them, or have pages that lack parts. */
export const EXPECTED = ['turned-away', 'pages'] as const;
export type Expected = (typeof EXPECTED)[number];

export const ADOPTIONS = ['equal', 'differences'] as const;
export type Adoption = (typeof ADOPTIONS)[number];

/** What starts the deploy state machine. Unknown keys are refused. */
export const deployInput = z.strictObject({
  version: z.matching(new RegExp(VERSION_PATTERN)),
  /** Rolls a fleet that has no healthy target: the minimum of healthy targets does not apply. */
  recover: z.optional(z.boolean()),
  /** With `recover`: the deploy is still refused when it cannot wait for a server's sessions. */
  keepsSessions: z.optional(z.boolean()),
  /** What becomes of the targets when the deploy fails; the fleet's own setting without it. */
  onFailure: z.optional(z.enum(['rollback', 'halt'])),
  /** Id of an instance: the deploy of the fleet's current release restarts it, and touches nothing else. */
  restart: z.optional(z.matching(/^m?i-[0-9a-f]{1,17}$/)),
  /** The deploy of the fleet's current release restarts every server with it, one after the other. */
  restartAll: z.optional(z.literal(true)),
  /**
   * Servers keep running what they run, and take it for the release, whose files they have; with `differences` also if some differ. Of a
   * fleet of CodeDeploy bundles.
   */
  adopt: z.optional(z.enum(ADOPTIONS)),
  /** Scripts of the bundle before, which stop it, may fail, as CodeDeploy's option of that name has it. */
  ignoreApplicationStopFailures: z.optional(z.literal(true)),
  /** The number of targets, done with their bakes, after which the deploy waits until an operator continues it. */
  pauseAfter: z.optional(z.whole(1, 1_000)),
  /** What this one release does to users by intent: neither the verdict nor the alarms that see it stop the deploy. */
  expect: z.optional(z.enum(EXPECTED)),
  /** Who requested it, for the record: a user or role name. */
  requestedBy: z.optional(z.text(0, 128)),
});

/** Every time and threshold of a deploy. Where the shell script that Holdfast replaces has a value, it is the default. */
export const deploySettings = z.strictObject({
  ...drainSettings.shape,
  ...installSettings.shape,
  ...readySettings.shape,
  /** Longest wait for `healthy` at the load balancer after registering. @default defaultRegisterTimeoutSeconds */
  registerTimeoutSeconds: z.optional(seconds),
  ...bakeSettings.shape,
  /** The bake of the first targets: those that begin before one is done, and those before `--pause-after`. @default bakeSeconds */
  firstBakeSeconds: z.optional(seconds),
  /** How long a deploy with `--pause-after` waits to be continued at most, in minutes; then it rolls back. */
  pauseMinutes: z._default(z.whole(1, 240), 30),
  /** At the end, long enough for alarms to fire: metrics are a minute old, and alarms need two datapoints of three. */
  settleSeconds: z._default(seconds, 180),
  /** What a deploy does when users are turned away or their pages break, by its bakes and by alarms: `report` makes it a warning. @default stop */
  onPeople: z.optional(z.enum(['stop', 'report'])),
  /** Longest wait for the load balancer's metrics, a minute or two late, where nothing else counts what users meet. 0: no wait. */
  peopleWaitSeconds: z._default(z.whole(0, 600), 150),
  /** Names of alarms that must not go from OK to ALARM during the deploy: those of the configuration, and at run time the web tier's too. */
  alarmNames: z._default(z.array(z.text(1, 255)), []),
  /**
   * Longest wait for the sessions in a server's memory, where a fleet drains them: the sessions' time-out and two minutes, since servers
   * end idle sessions once a minute. The server's own time-out counts instead where the server reports it. 0: deploys do not wait.
   */
  sessionDrainSeconds: z._default(seconds, 1_920),
  /** How long a changed listener rule takes until every node of the load balancer follows it: AWS states no limit, and users saw 25 s. */
  ruleLagSeconds: z._default(seconds.check(z.maximum(300)), 60),
  /** At least this many targets stay healthy at every moment, the one being rolled not counted: 2 needs a fleet of 3. */
  minimumHealthyTargets: z._default(z.whole(0), 2),
  /**
   * How many servers are out of service at once: a number, or a percentage of the fleet, rounded down and at least one. The minimum of
   * healthy targets holds all the same.
   */
  maxParallel: z._default(z.union([z.whole(1, 1_000), z.matching(/^([1-9][0-9]?|100)%$/)]), 1),
  /** How long the deploy waits for each instance that starts while it runs, packages and install included; then it finishes without it. */
  newcomerTimeoutSeconds: z._default(seconds, 1_200),
  /** How long the session store can be without a primary or its replicas between two targets: a failed node is replaced in minutes. */
  storeTimeoutSeconds: z._default(seconds.check(z.maximum(1_800)), 900),
  /** Life of the lock without renewal: above the longest wait between two steps (300 s) and a function's limit (60 s), twice. */
  leaseSeconds: z._default(seconds.check(z.minimum(120)), 720),
  /** After a failure, an abort or a time-out: `rollback` brings every target back to its previous release, `halt` stops where it is. */
  onFailure: z._default(z.enum(['rollback', 'halt']), 'rollback'),
  /**
   * How long a clean-up lets calls end that the stopped execution may still have under way: the functions' own limit.
   * Step Functions does not stop a function that runs.
   */
  strayCallSeconds: z._default(z.whole(0, 900), 60),
  /** How often a schedule checks for deploys that ended without their clean-up: status events are best-effort. */
  reconcileMinutes: z._default(z.whole(1, 60), 5),
  /** Between two checks of an instance that starts, or of the alarms while the deploy settles. */
  pollSeconds: z._default(seconds, 10),
  /** Between two checks whether the agent of a launching instance reports. */
  launchPollSeconds: z._default(seconds, 20),
  /** ENV_VAR interpolation of SSM parameters needs this agent. */
  minimumAgentVersion: z._default(z.string(), '3.3.2746.0'),
});
export type DeploySettings = z.infer<typeof deploySettings>;

/** Every setting has a value. */
export type ResolvedSettings = DeploySettings & { readonly drainTimeoutSeconds: number; readonly registerTimeoutSeconds: number };

/**
 * That a target which is registered while it drains leaves `draining` at once is not documented: it may be shown so, and get no
 * requests, until the deregistration delay has passed. A minute is for its health checks then.
 */
export const defaultRegisterTimeoutSeconds = (deregistrationDelaySeconds: number): number => Math.max(300, deregistrationDelaySeconds + 60);

/**
 * How long a deploy waits until an address can be registered again at most: until its deregistration delay has passed, and a minute more. A
 * target group with a longer delay than the settings have is waited for as long as for a target's health.
 */
export const longestDelaySeconds = ({
  deregistrationDelaySeconds,
  registerTimeoutSeconds,
}: Pick<ResolvedSettings, 'deregistrationDelaySeconds' | 'registerTimeoutSeconds'>): number =>
  Math.max(registerTimeoutSeconds, deregistrationDelaySeconds + 60);

/** Environment of functions that read the fleet's settings: JSON, in which defaults can be missing. */
export const SETTINGS_ENV = { deploySettings: 'HOLDFAST_DEPLOY_SETTINGS' } as const;
