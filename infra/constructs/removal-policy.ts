import { RemovalPolicy } from 'aws-cdk-lib';
import type { HoldfastConfig } from '../config.ts';

/**
 * The policy of resources with data. Those of a protected installation stay when their stack is deleted, but not when its first creation is
 * rolled back: they are empty then, and their names would block the next creation.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
 */
export const removalPolicyOf = ({ retention }: Pick<HoldfastConfig, 'retention'>): RemovalPolicy =>
  retention === 'ephemeral' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
