import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/** With the retention `protected`: what could be deleted although nobody turned its protection off on purpose. */
export const checkProtection: Check = (facts, { awsOptions, recordsTable, protection }) => {
  if (!protection) return [];
  const findings: Finding[] = [];
  const { stackName } = protection;
  const ofStack = known(facts.terminationProtection);
  if (ofStack !== undefined) {
    const about = topic('termination-protection', stackName, 'while it is off, cdk destroy deletes the installation without a question');
    findings.push(
      ofStack
        ? about.ok(`termination protection of the stack ${stackName} is on`)
        : about.warning(`termination protection of the stack ${stackName} is off`, 'run "npx cdk deploy --all"'),
    );
  }
  const ofTable = known(facts.tableProtection);
  if (ofTable !== undefined) {
    const about = topic(
      'table-protection',
      recordsTable,
      'the table has every release and deploy; anyone who may delete tables can delete it',
    );
    const fix = `aws dynamodb update-table ${awsOptions} --table-name ${recordsTable} --deletion-protection-enabled`;
    findings.push(
      ofTable
        ? about.ok(`deletion protection of the table ${recordsTable} is on`)
        : about.warning(`deletion protection of the table ${recordsTable} is off`, fix),
    );
  }
  const front = known(facts.loadBalancer);
  const ofFront = known(facts.loadBalancerProtection);
  if (protection.ownLoadBalancer && front && ofFront !== undefined) {
    const about = topic('load-balancer-protection', front.arn, "without the load balancer no request reaches the fleet's servers");
    const fix = `aws elbv2 modify-load-balancer-attributes ${awsOptions} --load-balancer-arn ${front.arn} --attributes Key=deletion_protection.enabled,Value=true`;
    findings.push(
      ofFront
        ? about.ok(`deletion protection of the load balancer ${front.name} is on`)
        : about.warning(`deletion protection of the load balancer ${front.name} is off`, fix),
    );
  }
  return findings;
};
