import { type Check, type Findings, type Topic, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/**
 * Whether the protections against deletion are on, which only the retention `protected` has. `cdk deploy` turns them on, so somebody turned
 * a missing one off.
 */
export const checkProtection: Check = (facts, { awsOptions, recordsTable, protection }) => {
  if (!protection) return [];
  const { stackName } = protection;
  const stack = topic('termination-protection', stackName, 'while it is off, cdk destroy deletes the installation without a question');
  const tableLoss = 'the table has every release and deploy; anyone who may delete tables can delete it';
  const table = topic('table-protection', recordsTable, tableLoss);
  const protectTable = `aws dynamodb update-table ${awsOptions} --table-name ${recordsTable} --deletion-protection-enabled`;
  const findings = [
    judge(stack, `termination protection of the stack ${stackName}`, known(facts.terminationProtection), 'run "npx cdk deploy --all"'),
    judge(table, `deletion protection of the table ${recordsTable}`, known(facts.tableProtection), protectTable),
  ].flat();
  const front = known(facts.loadBalancer);
  if (!protection.ownLoadBalancer || !front) return findings;
  const about = topic('load-balancer-protection', front.arn, "without the load balancer no request reaches the fleet's servers");
  const fix = `aws elbv2 modify-load-balancer-attributes ${awsOptions} --load-balancer-arn ${front.arn} --attributes Key=deletion_protection.enabled,Value=true`;
  const isOn = known(facts.loadBalancerProtection);
  return [...findings, judge(about, `deletion protection of the load balancer ${front.name}`, isOn, fix)].flat();
};

function judge(about: Topic, what: string, isOn: boolean | undefined, fix: string): Findings {
  if (isOn === undefined) return [];
  return isOn ? about.ok(`${what} is on`) : about.warning(`${what} is off`, fix);
}
