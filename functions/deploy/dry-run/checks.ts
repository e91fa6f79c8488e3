/** Everything that refuses a deploy before it touches anything, and all that it warns of, by the rules and in the order of its own steps. Pure. */
import { describeHolder, isLockHeld } from '../../records/outcome-text.ts';
import type { DeployRecord, LockRecord, ReleaseRecord } from '../../records/types.ts';
import { stickySeconds } from '../../shared/aws/attributes-reader.ts';
import { type Check, checksOf, error, notice, ok, refusal, warning } from '../../shared/check.ts';
import type { HoldfastError } from '../../shared/errors.ts';
import { counted, durationText } from '../../shared/texts.ts';
import { PREFLIGHT_CHECKS } from '../assess/preflight.ts';
import type { PreflightFacts } from '../assess/preflight-facts.ts';
import { foundUnserved } from '../command/stage-assets.ts';
import { DeployInProgress, InvalidInput, ReleaseNotFound, SessionsNotDrainable } from '../errors.ts';
import { unfitPause } from '../pause/unfit-pause.ts';
import { MORE_CONCURRENCY, whyThrottled } from '../rolls/judge-concurrency.ts';
import type { JudgedFront } from '../sessions/judge-drain-groups.ts';
import { judgeRoutes, judgeTimes, namelessCookie, type ServerSessions } from '../sessions/judge-routes.ts';
import { unfitRoutes } from '../sessions/pin-pattern.ts';
import { unfitParallel } from '../sessions/sessions.ts';
import { warnOfTheLimit } from './forecast.ts';

export interface DeployFacts extends PreflightFacts {
  readonly fleet: string;
  readonly region: string;
  readonly nowMs: number;
  readonly lock: LockRecord | undefined;
  /** Undefined when it was never published. */
  readonly release: ReleaseRecord | undefined;
  /** Newest first. */
  readonly latest: readonly DeployRecord[];
  /** Why the store would refuse the deploy; undefined where it does not, or did not answer. */
  readonly storeFault: HoldfastError | undefined;
  /** The drain rule and the group that it leads to; absent for a fleet whose deploys do not wait for sessions, as what follows from it. */
  readonly drainFront: JudgedFront;
  /** Servers that users can have sessions on, with what is known of these. */
  readonly serverSessions: readonly ServerSessions[];
  /** Ids of the servers that have answered what they know of them. */
  readonly answered: readonly string[];
  /** What the account's functions without a reservation of their own share in the Region. */
  readonly unreservedConcurrency: number;
  /** How many servers are rolled at once. */
  readonly atOnce: number;
  /** How long a deploy that does not wait for sessions takes if every wait lasts as long as the settings allow. */
  readonly worstSeconds: number;
  /** A command for the fleet, as it is printed; absent in a dry run. */
  readonly command: (words: string) => string;
}

const check = checksOf<DeployFacts>('dry-run');

/** A deploy with `recover` goes on, and has the problems as warnings. */
const problems = (found: readonly string[], recover: boolean) =>
  found.map((problem) => error(problem, '', { refuses: recover ? undefined : new SessionsNotDrainable(problem) }));

const BEFORE_PREFLIGHT: readonly Check<DeployFacts>[] = [
  check('lock', ['fleet', 'lock', 'nowMs', 'command?'], {
    when: ['dry-run', 'doctor'],
    what: 'the lock that allows one deploy of the fleet at a time',
    why: 'the lock allows one deploy of a fleet at a time; a holder that no longer renews its lease died during the deploy',
    judge({ lock, nowMs, fleet, command }) {
      if (lock?.deployId === undefined) return ok('no deploy holds the lock');
      const who = describeHolder(lock);
      if (isLockHeld(lock, nowMs))
        return notice(`${who} is running`, 'run doctor again when it has ended', { refuses: new DeployInProgress(fleet, lock) });
      // It refuses nothing: the next deploy takes the lock over.
      if (command === undefined) return undefined;
      return warning(
        `${who} still holds the lock, although its lease expired at ${new Date(lock.expiresAtMs ?? 0).toISOString()}`,
        `check "${command('status')}" and the targets: servers may be out of service; the next deploy takes the lock over`,
      );
    },
  }),
  check('release', ['release', 'fleet', 'version'], {
    what: 'whether the release is published',
    judge: ({ release, fleet, version }) => (release ? [] : refusal(new ReleaseNotFound(fleet, version))),
  }),
];

