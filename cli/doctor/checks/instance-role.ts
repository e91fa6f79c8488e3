import { type Finding, topic } from '../finding.ts';
import { AGENT_ACTIONS, FETCH_ACTION } from '../gather/instance-role.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** Instance profile and what its role may do. */
export const checkInstanceRole: Check = (facts, subject) => {
  const findings: Finding[] = [];
  const why = 'a server without a role reaches neither Systems Manager nor its releases';
  for (const { name } of (seen(facts.servers) ?? []).filter(({ instanceProfile }) => instanceProfile === undefined)) {
    findings.push(
      topic('instance-profile', name, why).error(
        `${name} has no instance profile`,
        'give it one with AmazonSSMManagedInstanceCore; "npx cdk deploy" adds the reads of releases',
      ),
    );
  }
  const role = seen(facts.role);
  if (!role) return findings;
  const agent = topic('instance-profile', role.roleName, 'the agent signs in to Systems Manager as this role');
  const missing = AGENT_ACTIONS.filter((action) => !role.allowed[action]);
  findings.push(
    missing.length === 0
      ? agent.ok(`role ${role.roleName} lets the agent take commands`)
      : agent.error(`role ${role.roleName} lacks ${missing.join(', ')}`, 'attach the policy AmazonSSMManagedInstanceCore to it'),
  );
  const reads = topic('release-reads', role.roleName, 'each server fetches its releases itself');
  if (role.allowed[FETCH_ACTION]) findings.push(reads.ok(`role ${role.roleName} may read the releases of ${subject.fleet}`));
  else if (facts.fleetRecord.state === 'absent') {
    findings.push(reads.notice(`role ${role.roleName} may not read releases yet`, '"npx cdk deploy --all" gives it that'));
  } else {
    findings.push(
      reads.error(
        `role ${role.roleName} may not ${FETCH_ACTION} on ${subject.releasesBucket}/${subject.fleet}/*`,
        'run "npx cdk deploy --all", and look for a denying policy or a permissions boundary',
      ),
    );
  }
  return findings;
};
