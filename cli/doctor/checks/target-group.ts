import type { DeploySettings } from '../../../functions/deploy/contract.ts';
import { resolveSettings } from '../../../functions/deploy/validate-input.ts';
import type { TargetGroupFacts } from '../facts.ts';
import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** Target type, port, deregistration delay and how many targets are healthy. */
export const checkTargetGroup: Check = (facts, subject) => {
  const group = seen(facts.targetGroup);
  if (!group) return [];
  const findings: Finding[] = [];

  const type = topic('target-type', group.arn, 'a deploy takes servers out of the target group by the ids that it knows them by');
  const wanted = subject.members === 'ip' ? 'ip' : 'instance';
  findings.push(
    group.targetType === wanted
      ? type.ok(`target group ${group.name} takes ${wanted} targets`)
      : type.error(
          `target group ${group.name} takes ${group.targetType} targets, and the fleet's members are ${subject.members}`,
          `a target group's type cannot change: make one of type ${wanted}, or set "members" to what this one takes`,
        ),
  );
  // Addresses are registered with ports of their own.
  if (subject.members !== 'ip') findings.push(targetPort(group, subject.port));

  const targets = seen(facts.targets);
  if (targets) findings.push(healthyTargets(group.arn, targets));
  // A group's size is judged by what it may shrink to.
  if (!subject.group) findings.push(fleetSize(group.arn, subject.nodeIds.length, subject.settings.minimumHealthyTargets));
  const attributes = seen(facts.attributes);
  if (attributes) {
    const { deregistrationDelaySeconds } = attributes;
    findings.push(...deregistrationDelay(group.arn, deregistrationDelaySeconds, subject.settings, seen(facts.longestAnswerSeconds)));
  }
  return findings;
};

function targetPort({ arn, name, port }: TargetGroupFacts, configured: number): Finding {
  const about = topic('target-port', arn, 'requests and health checks go to this port');
  if (port === configured) return about.ok(`target group and configuration agree on port ${port}`);
  return about.warning(
    `target group ${name} sends to port ${port}, the configuration says ${configured}`,
    'set "port" of the fleet to where the servers listen',
  );
}

function healthyTargets(arn: string, targets: readonly { instanceId: string; state: string; detail?: string }[]): Finding {
  const about = topic('healthy-targets', arn, 'a deploy starts from targets that serve; the load balancer sends nothing to the others');
  const bad = targets.filter(({ state }) => state !== 'healthy');
  const list = bad.map(({ instanceId, state, detail }) => `${instanceId} ${state}${detail ? ` (${detail})` : ''}`).join(', ');
  if (targets.length === 0)
    return about.notice('no target is registered yet', 'publish a first release: "npx holdfast releases publish VERSION PATH"');
  if (bad.length === targets.length)
    return about.error(`none of ${targets.length} targets is healthy: ${list}`, 'look at the first one; then roll with "--recover"');
  if (bad.length > 0)
    return about.warning(`${bad.length} of ${targets.length} targets are not healthy: ${list}`, 'look at them before the next deploy');
  return about.ok(`all ${targets.length} targets are healthy`);
}

function fleetSize(arn: string, members: number, minimumHealthyTargets: number): Finding {
  const about = topic('group-size', arn, 'a deploy takes one server out at a time, and refuses to start when too few would stay');
  const needed = minimumHealthyTargets + 1;
  const what = `the fleet has ${members} members, ${needed} are needed for a deploy`;
  return members >= needed ? about.ok(what) : about.error(what, 'name more members, or lower deploy.minimumHealthyTargets');
}

function deregistrationDelay(arn: string, delay: number, settings: DeploySettings, longestAnswer: number | undefined): Finding[] {
  const about = topic(
    'deregistration-delay',
    arn,
    'a request that is still running when the delay is over is cut off with a 502; a deploy plans its drain by the configured one',
  );
  const configured = settings.deregistrationDelaySeconds;
  const findings: Finding[] = [];
  if (delay === 0)
    findings.push(about.error('the deregistration delay is 0 s: requests in flight are cut', `set it to ${configured || 30} s`));
  else if (delay !== configured) {
    findings.push(
      about.warning(
        `the deregistration delay is ${delay} s, the configuration says ${configured} s`,
        `set the target group's to ${configured} s ("npx cdk deploy" does, of one that Holdfast made), or deploy.deregistrationDelaySeconds to ${delay}`,
      ),
    );
  } else findings.push(about.ok(`the deregistration delay is ${delay} s, as configured`));
  // The metric ends when the answer begins, so the request took at least that long.
  if (longestAnswer !== undefined && longestAnswer > delay) {
    findings.push(
      about.warning(
        `an answer took ${longestAnswer.toFixed(1)} s in the last day, longer than the deregistration delay of ${delay} s`,
        `set deploy.deregistrationDelaySeconds above ${Math.ceil(longestAnswer)}`,
      ),
    );
  }
  const drain = resolveSettings(settings, '').drainTimeoutSeconds;
  if (drain < delay) {
    findings.push(
      about.warning(
        `deploy.drainTimeoutSeconds (${drain} s) ends before the deregistration delay (${delay} s): a slow request stops the deploy`,
        `set deploy.drainTimeoutSeconds above ${delay}`,
      ),
    );
  }
  return findings;
}
