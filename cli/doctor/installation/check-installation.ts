import { judgeZones, listed } from '../../installation/judge-zones.ts';
import { type Check, type Findings, type StoreCheck, type Topic, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/**
 * Whether the protections against deletion are on, which only the retention `protected` has. `cdk deploy` turns them on, so somebody turned
 * a missing one off.
 */
export const checkProtection: StoreCheck = (facts, { awsOptions, recordsTable, protection }) => {
  if (!protection) return [];
  const { stackName } = protection;
  const stack = topic('termination-protection', stackName, 'while it is off, cdk destroy deletes the installation without a question');
  const tableLoss = 'the table has every release and deploy; anyone who may delete tables can delete it';
  const table = topic('table-protection', recordsTable, tableLoss);
  const protectTable = `aws dynamodb update-table ${awsOptions} --table-name ${recordsTable} --deletion-protection-enabled`;
  const findings = [
    judge(stack, `termination protection of the stack ${stackName}`, known(facts.terminationProtection), 'run "npx --no cdk deploy --all"'),
    judge(table, `deletion protection of the table ${recordsTable}`, known(facts.tableProtection), protectTable),
  ].flat();
  const front = facts.loadBalancer && known(facts.loadBalancer);
  if (!protection.ownLoadBalancer || !front) return findings;
  const about = topic('load-balancer-protection', front.arn, "without the load balancer no request reaches the fleet's servers");
  const fix = `aws elbv2 modify-load-balancer-attributes ${awsOptions} --load-balancer-arn ${front.arn} --attributes Key=deletion_protection.enabled,Value=true`;
  const isOn = facts.loadBalancerProtection && known(facts.loadBalancerProtection);
  return [...findings, judge(about, `deletion protection of the load balancer ${front.name}`, isOn, fix)].flat();
};

function judge(about: Topic, what: string, isOn: boolean | undefined, fix: string): Findings {
  if (isOn === undefined) return [];
  return isOn ? about.ok(`${what} is on`) : about.warning(`${what} is off`, fix);
}

/**
 * AWS refuses a request whose time differs from its own by more than this.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const REFUSED_SECONDS = 300;
const SKEWED_SECONDS = 30;

/** This machine's clock, which leases and certificates are compared with. */
export const checkClock: StoreCheck = (facts) => {
  const skewMs = known(facts.clockSkewMs);
  if (skewMs === undefined) return [];
  const about = topic(
    'clock',
    'this machine',
    'requests are signed with the time, and this report compares leases and certificates with it',
  );
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const what = `this machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} AWS's`;
  if (seconds >= REFUSED_SECONDS) return about.error(what, 'set the clock: AWS refuses requests that differ by five minutes');
  if (seconds >= SKEWED_SECONDS) return about.warning(what, 'enable time synchronization (NTP)');
  return about.ok("this machine's clock matches AWS's");
};

/** Whether the account has the zones that a created network has its subnets in. */
export const checkZones: Check = (facts, { region, zones }) => {
  const ofAccount = known(facts.zones);
  if (zones === undefined || ofAccount === undefined) return [];
  const about = topic('zones', region, 'Holdfast creates a network with subnets in these zones, and EC2 refuses one in another zone');
  const { missing, instead } = judgeZones(zones, ofAccount);
  if (missing.length === 0) return about.ok(`the account has the configured zones ${listed(zones)}`);
  const what = `the account does not have zone${missing.length > 1 ? 's' : ''} ${listed(missing)} of the configuration in ${region}: it has ${listed(ofAccount) || 'none'}`;
  if (instead.length < 2) return about.error(what, 'choose another Region: Holdfast needs two zones');
  return about.error(what, `set "zones": ${JSON.stringify(instead)} in the configuration`);
};
