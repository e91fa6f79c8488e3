import { judgeReach } from '../../../functions/deploy/assess/check-preflight.ts';
import { whyUnreachable } from '../../../functions/deploy/assess/fleet-members.ts';
import { DELAY, judgeFront } from '../../../functions/deploy/assess/warn-of-front.ts';
import { fillSettings } from '../../../functions/deploy/settings/read-settings.ts';
import type { Attributes } from '../../../functions/shared/aws/attributes-reader.ts';
import type { TargetHealth } from '../../../functions/shared/aws/target-group.ts';
import { counted } from '../../../functions/shared/counted.ts';
import type { Facts } from '../facts.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { TargetGroupFacts } from './load-balancing-facts.ts';

/** Target type, port and attributes, and how many targets are healthy. */
export const checkTargetGroup: Check = (facts, subject) => {
  const group = known(facts.targetGroup);
  if (!group) return [];
  const findings: Finding[] = [];

  const type = topic('target-type', group.arn, 'a deploy deregisters servers by the id of their target type');
  const wanted = subject.members === 'ip' ? 'ip' : 'instance';
  findings.push(
    group.targetType === wanted
      ? type.ok(`target group ${group.name} has target type ${wanted}`)
      : type.error(
          `target group ${group.name} has target type ${group.targetType}, but the fleet's members are ${subject.members}`,
          `the type of a target group cannot change: create one of type ${wanted}, or change "members"`,
        ),
  );
  // Addresses are registered with ports of their own.
  if (subject.members !== 'ip') findings.push(targetPort(group, subject.port));

  const targets = known(facts.targets);
  if (targets) findings.push(...healthyTargets(group.arn, targets, facts));
  // The size of an Auto Scaling group has a check of its own.
  if (!subject.group) findings.push(fleetSize(group.arn, subject.nodeIds.length, subject.settings.minimumHealthyTargets));
  const attributes = known(facts.attributes);
  return [...findings, ...(attributes ? judgeAttributes({ arn: group.arn, attributes }, facts, subject) : [])];
};

function targetPort({ arn, name, port }: TargetGroupFacts, configured: number): Finding {
  const about = topic('target-port', arn, 'requests and health checks go to this port');
  if (port === configured) return about.ok(`the target group uses the configured port ${port}`);
  return about.warning(
    `target group ${name} sends to port ${port}, but the port in the configuration is ${configured}`,
    'set "port" of the fleet to the port that the servers listen on',
  );
}

function healthyTargets(arn: string, all: readonly TargetHealth[], { group }: Facts): readonly Finding[] {
  const zones = new Map(known(group)?.members.map(({ instanceId, zone }) => [instanceId, zone]));
  const found = all.map((target) => ({ ...target, zone: zones.get(target.instanceId), unreachable: whyUnreachable(target) }));
  const faults = judgeReach(found).map(({ what, why, fix }) => topic('reachable-targets', arn, why).error(what, fix));
  const targets = found.filter(({ unreachable }) => unreachable === undefined);
  return targets.length === 0 && faults.length > 0 ? faults : [...faults, health(arn, targets)];
}

function health(arn: string, targets: readonly TargetHealth[]): Finding {
  const about = topic(
    'healthy-targets',
    arn,
    'the load balancer sends requests only to healthy targets, and a deploy needs enough of them',
  );
  const bad = targets.filter(({ state }) => state !== 'healthy');
  const list = bad.map(({ instanceId, state, detail }) => `${instanceId} ${state}${detail ? ` (${detail})` : ''}`).join(', ');
  if (targets.length === 0)
    return about.notice(
      'no target is registered yet',
      'wait for the servers to launch; if none does, read the scaling activities of the group',
    );
  if (bad.length === targets.length)
    return about.error(`none of ${targets.length} targets is healthy: ${list}`, 'fix the first one, then deploy with --recover');
  if (bad.length > 0)
    return about.warning(`${bad.length} of ${targets.length} targets are not healthy: ${list}`, 'fix them before the next deploy');
  return about.ok(targets.length === 1 ? 'the only target is healthy' : `all ${targets.length} targets are healthy`);
}

function fleetSize(arn: string, members: number, minimumHealthyTargets: number): Finding {
  const about = topic('group-size', arn, 'a deploy takes one server out of service at a time, and does not start if too few would remain');
  const needed = minimumHealthyTargets + 1;
  const what = `the fleet has ${counted(members, 'member')}, and a deploy needs ${needed}`;
  return members >= needed ? about.ok(what) : about.error(what, 'add members, or lower deploy.minimumHealthyTargets');
}

/** What a deploy warns of at its start, by its own judgement; and a delay that merely differs from the configured one. */
function judgeAttributes(
  { arn, attributes }: { readonly arn: string; readonly attributes: Attributes },
  { group, registersWith: listed, longestResponseSeconds }: Facts,
  { settings: configured, awsOptions, fleet, members: kind }: Subject,
): readonly Finding[] {
  const settings = fillSettings(configured, fleet);
  const { drainTimeoutSeconds: timeout, deregistrationDelaySeconds: planned } = settings;
  const set = (key: string, value: string) =>
    `aws elbv2 modify-target-group-attributes ${awsOptions} --target-group-arn ${arn} --attributes Key=${key},Value=${value}`;
  const { targetGroupArns = known(listed) ?? [], members = [] } = known(group) ?? {};
  const servers = members
    .filter(({ lifecycleState }) => lifecycleState === 'InService')
    .map((member) => ({ ...member, lifecycle: 'inService' as const }));
  const ofAddresses = kind === 'ip';
  const faults = judgeFront({ attributes, targetGroupArn: arn, ofAddresses, registersWith: targetGroupArns, members: servers, settings });
  const findings = faults.map(({ name, refuses, what, why, fix, attribute }) =>
    topic(name, arn, why)[refuses || name === 'deregistration-delay' ? 'error' : 'warning'](
      what,
      attribute ? `${fix}; this sets the attribute: ${set(attribute.key, attribute.value)}` : fix,
    ),
  );
  const delay = Number(attributes[DELAY] ?? planned);
  const about = topic(
    'deregistration-delay',
    arn,
    'a request that is still running when the delay ends fails with a 502; a deploy plans its drain with the configured delay',
  );
  if (delay === planned) findings.push(about.ok(`the deregistration delay is ${delay} s, as configured`));
  else if (!faults.some(({ name }) => name === 'deregistration-delay')) {
    findings.push(
      about[delay === 0 ? 'error' : 'warning'](
        `the deregistration delay is ${delay} s, but ${planned} s in the configuration`,
        `${delay === 0 ? '' : `set deploy.deregistrationDelaySeconds to ${delay}, or `}run ${set(DELAY, String(planned))}`,
      ),
    );
  }
  // The metric ends when the response starts, so the request took at least that long.
  const longest = known(longestResponseSeconds);
  if (longest !== undefined && longest > Math.min(delay, timeout)) {
    findings.push(
      about.warning(
        `a response took ${longest.toFixed(1)} s in the last day: such a request stops a deploy after ${timeout} s, and the load balancer cuts it after ${delay} s`,
        `set deploy.deregistrationDelaySeconds to ${Math.ceil(longest) + 20} or more, and do not set drainTimeoutSeconds`,
      ),
    );
  }
  return findings;
}
