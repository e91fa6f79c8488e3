import { DescribeTargetGroupAttributesCommand, type ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes } from './target-group-attributes.ts';

/**
 * Reads the attributes of one target group, for a function that changes none.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
export const createAttributesReader =
  (client: Pick<ElasticLoadBalancingV2Client, 'send'>, targetGroupArn: string) => async (): Promise<Attributes> => {
    const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn }));
    return Object.fromEntries(Attributes.map(({ Key = '', Value = '' }) => [Key, Value]));
  };

/** Whether a user's requests go to one server. */
export const isSticky = (attributes: Attributes): boolean => attributes['stickiness.enabled'] === 'true';
