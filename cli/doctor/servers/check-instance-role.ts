import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import { AGENT_ACTIONS, FETCH_ACTION, PARAMETER_ACTIONS, type RoleFacts } from './server-facts.ts';

/** Instance profiles, and what their role allows. */
export const checkInstanceRole: Check = (facts, subject) => {
  const findings: Finding[] = [];
  const why = 'a server without a role can use neither Systems Manager nor its releases';
  for (const { name } of (known(facts.servers) ?? []).filter(({ instanceProfile }) => instanceProfile === undefined)) {
    findings.push(
      topic('instance-profile', name, why).error(
        `${name} has no instance profile`,
        'attach one with AmazonSSMManagedInstanceCore; "npx --no cdk deploy" adds the permission to read releases',
      ),
    );
  }
  const role = known(facts.role);
  if (!role) return findings;
  findings.push(applicationAccess(subject), parameterReads(role, subject));
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
    findings.push(reads.notice(`role ${role.roleName} does not allow reading releases yet`, 'none: "npx --no cdk deploy --all" adds it'));
  } else {
    findings.push(
      reads.error(
        `role ${role.roleName} does not allow ${FETCH_ACTION} on ${subject.releasesBucket}/${subject.fleet}/*`,
        'run "npx --no cdk deploy --all", and check for a policy that denies it or a permissions boundary',
      ),
    );
  }
  return findings;
};

/** Judges by the configuration alone: on a server that was launched before `awsAccess` changed, the earlier setting may still apply. */
function applicationAccess({ awsAccess, fleet }: Subject): Finding {
  const access = topic('application-access', fleet, "with its server's credentials, the application's process is the server");
  if (!awsAccess) return access.ok("the application's process cannot use the credentials of its server's role");
  return access.notice(
    "the application's process can use the credentials of its server's role",
    `if it does not call AWS itself, set fleets.${fleet}.awsAccess to false and run "npx --no cdk deploy --all"; servers change when they are next prepared or replaced`,
  );
}

/**
 * Whether the role can read every parameter of the account. A role of Holdfast's denies it; an existing role often allows it, through
 * AmazonSSMManagedInstanceCore, and only its owner should change that.
 */
function parameterReads({ roleName, allowed }: RoleFacts, { ownRole }: Subject): Finding {
  const reads = topic('parameter-reads', roleName, 'parameters often contain passwords of other systems of the account');
  const readable = PARAMETER_ACTIONS.filter((action) => allowed[action]);
  if (readable.length === 0) return reads.ok(`role ${roleName} is not allowed to read every parameter`);
  const what = `role ${roleName} allows ${readable.join(' and ')} on every parameter`;
  return ownRole
    ? reads.warning(what, 'run "npx --no cdk deploy --all": the role then denies it')
    : reads.notice(
        what,
        'add a statement to it that denies ssm:GetParameter*, unless your own documents, Amazon Inspector or the CloudWatch agent read parameters on these servers',
      );
}
