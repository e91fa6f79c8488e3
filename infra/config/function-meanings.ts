/**
 * What the keys mean whose schemas are those of functions: they are here, because a function's bundle must not contain them. Importing it
 * records them.
 */
import { z } from 'zod';
import { deploySettings } from '../../functions/deploy/settings/settings.ts';
import { configuredSweepSettings, sweepDialect } from '../../functions/sweep/settings-schema.ts';

type Meaning = string | { readonly description: string; readonly unset: string };

/** A key that only tests and the local cloud set: the public schema and its page leave it out. */
const INTERNAL = { internal: true } as const;

function describeKeys<S extends z.core.$ZodShape>(
  schema: { readonly shape: S },
  meanings: { readonly [K in keyof S]: Meaning | typeof INTERNAL },
): void {
  for (const [key, part] of Object.entries(schema.shape)) {
    const meaning = meanings[key] as Meaning | typeof INTERNAL;
    z.globalRegistry.add(part as z.core.$ZodType, typeof meaning === 'string' ? { description: meaning } : { ...meaning });
  }
}

describeKeys(deploySettings, {
  deregistrationDelaySeconds: {
    description: "the target group's deregistration delay: at its end the load balancer cuts what still runs",
    unset: '300; 60 for a created target group with members `ip`',
  },
  drainFloorSeconds: 'shortest drain: the load balancer goes on sending requests for a while',
  quietSeconds: 'a drain ends after this long without a request, and none in flight',
  leastQuietSeconds: 'the shortest such silence, for a busy fleet',
  drainTimeoutSeconds: {
    description: 'longest drain: then the target returns to service and the deploy stops',
    unset: '`deregistrationDelaySeconds` − 10, which is also the maximum',
  },
  onDrainTimeout:
    'at `drainTimeoutSeconds`: `stop` returns the target to service; `cut` cuts at most `cutAtMost` requests, all older than the drain, and goes on',
  cutAtMost: 'the most requests per server that `cut` cuts, 1 to 100; with more, it cuts none and stops',
  drainSliceSeconds: INTERNAL,
  drainSignal: 'what shows the requests in flight: `counts`, `kernel` or `blind`; `auto` takes the first that works',
  longLived: 'WebSockets and endless streams: `close` ends them with the server, `wait` holds the drain until they end',
  installTimeoutSeconds: "longest install: download, stop, start; not the application's warm-up, which the readiness check waits for",
  preparationTimeoutSeconds: "longest wait for a new server's user data",
  healthIntervalSeconds: 'seconds between two requests of the readiness check until the first UP, and of the bake',
  healthDeadlineSeconds: 'longest wait for the readiness check',
  confirmIntervalSeconds: 'seconds between two requests of the readiness check after the first UP',
  healthyInARow: 'UP answers in a row that pass the readiness check, 1 to 20',
  registerTimeoutSeconds: {
    description: 'longest wait for `healthy` at the load balancer after registering',
    unset: '`deregistrationDelaySeconds` + 60, at least 300',
  },
  bakeSeconds: 'each server is observed this long after it is healthy',
  bakeMaxErrors: 'the bake fails on more 5xx responses of the server than this',
  bakeMaxLatencyMs: 'the bake fails on slower responses than this, in milliseconds; it goes on while they get faster, 90 s at most',
  bakeMaxUnwritten: {
    description:
      'the bake fails on more sampled requests than this that can [change a session without writing it](tomcat-attributes.md#how-are-lost-changes-found)',
    unset: 'none: a warning',
  },
  firstBakeSeconds: { description: 'the bake of the first servers, and of those before `--pause-after`', unset: '`bakeSeconds`' },
  pauseMinutes: 'minutes that a deploy with `--pause-after` waits to be continued, 1 to 240; then it rolls back',
  settleSeconds: 'alarms are watched this long once every server runs the release',
  onPeople: {
    description:
      'when users are turned away or their pages break: `stop` ends the deploy, `report` makes it a warning ([what stops a release](what-stops-a-release.md))',
    unset: '`stop`, which synthesis says until the key is there',
  },
  peopleWaitSeconds:
    "longest wait of the first bake for the load balancer's metrics, where nothing else counts what users meet; 0: no wait",
  alarmNames: 'names of your own alarms, at most 20, that must not go from OK to ALARM during a deploy',
  sessionDrainSeconds:
    'strategies `sticky` and `tomcat-cluster`: longest wait for the sessions of a server that does not report their time-out, and of each in a rollback; 0: deploys do not wait',
  ruleLagSeconds:
    'strategies `sticky` and `tomcat-cluster`: seconds until every node of the load balancer follows a changed rule, at most 300',
  minimumHealthyTargets: 'healthy targets at every moment, in a rollback too, not counting those being rolled: 2 needs a fleet of 3',
  maxParallel: 'servers out of service at once: a number, or a percentage such as `25%`, rounded down and at least 1',
  newcomerTimeoutSeconds:
    'longest wait for an instance that starts during the deploy, its user data included; then the deploy finishes without it',
  storeTimeoutSeconds: 'longest wait for the session store between two targets, at most 1,800',
  leaseSeconds: INTERNAL,
  onFailure: 'after a failure, an abort or a time-out: `rollback` restores the previous release, `halt` leaves the servers as they are',
  strayCallSeconds: INTERNAL,
  reconcileMinutes: INTERNAL,
  pollSeconds: INTERNAL,
  launchPollSeconds: INTERNAL,
  minimumAgentVersion: INTERNAL,
});

describeKeys(configuredSweepSettings, {
  policy: {
    description: 'what a sweep does with a session without a TTL: `report`, `expire` or `delete`',
    unset: '`expire` in a created store; in yours `report`, or what its sweeps do already',
  },
  policies: 'policy by dialect, which overrides `policy`: `{ "connect-redis": "report" }`',
  idleSeconds: 'lifetime of a dialect\'s sessions in seconds, where their keys do not contain it: `{ "phpredis": 1440 }`',
  dialects: 'key formats of your own, at most 50: a list ([sweeps](sweeps.md))',
  readFrom: 'where pages of keys are read: `replica`, if one is in step, or always the `primary`',
  sampleEvery: 'at least one in this many keys with a TTL is sampled for counts and sizes',
  maxDeletes: 'maximum number of keys that one sweep deletes',
  minTtlSeconds: 'shortest TTL that a sweep sets, also for a session past its lifetime',
  jitterSeconds: 'TTLs are extended by a random time up to this, so that they do not all end in one second',
  reconcile: "removes members from Spring's principal index whose session no longer exists",
  pace: "`gentle` takes a hundredth of the store's time, `fast` ends sooner",
  everyHours: 'hours between two scheduled sweeps, 1 to 168',
  coolDownMinutes: 'shortest time between the start of a sweep and the next one that an alarm starts, 1 to 1,440 minutes',
});

describeKeys(sweepDialect, {
  name: 'name of the dialect: lower-case letters, digits and hyphens',
  pattern: 'what its keys look like: `*` is any text, `{hex:32}` and the like an id',
  type: 'type of its values: `string`, `hash`, `set`, `zset`, `list` or `stream`',
  firstBytes: 'what a value of type string begins with, in hexadecimal',
  field: 'a field that each of its hashes has',
  structural: 'the keys have no TTL by design: sweeps never change them',
  idleSeconds: 'lifetime of a session after its last use, in seconds',
});
