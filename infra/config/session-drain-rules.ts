/** What keeps the deploys of a fleet from waiting for its sessions, found before anything is deployed. Pure. */

import { LONGEST_ROLL_SECONDS, longestPinSeconds, longestRollSeconds } from '../../functions/deploy/sessions/judge-routes.ts';
import { withDerived } from '../../functions/deploy/settings/read-settings.ts';
import { blindDrainSeconds } from '../../functions/instance/drain-times.ts';
import { DNS_FAILOVER_COUNT, DRAIN_HEADER } from '../../functions/shared/aws/drain-rule-contract.ts';
import { type BrokenRule, collectBrokenRules, type Refuse } from './broken-rules.ts';
import { createsTargetGroup, drainsSessions, type FleetConfig } from './fleet.ts';
import { reLoginPageOf } from './re-login-page.ts';

/** A rule takes five condition values; the cookie needs one, and one stays free. */
const MOST_VALUES = 3;
/**
 * An execution's history ends at 25,000 events. The longest wait for sessions takes 10,000 / 12 s = 833 looks of 19 events (send 5,
 * check 5, watch 5, choices 4), which leaves a drain, at 12 events a slice, 600 of them.
 */
const SLICES_OF_ONE_DRAIN = 600;

export function sessionDrainRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  const { existing = {}, deploy, strategy } = fleet;
  for (const key of ['drainTargetGroupArn', 'drainRuleArn'] as const) {
    if (existing[key] === undefined) continue;
    if (existing.targetGroupArn === undefined)
      refuse('needs existing.targetGroupArn: for a created target group Holdfast creates it', 'existing', key);
    else if (!drainsSessions(fleet))
      refuse('needs strategy "sticky" or "tomcat-cluster", and deploy.sessionDrainSeconds above 0', 'existing', key);
  }
  if (!drainsSessions(fleet)) return broken;
  refuseMissing(fleet, refuse);
  refusePlace(fleet, refuse);
  if (deploy.maxParallel !== 1)
    refuse(
      `has to be 1 with strategy "${strategy}": one listener rule keeps the sessions of one server on it while they end. Remove it, or set deploy.sessionDrainSeconds to 0, and deploys end the sessions of each server`,
      'deploy',
      'maxParallel',
    );
  const settings = withDerived(deploy);
  const roll = longestRollSeconds(settings) + longestPinSeconds(settings);
  if (roll > LONGEST_ROLL_SECONDS)
    refuse(
      `allows, with the other times of a target, ${roll} s per target, and the maximum is ${LONGEST_ROLL_SECONDS} s`,
      'deploy',
      'sessionDrainSeconds',
    );
  if (blindDrainSeconds(settings) > SLICES_OF_ONE_DRAIN * deploy.drainSliceSeconds)
    refuse(`is too short: a drain that waits for sessions has at most ${SLICES_OF_ONE_DRAIN} slices`, 'deploy', 'drainSliceSeconds');
  return broken;
}

/**
 * Refuses an existing target group without the drain group and rule: Holdfast creates neither next to a target group that is not its own.
 */
function refuseMissing(fleet: FleetConfig, refuse: Refuse): void {
  const { drainTargetGroupArn, drainRuleArn } = fleet.existing ?? {};
  if (createsTargetGroup(fleet) || (drainTargetGroupArn !== undefined && drainRuleArn !== undefined)) return;
  const missing = [drainTargetGroupArn === undefined ? 'drainTargetGroupArn' : '', drainRuleArn === undefined ? 'drainRuleArn' : ''];
  refuse(
    `is missing ${missing.filter((key) => key !== '').join(' and ')}: with strategy "${fleet.strategy}" a deploy keeps a server's sessions on it until they end, for which it needs an empty target group and one listener rule. Create both, then set their ARNs; or set deploy.sessionDrainSeconds to 0, and deploys end the sessions of each server.
    ${drainTemplate(fleet).replaceAll('\n', '\n    ')}`,
    'existing',
  );
}

/** What the owner of an existing target group adds to a template of CloudFormation. */
function drainTemplate({ port }: FleetConfig): string {
  return `DrainTargets:
  Type: AWS::ElasticLoadBalancingV2::TargetGroup
  Properties: # VPC, port, protocol, target type, health check and deregistration delay of the fleet's own group; no stickiness
    Port: ${port}
    Protocol: HTTP
    VpcId: VPC
    TargetGroupAttributes: # Route 53 does not judge the load balancer by a group that is empty between deploys
      - { Key: ${DNS_FAILOVER_COUNT}, Value: 'off' }
DrainRule:
  Type: AWS::ElasticLoadBalancingV2::ListenerRule
  Properties: # directly above the rule that forwards to the fleet, with its hosts and paths
    ListenerArn: LISTENER
    Priority: PRIORITY
    Conditions:
      - { Field: http-header, HttpHeaderConfig: { HttpHeaderName: ${DRAIN_HEADER}, Values: [!GetAtt DrainTargets.TargetGroupFullName] } }
    Actions: [{ Type: forward, TargetGroupArn: !Ref DrainTargets }]`;
}

function refusePlace(fleet: FleetConfig, refuse: Refuse): void {
  const rule = fleet.existing?.listenerRule;
  if (!rule) return;
  const { priority, drainPriority = priority - 1, hosts, paths } = rule;
  const at = ['existing', 'listenerRule'];
  const page = reLoginPageOf(fleet);
  const first = page ? 2 : 1;
  if (drainPriority >= priority)
    refuse(`is not above the fleet's own rule, whose priority is ${priority}: set it to ${priority - 1} or less`, ...at, 'drainPriority');
  else if (drainPriority < first)
    refuse(
      `leaves no room above the fleet's own rule for the rule that keeps sessions on a server${page ? ' and for the re-login page' : ''}: set it to ${first + 1} or more`,
      ...at,
      'priority',
    );
  else if (page && page.priorities.first >= drainPriority)
    refuse(
      `is not above the drain rule (priority ${drainPriority}), whose users would not see the page`,
      'incidents',
      'reLoginPage',
      'priorities',
      'first',
    );
  const values = hosts.length + paths.length;
  if (values > MOST_VALUES)
    refuse(
      `has ${values} hosts and paths, and with strategy "${fleet.strategy}" it can have ${MOST_VALUES}: a rule of the same needs room for the cookie`,
      ...at,
    );
}
