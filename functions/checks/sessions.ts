/** Sessions that a server has in its memory: how deploys keep them on it. */
import { countsInDns, judgeDrainGroups } from '../deploy/sessions/judge-drain-groups.ts';
import { judgeDrainRule } from '../deploy/sessions/judge-drain-rule.ts';
import { isLockHeld } from '../records/outcome-text.ts';
import { DNS_FAILOVER_COUNT } from '../shared/aws/drain-rule-contract.ts';
import { type Check, checksOf, error, notice, ok, warning } from '../shared/check.ts';
import { durationText } from '../shared/texts.ts';
import type { Facts } from './facts.ts';

const check = checksOf<Facts>('doctor');
/** Incidents took sessions of less for the cause of lost log-ins. */
const SHORT_SECONDS = 120;

export const SESSIONS: readonly Check<Facts>[] = [
  check('drain-rule', ['drain', 'subject', 'targetGroup'], {
    what: "the rule and the group by which deploys keep a server's sessions on it",
    why: 'a deploy keeps the sessions of the server that it rolls on it by this rule, until they end',
    fix: 'until then a deploy of the fleet stops before it changes anything',
    judge({ subject: { fleet, reLoginPage }, drain, targetGroup }) {
      const problems = [...judgeDrainRule({ ...drain, targetGroupArn: targetGroup.arn }), ...judgeDrainGroups(drain.groups).problems];
      if (problems.length > 0) return problems.map((problem) => error(problem));
      const { priority: own = 0 } = drain.rules.find(({ arn }) => arn === drain.ruleArn) ?? {};
      const why = 'of two rules that match a request the one with the lower priority counts';
      // Or users who are pinned to a server would not see the page.
      if (reLoginPage && reLoginPage.priorities.first >= own)
        return warning(
          `the drain rule has priority ${own}, which leaves none above it for the re-login page`,
          `move the drain rule and the fleet's own rule below priority ${reLoginPage.priorities.first}, or set fleets.${fleet}.incidents.reLoginPage to false`,
          { why },
        );
      return ok(`the drain rule is directly above what forwards to the fleet (priority ${own})`, '', { why });
    },
  }),
  check('drain-group', ['drain', 'targetGroup'], {
    what: 'settings of the drain group that differ, and whether Route 53 judges the load balancer by it',
    why: 'servers join this group while their sessions end; between deploys it is empty',
    resource: ({ drain }) => drain.drainTargetGroupArn,
    judge({ drain: { groups } }) {
      const found = judgeDrainGroups(groups).warnings.map((one) => warning(one, 'or keep it, if every server becomes healthy by both'));
      if (countsInDns(groups.attributes))
        found.unshift(
          warning(
            'Route 53 judges the load balancer by the drain group as well: where an alias record evaluates its health, it counts as unhealthy while this group has no healthy server, and users are sent elsewhere',
            `set the drain group's attribute ${DNS_FAILOVER_COUNT} to off; where Holdfast created the group, npx --no cdk deploy --all does it`,
          ),
        );
      return found.length > 0 ? found : ok("the drain group has the settings of the fleet's own");
    },
  }),
  check('drain-leftovers', ['drain', 'targetGroup', 'lock', 'nowMs'], {
    what: 'sessions and servers that the drain rule and its group have between deploys',
    why: 'between deploys the rule takes no session and no server is in its group',
    judge({ drain: { pinned, targets }, lock, nowMs }) {
      const inGroup = targets.filter(({ state }) => state !== 'draining').map(({ instanceId }) => instanceId);
      const left = [
        ...(pinned === undefined ? [] : [`the drain rule takes sessions (${pinned})`]),
        ...(inGroup.length === 0 ? [] : [`${inGroup.join(', ')} ${inGroup.length === 1 ? 'is' : 'are'} in the drain group`]),
      ].join(', and ');
      if (left === '') return ok('the drain rule takes no session, and its group is empty');
      if (isLockHeld(lock, nowMs) || (lock?.openDeploys?.size ?? 0) > 0)
        return notice(`${left}: a deploy waits for sessions`, 'run doctor again when it has ended');
      return warning(
        `${left}, although no deploy is running`,
        'run doctor again in 10 minutes: the reconciler, which runs every 5 minutes, restores both; if it does not, read the log of its function',
      );
    },
  }),
  // A fleet whose new releases keep sessions in the store needs no advice: only the last releases with sessions in memory are drained by theirs.
  check('session-contract', ['subject', 'drain', 'targetGroup', 'contract'], {
    what: "what the current release's contract says of its sessions",
    why: 'a deploy recognizes the sessions of a server by the cookie and the route, and waits until it counts none',
    fix: 'add it and publish the release again, or, once no deploy runs, set deploy.sessionDrainSeconds to 0',
    resource: () => 'holdfast.app.json',
    judge({ subject: { managerUsesStore }, contract }) {
      if (!contract || managerUsesStore) return undefined;
      const { sessions, session } = contract;
      const missing = [...(sessions ? [] : ['"sessions"']), ...(session ? [] : ['"session.cookie"'])].join(' and ');
      if (missing === '') return ok(`the release counts its sessions and names their cookie ${session?.cookie}`);
      return warning(`the current release has no ${missing} in holdfast.app.json: deploys do not wait for its sessions`);
    },
  }),
  check('short-sessions', ['subject', 'contract'], {
    what: 'sessions that end sooner than users pause, by the time-out of the current release',
    why: 'users who read a page or fill in a form for longer than that are logged out',
    fix: 'set a longer session time-out in the application, and session.timeoutSeconds in holdfast.app.json to the same',
    judge({ contract }) {
      const seconds = contract?.session?.timeoutSeconds;
      if (typeof seconds !== 'number') return undefined;
      const what = `a session of the current release ends ${durationText(seconds * 1000)} after its last request`;
      return seconds < SHORT_SECONDS ? warning(what) : ok(what);
    },
  }),
];
