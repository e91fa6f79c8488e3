import { DescribeTargetGroupAttributesCommand, type ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';

/** How a target group keeps a user's requests on one server. */
interface Stickiness {
  /** The target group's `stickiness.enabled`. */
  readonly enabled: boolean;
  /** How long after a user's last request; absent while it is off. */
  readonly seconds?: number;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export const readStickiness = (client: ElasticLoadBalancingV2Client, targetGroupArn: string) => async (): Promise<Stickiness> => {
  const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn }));
  const value = (key: string) => Attributes.find(({ Key }) => Key === `stickiness.${key}`)?.Value;
  const seconds = Number(value(`${value('type') ?? 'lb_cookie'}.duration_seconds`));
  const enabled = value('enabled') === 'true';
  return { enabled, ...(enabled && seconds > 0 && { seconds }) };
};

/** Whether a user's requests go to one server. */
export const createStickiness = (client: ElasticLoadBalancingV2Client, targetGroupArn: string) => async (): Promise<boolean> =>
  (await readStickiness(client, targetGroupArn)()).enabled;
