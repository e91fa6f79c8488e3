import { countsInDns, judgeDrainGroups } from '../../../functions/deploy/sessions/judge-drain-groups.ts';
import { judgeDrainRule } from '../../../functions/deploy/sessions/judge-drain-rule.ts';
import { DNS_FAILOVER_COUNT } from '../../../functions/shared/aws/drain-rule-contract.ts';
import { isLockHeld } from '../deploys/check-lock.ts';
import { currentContract } from '../deploys/check-releases.ts';
import type { Facts } from '../facts.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { DrainFacts } from './load-balancing-facts.ts';

/** The rule and the group by which deploys keep a server's sessions on it: where they are, and that between deploys they take nothing. */
export const checkDrainRule: Check = (facts, subject) => {
  const drain = known(facts.drain);
  const group = known(facts.targetGroup);
  if (!drain || !group) return [];
  const about = topic(
    'drain-rule',
    drain.ruleArn,
    'a deploy keeps the sessions of the server that it rolls on it by this rule, until they end',
  );
  const judged = judgeDrainGroups(drain.groups);
  const problems = [...judgeDrainRule({ ...drain, targetGroupArn: group.arn }), ...judged.problems];
  const unfit = problems.map((problem) => about.error(problem, 'until then a deploy of the fleet stops before it changes anything'));
  return [
    ...(unfit.length > 0 ? unfit : [priority(drain, subject)]),
    ...drainGroup(drain, judged.warnings),
    ...leftovers(drain, facts),
    ...contract(facts, subject),
  ];
};

/** The re-login page's rules need a lower number than the drain rule, or users who are pinned to a server would not see the page. */
function priority({ ruleArn, rules }: DrainFacts, { fleet, reLoginPage }: Subject): Finding {
  const about = topic('drain-rule', ruleArn, 'of two rules that match a request the one with the lower priority counts');
  const { priority: own = 0 } = rules.find(({ arn }) => arn === ruleArn) ?? {};
  if (reLoginPage && reLoginPage.priorities.first >= own)
    return about.warning(
      `the drain rule has priority ${own}, which leaves none above it for the re-login page`,
      `move the drain rule and the fleet's own rule below priority ${reLoginPage.priorities.first}, or set fleets.${fleet}.incidents.reLoginPage to false`,
    );
  return about.ok(`the drain rule is directly above what forwards to the fleet (priority ${own})`);
}

/** What is not wrong with the drain group for a deploy, or is only between deploys. */
function drainGroup({ drainTargetGroupArn, groups }: DrainFacts, differences: readonly string[]): Finding[] {
  const about = topic('drain-group', drainTargetGroupArn, 'servers join this group while their sessions end; between deploys it is empty');
  const inDns = countsInDns(groups.attributes)
    ? [
        about.warning(
          'Route 53 judges the load balancer by the drain group as well: where an alias record evaluates its health, it counts as unhealthy while this group has no healthy server, and users are sent elsewhere',
          `set the drain group's attribute ${DNS_FAILOVER_COUNT} to off; where Holdfast created the group, npx --no cdk deploy --all does it`,
        ),
      ]
    : [];
  const differing = differences.map((difference) => about.warning(difference, 'or keep it, if every server becomes healthy by both'));
  return inDns.length + differing.length > 0 ? [...inDns, ...differing] : [about.ok("the drain group has the settings of the fleet's own")];
}

function leftovers({ ruleArn, pinned, targets }: DrainFacts, { lock, nowMs }: Facts): Finding[] {
  if (lock.state !== 'known') return [];
  const about = topic('drain-leftovers', ruleArn, 'between deploys the rule takes no session and no server is in its group');
  const isBusy = isLockHeld(known(lock), nowMs) || (known(lock)?.openDeploys?.size ?? 0) > 0;
  const inGroup = targets.filter(({ state }) => state !== 'draining').map(({ instanceId }) => instanceId);
  const left = [
    ...(pinned === undefined ? [] : [`the drain rule takes sessions (${pinned})`]),
    ...(inGroup.length === 0 ? [] : [`${inGroup.join(', ')} ${inGroup.length === 1 ? 'is' : 'are'} in the drain group`]),
  ].join(', and ');
  if (left === '') return [about.ok('the drain rule takes no session, and its group is empty')];
  if (isBusy) return [about.notice(`${left}: a deploy waits for sessions`, 'run doctor again when it has ended')];
  return [
    about.warning(
      `${left}, although no deploy is running`,
      'run doctor again in 10 minutes: the reconciler, which runs every 5 minutes, restores both; if it does not, read the log of its function',
    ),
  ];
}

/**
 * What the current release's contract lacks for a drain of sessions. A fleet whose new releases keep sessions in the store needs no advice:
 * only the last releases with sessions in memory are drained by their contracts.
 */
function contract(facts: Facts, { managerUsesStore }: Subject): Finding[] {
  const app = currentContract(facts);
  if (!app || managerUsesStore) return [];
  const about = topic(
    'session-contract',
    'holdfast.app.json',
    'a deploy recognizes the sessions of a server by the cookie and the route, and waits until it counts none',
  );
  const missing = [...(app.sessions ? [] : ['"sessions"']), ...(app.session ? [] : ['"session.cookie"'])].join(' and ');
  if (missing === '') return [about.ok(`the release counts its sessions and names their cookie ${app.session?.cookie}`)];
  return [
    about.warning(
      `the current release has no ${missing} in holdfast.app.json: deploys do not wait for its sessions`,
      'add it and publish the release again, or, once no deploy runs, set deploy.sessionDrainSeconds to 0',
    ),
  ];
}
