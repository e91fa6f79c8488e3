import { type Stack, Token, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts findings of cdk-nag on `construct` and the constructs below it, each with its reason. */
export function acknowledge(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) Validations.of(construct).acknowledge({ id, reason });
}

/** The reason for every Lambda function and state machine of Holdfast. */
export const NO_NARROWER_RESOURCE =
  'X-Ray, log delivery, network interfaces and the Describe calls of ELB, Auto Scaling, SSM and CloudWatch support no narrower resource than *.';

/** The account in the form that cdk-nag uses in a finding's id. */
export const accountOf = (stack: Stack): string => (Token.isUnresolved(stack.account) ? '<AWS::AccountId>' : stack.account);

/** Id of the finding that a policy's resource ends in a wildcard. S3's ARNs name neither Region nor account. */
export function wildcard(stack: Stack, service: string, resource: string): string {
  const place = service === 's3' ? ':' : `${stack.region}:${accountOf(stack)}`;
  return `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${service}:${place}:${resource}]`;
}

export const GROUP_IDS =
  "AWS generates the id inside an Auto Scaling group's ARN: the wildcard replaces the id, and the group's name limits it.";
export const TAGGED_INSTANCES = "Instance ids are not known in advance: the condition on the fleet's tag limits them.";
export const EXECUTION_NAMES =
  "An execution's name is not known in advance: the wildcard replaces it, and the state machine's name limits it.";
