import { type Stack, Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts findings of cdk-nag on `construct` and what lies below it, each with the reason why it is right as it is. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** Reasons that hold for every Lambda function and state machine of Holdfast's. */
export const NO_NARROWER_RESOURCE =
  'X-Ray, log delivery, network interfaces and the Describe calls of ELB, Auto Scaling, SSM and CloudWatch know no narrower resource than *.';

/** The account as cdk-nag writes it into a finding's id. */
export const accountOf = (stack: Stack): string => (Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account);

/** Id of the finding that a policy's resource ends in a wildcard. S3's ARNs name neither Region nor account. */
export function wildcard(stack: Stack, service: string, resource: string): string {
  const place = service === 's3' ? ':' : `${stack.region}:${accountOf(stack)}`;
  return `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${service}:${place}:${resource}]`;
}

export const GROUP_IDS = "AWS makes up the id inside an Auto Scaling group's ARN: the wildcard stands for it, the group's name bounds it.";
export const TAGGED_INSTANCES = "Instance ids are not known beforehand: the condition on the fleet's tag bounds them.";
export const EXECUTION_NAMES =
  "An execution's name is not known beforehand: the wildcard stands for it, the state machine's name bounds it.";
