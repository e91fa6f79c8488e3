import {
  DescribeTargetGroupAttributesCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** Attributes by their keys: `{"stickiness.enabled": "true"}`. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Attributes of target groups. A change is one call that takes effect whole; reads show it at once or some seconds later.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroupAttributes.html
 */
export interface TargetGroupAttributes {
  read(targetGroupArn: string): Promise<Attributes>;
  /** Attributes that are not given stay as they are. */
  write(targetGroupArn: string, attributes: Attributes): Promise<void>;
}

export function createTargetGroupAttributes(client: Pick<ElasticLoadBalancingV2Client, 'send'>): TargetGroupAttributes {
  return {
    async read(TargetGroupArn) {
      const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
      return Object.fromEntries(Attributes.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
    async write(TargetGroupArn, attributes) {
      const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
      await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    },
  };
}
