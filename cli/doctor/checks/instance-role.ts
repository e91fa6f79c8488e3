import { type Check, type Finding, topic } from '../finding.ts';
import { AGENT_ACTIONS, FETCH_ACTION } from '../gather/instance-role.ts';
import { known } from '../lookup.ts';

/** Instance profiles, and what their role allows. */
export const checkInstanceRole: Check = (facts, subject) => {
  const findings: Finding[] = [];
  const why = 'a server without a role can use neither Systems Manager nor its releases';
  for (const { name } of (known(facts.servers) ?? []).filter(({ instanceProfile }) => instanceProfile === undefined)) {
    findings.push(
      topic('instance-profile', name, why).error(
        `${name} has no instance profile`,
        'attach one with AmazonSSMManagedInstanceCore; "npx cdk deploy" adds the permission to read releases',
      ),
    );
  }
  const role = known(facts.role);
  if (!role) return findings;
  const agent = topic('instance-profile', role.roleName, 'the agent signs in to Systems Manager as this role');
  const missing = AGENT_ACTIONS.filter((action) => !role.allowed[action]);
  findings.push(
    missing.length === 0
      ? agent.ok(`role ${role.roleName} allows the agent to receive commands`)
      : agent.error(`role ${role.roleName} does not allow ${missing.join(', ')}`, 'attach the policy AmazonSSMManagedInstanceCore to it'),
  );
  const reads = topic('release-reads', role.roleName, 'each server downloads its releases itself');
  if (role.allowed[FETCH_ACTION]) findings.push(reads.ok(`role ${role.roleName} allows reading the releases of ${subject.fleet}`));
  else if (facts.fleetRecord.state === 'absent') {
    findings.push(reads.notice(`role ${role.roleName} does not allow reading releases yet`, 'none: "npx cdk deploy --all" adds it'));
  } else {
    findings.push(
      reads.error(
        `role ${role.roleName} does not allow ${FETCH_ACTION} on ${subject.releasesBucket}/${subject.fleet}/*`,
        'run "npx cdk deploy --all", and check for a policy that denies it or a permissions boundary',
      ),
    );
  }
  return findings;
};
