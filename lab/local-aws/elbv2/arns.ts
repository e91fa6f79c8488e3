/** Names of ELBv2 resources, in AWS's shapes. */
import { randomBytes } from 'node:crypto';
import { LOCAL_ACCOUNT_ID } from '../local-account.ts';

const newId = (): string => randomBytes(8).toString('hex');
const prefix = (region: string): string => `arn:aws:elasticloadbalancing:${region}:${LOCAL_ACCOUNT_ID}:`;

/** The ARN of a new load balancer, and `app/NAME/ID`. */
export function loadBalancerArn(region: string, name: string): { arn: string; fullName: string } {
  const fullName = `app/${name}/${newId()}`;
  return { arn: `${prefix(region)}loadbalancer/${fullName}`, fullName };
}

/** The ARN of a new target group, and `targetgroup/NAME/ID`. */
export function targetGroupArn(region: string, name: string): { arn: string; fullName: string } {
  const fullName = `targetgroup/${name}/${newId()}`;
  return { arn: prefix(region) + fullName, fullName };
}

/** `…:loadbalancer/app/NAME/ID` to `…:listener/app/NAME/ID/LISTENER`. */
export function listenerArn(ofLoadBalancer: string): string {
  return `${ofLoadBalancer.replace(':loadbalancer/', ':listener/')}/${newId()}`;
}

/** `…:listener/app/NAME/ID/LISTENER` to `…:listener-rule/app/NAME/ID/LISTENER/RULE`. */
export function ruleArn(ofListener: string): string {
  return `${ofListener.replace(':listener/', ':listener-rule/')}/${newId()}`;
}

/** A name as CloudFormation generates it when a template has none: at most 32 characters, of stack and logical id. */
export function generatedName(stackName: string, logicalId: string): string {
  const part = (text: string, length: number): string => text.replace(/[^A-Za-z0-9-]/g, '').slice(0, length);
  return `${part(stackName, 6)}-${part(logicalId, 12)}-${randomBytes(6).toString('hex').toUpperCase()}`.replace(/-{2,}/g, '-');
}
