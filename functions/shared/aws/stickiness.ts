import { DescribeTargetGroupAttributesCommand, type ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';

/**
 * Reads whether a user's requests go to one server: the target group's `stickiness.enabled`.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
export const createStickiness = (client: ElasticLoadBalancingV2Client, targetGroupArn: string) => async (): Promise<boolean> => {
  const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn }));
  return Attributes.some(({ Key, Value }) => Key === 'stickiness.enabled' && Value === 'true');
};
