import { SUSPENDED_PROCESSES } from '../../../functions/deploy/contract/scaling-steps.ts';
import { counted } from '../../../functions/shared/counted.ts';
import { isLockHeld } from '../deploys/check-lock.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** Size of the group, its suspended processes, and its target group. */
export const checkAutoScaling: Check = (facts, subject) => {
  const { awsOptions, settings } = subject;
  const { minimumHealthyTargets, maxParallel } = settings;
  const group = known(facts.group);
  if (!group) return [];
  const findings: Finding[] = [];
  const size = topic(
    'group-size',
    group.name,
    'a deploy takes servers out of service, as many at once as deploy.maxParallel allows, and does not start if too few would remain',
  );
  const out = typeof maxParallel === 'number' ? maxParallel : 1;
  const needed = minimumHealthyTargets + out;
  const rolled = out === 1 ? 'the one being rolled' : `the ${out} being rolled`;
  const needs = `and a deploy needs ${needed} (minimumHealthyTargets ${minimumHealthyTargets} and ${rolled})`;
  const lower = `or lower deploy.minimumHealthyTargets${out === 1 ? '' : ' or deploy.maxParallel'}`;
  const inService = group.members.filter(({ lifecycleState }) => lifecycleState === 'InService').length;
  if (group.maxSize < needed) {
    findings.push(size.error(`the group can have at most ${counted(group.maxSize, 'server')}, ${needs}`, `raise maxCapacity, ${lower}`));
  } else if (group.minSize < needed) {
    findings.push(size.warning(`the group can shrink to ${counted(group.minSize, 'server')}, ${needs}`, `raise minCapacity, ${lower}`));
  } else findings.push(size.ok(`the group has ${counted(inService, 'server')} in service, and a deploy needs ${needed}`));

  const processes = topic(
    'suspended-processes',
    group.name,
    'a group with suspended processes does not replace failed servers and does not scale',
  );
  const suspended = group.suspendedProcesses.filter((name) => [...SUSPENDED_PROCESSES, 'Launch', 'AddToLoadBalancer'].includes(name));
  if (suspended.length === 0) findings.push(processes.ok('no process of the group is suspended'));
  else if (isLockHeld(known(facts.lock), facts.nowMs))
    findings.push(processes.notice(`a deploy has suspended ${suspended.join(', ')}`, 'none: the deploy resumes them at its end'));
  else {
    findings.push(
      processes.warning(
        `${suspended.join(', ')} ${suspended.length === 1 ? 'is' : 'are'} suspended, and no deploy is running`,
        `run aws autoscaling resume-processes --auto-scaling-group-name ${group.name} --scaling-processes ${suspended.join(' ')} ${awsOptions}`,
      ),
    );
  }

  const targets = known(facts.targetGroup);
  const attached = topic(
    'group-attached',
    group.name,
    'the group registers new servers with the load balancer, and replaces servers that fail ELB health checks',
  );
  if (targets && !group.targetGroupArns.includes(targets.arn)) {
    findings.push(
      attached.error(
        `the group does not register its servers with target group ${targets.name}`,
        'attach the target group to the Auto Scaling group',
      ),
    );
  } else if (!group.healthCheckType.includes('ELB')) {
    findings.push(
      attached.notice(
        'the group checks only the EC2 status, so a server that runs but does not respond is not replaced',
        'enable ELB health checks',
      ),
    );
  } else findings.push(attached.ok('the group registers its servers and uses the load balancer’s health checks'));
  return findings;
};
