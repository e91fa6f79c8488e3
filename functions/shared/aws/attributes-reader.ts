import { DescribeTargetGroupAttributesCommand, type ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';

/** Attributes by their keys: `{"stickiness.enabled": "true"}`. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Reads the attributes of one target group, for a function that changes none.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
export const createAttributesReader =
  (client: Pick<ElasticLoadBalancingV2Client, 'send'>, targetGroupArn: string) => async (): Promise<Attributes> => {
    const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn }));
    return Object.fromEntries(Attributes.map(({ Key = '', Value = '' }) => [Key, Value]));
  };

/** How long after a user's last request the load balancer leads the next one to the same server; undefined while stickiness is off. */
export function stickySeconds(attributes: Attributes): number | undefined {
  const seconds = Number(attributes[`stickiness.${attributes['stickiness.type'] ?? 'lb_cookie'}.duration_seconds`]);
  return isSticky(attributes) && seconds > 0 ? seconds : undefined;
}

/** Whether a user's requests go to one server. */
export const isSticky = (attributes: Attributes): boolean => attributes['stickiness.enabled'] === 'true';
