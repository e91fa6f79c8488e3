import { SUSPENDED_PROCESSES } from '../../../functions/deploy/contract.ts';
import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';
import { holdsLock } from './lock.ts';

/** The group's size against what a deploy keeps healthy, its processes, and that it is the target group's. */
export const checkAutoScaling: Check = (facts, { settings: { minimumHealthyTargets } }) => {
  const group = seen(facts.group);
  if (!group) return [];
  const findings: Finding[] = [];
  const size = topic('group-size', group.name, 'a deploy takes one server out at a time, and refuses to start when too few would stay');
  const needed = minimumHealthyTargets + 1;
  const inService = group.members.filter(({ lifecycleState }) => lifecycleState === 'InService').length;
  if (group.maxSize < needed) {
    findings.push(
      size.error(
        `the group has at most ${group.maxSize} servers; deploys need ${needed} (minimumHealthyTargets ${minimumHealthyTargets}, and the one being rolled)`,
        'raise maxCapacity, or lower deploy.minimumHealthyTargets',
      ),
    );
  } else if (group.minSize < needed) {
    findings.push(
      size.warning(
        `the group may shrink to ${group.minSize} servers; deploys need ${needed} (minimumHealthyTargets ${minimumHealthyTargets}, and the one being rolled)`,
        'raise minCapacity, or lower deploy.minimumHealthyTargets',
      ),
    );
  } else findings.push(size.ok(`the group has ${inService} servers in service, ${needed} are needed for a deploy`));

  const processes = topic(
    'suspended-processes',
    group.name,
    'a group whose processes are suspended replaces no server that dies, and does not scale',
  );
  const suspended = group.suspendedProcesses.filter((name) => [...SUSPENDED_PROCESSES, 'Launch', 'AddToLoadBalancer'].includes(name));
  if (suspended.length === 0) findings.push(processes.ok('no process of the group is suspended'));
  else if (holdsLock(seen(facts.lock), facts.nowMs))
    findings.push(processes.notice(`a deploy has suspended ${suspended.join(', ')}`, 'nothing: it resumes them when it ends'));
  else {
    findings.push(
      processes.warning(
        `${suspended.join(', ')} ${suspended.length === 1 ? 'is' : 'are'} suspended, and no deploy is running`,
        `resume: aws autoscaling resume-processes --auto-scaling-group-name ${group.name} --scaling-processes ${suspended.join(' ')}`,
      ),
    );
  }

  const targets = seen(facts.targetGroup);
  const attached = topic(
    'group-attached',
    group.name,
    'new servers reach the load balancer by this, and a failed health check replaces them by ELB health checks',
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
      attached.notice('the group looks at EC2 status only: a server that runs and does not answer stays', 'switch on ELB health checks'),
    );
  } else findings.push(attached.ok('the group registers its servers and watches the load balancer’s health checks'));
  return findings;
};