const AFTER_PREFLIGHT: readonly Check<DeployFacts>[] = [
  check('session-store', ['storeFault'], {
    what: "what the deploy's own check of the session store finds",
    judge: ({ storeFault }) => (storeFault ? refusal(storeFault) : []),
  }),
  // It refuses a deploy with `recover` as well.
  check('one-at-a-time', ['drainFront', 'settings'], {
    what: 'whether deploys that wait for sessions roll one server at a time',
    judge({ settings }) {
      const problem = unfitParallel(settings);
      return problem === undefined ? [] : refusal(new SessionsNotDrainable(problem));
    },
  }),
  check('pause-with-sessions', ['drainFront', 'pauseAfter'], {
    what: 'whether a deploy that waits for sessions is to stop in between',
    judge(facts) {
      const problem = unfitPause(facts);
      return problem === undefined ? [] : refusal(new InvalidInput(problem));
    },
  }),
  check('drain-rule', ['drainFront', 'recover'], {
    what: 'the rule and the group by which a deploy keeps sessions on their server',
    judge: ({ drainFront, recover }) => [...problems(drainFront.problems, recover), ...drainFront.warnings.map((one) => warning(one))],
  }),
  check('sessions', ['drainFront', 'serverSessions', 'answered', 'settings', 'release', 'recover', 'toRoll'], {
    what: 'cookies, routes and time-outs by which a deploy knows and awaits the sessions of each server',
    judge({ serverSessions, answered, settings, release, recover, toRoll }) {
      const known = serverSessions.filter(({ instanceId, counts }) => counts && answered.includes(instanceId));
      const found = [...unfitRoutes(known), ...judgeTimes(serverSessions, settings).problems, ...namelessCookie(release)];
      return [
        ...problems(found, recover),
        ...(toRoll.length === 0 ? [] : judgeRoutes(serverSessions, settings).warnings.map((one) => warning(one))),
      ];
    },
  }),
  // A deploy's rule leads a user to the server while it waits for its sessions; at all other times the load balancer does.
  check('stickiness-duration', ['drainFront', 'attributes', 'serverSessions'], {
    what: 'stickiness that ends before the sessions do which servers report',
    why: 'who comes back later than that is logged out, also without a deploy',
    fix: "set the duration of the target group's stickiness to a day (86400)",
    judge({ attributes, serverSessions }) {
      const seconds = stickySeconds(attributes);
      const longest = Math.max(0, ...serverSessions.map(({ counts, timeoutSeconds = 0 }) => (counts ? timeoutSeconds : 0)));
      if (seconds === undefined || seconds >= longest) return undefined;
      return warning(
        `the load balancer leads a user to the server of the session for ${durationText(seconds * 1000)} after the last request, and the servers keep sessions for ${durationText(longest * 1000)}`,
      );
    },
  }),
  check('assets', ['release', 'latest'], {
    what: 'whether servers answered with files that the last deploy with assets had added',
    judge({ release, latest }) {
      const found = release?.app.assets && foundUnserved(latest);
      return found ? warning(`as the latest deploy with assets found: ${found}`) : undefined;
    },
  }),
  check('time-limit', ['worstSeconds'], {
    what: 'whether a deploy with the longest waits is over before Step Functions ends it',
    judge({ worstSeconds }) {
      const limit = warnOfTheLimit(worstSeconds);
      return limit === undefined ? undefined : warning(limit);
    },
  }),
  check('function-concurrency', ['unreservedConcurrency', 'atOnce', 'region?'], {
    when: ['dry-run', 'doctor'],
    what: "whether the account's functions leave room for those of a deploy of several servers at once",
    why: 'calls beyond that are throttled and repeated for a minute, after which they fail the deploy',
    fix: MORE_CONCURRENCY,
    resource: ({ region }) => region,
    judge({ unreservedConcurrency: unreserved, atOnce }) {
      const why = whyThrottled(atOnce, unreserved);
      if (why !== undefined) return warning(why);
      return ok(
        `functions without a reservation share ${unreserved} concurrent executions, enough for ${counted(atOnce, 'server')} at once`,
      );
    },
  }),
];

export const DEPLOY_CHECKS: readonly Check<DeployFacts>[] = [...BEFORE_PREFLIGHT, ...PREFLIGHT_CHECKS, ...AFTER_PREFLIGHT];
