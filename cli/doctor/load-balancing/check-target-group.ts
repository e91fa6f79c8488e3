import { fillSettings } from '../../../functions/deploy/settings/read-settings.ts';
import { latestDrainTimeoutSeconds } from '../../../functions/instance/drain-times.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { TargetGroupFacts } from './facts.ts';

/** Target type, port, deregistration delay and how many targets are healthy. */
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
  if (targets) findings.push(healthyTargets(group.arn, targets));
  // The size of an Auto Scaling group has a check of its own.
  if (!subject.group) findings.push(fleetSize(group.arn, subject.nodeIds.length, subject.settings.minimumHealthyTargets));
  const attributes = known(facts.attributes);
  if (attributes) {
    const { deregistrationDelaySeconds } = attributes;
    findings.push(...deregistrationDelay(group.arn, deregistrationDelaySeconds, subject, known(facts.longestResponseSeconds)));
  }
  return findings;
};

function targetPort({ arn, name, port }: TargetGroupFacts, configured: number): Finding {
  const about = topic('target-port', arn, 'requests and health checks go to this port');
  if (port === configured) return about.ok(`the target group uses the configured port ${port}`);
  return about.warning(
    `target group ${name} sends to port ${port}, but the port in the configuration is ${configured}`,
    'set "port" of the fleet to the port that the servers listen on',
  );
}

function healthyTargets(arn: string, targets: readonly { instanceId: string; state: string; detail?: string }[]): Finding {
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
  return about.ok(`all ${targets.length} targets are healthy`);
}

function fleetSize(arn: string, members: number, minimumHealthyTargets: number): Finding {
  const about = topic('group-size', arn, 'a deploy takes one server out of service at a time, and does not start if too few would remain');
  const needed = minimumHealthyTargets + 1;
  const what = `the fleet has ${members} members, and a deploy needs ${needed}`;
  return members >= needed ? about.ok(what) : about.error(what, 'add members, or lower deploy.minimumHealthyTargets');
}

function deregistrationDelay(
  arn: string,
  delay: number,
  { settings, awsOptions }: Pick<Subject, 'settings' | 'awsOptions'>,
  longestResponse: number | undefined,
): readonly Finding[] {
  const about = topic(
    'deregistration-delay',
    arn,
    'a request that is still running when the delay ends fails with a 502; a deploy plans its drain with the configured delay',
  );
  const configured = settings.deregistrationDelaySeconds;
  const { drainTimeoutSeconds: timeout } = fillSettings(settings, '');
  const byCommand = `aws elbv2 modify-target-group-attributes ${awsOptions} --target-group-arn ${arn} --attributes Key=deregistration_delay.timeout_seconds,Value=${configured}`;
  const correct = `set it to ${configured} s: "npx cdk deploy" does this for a target group created by Holdfast; for an existing one: ${byCommand}`;
  const findings: Finding[] = [];
  if (delay === 0) findings.push(about.error('the deregistration delay is 0 s: requests in flight fail', correct));
  else if (timeout > latestDrainTimeoutSeconds(delay) && settings.drainSignal !== 'blind') {
    findings.push(
      about.error(
        `the deregistration delay is ${delay} s, but ${configured} s in the configuration: a drain waits up to ${timeout} s for requests, and the load balancer cuts them after ${delay} s`,
        correct,
      ),
    );
  } else if (delay !== configured) {
    findings.push(
      about.warning(
        `the deregistration delay is ${delay} s, but ${configured} s in the configuration`,
        `${correct}; or set deploy.deregistrationDelaySeconds to ${delay}`,
      ),
    );
  } else findings.push(about.ok(`the deregistration delay is ${delay} s, as configured`));
  // The metric ends when the response starts, so the request took at least that long.
  if (longestResponse !== undefined && longestResponse > Math.min(delay, timeout)) {
    findings.push(
      about.warning(
        `a response took ${longestResponse.toFixed(1)} s in the last day: such a request stops a deploy after ${timeout} s, and the load balancer cuts it after ${delay} s`,
        `set deploy.deregistrationDelaySeconds to ${Math.ceil(longestResponse) + 20} or more, and do not set drainTimeoutSeconds`,
      ),
    );
  }
  return findings;
}
