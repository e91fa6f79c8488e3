import { type ElasticLoadBalancingV2Client, ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Attributes, createAttributesReader } from './attributes-reader.ts';

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
    read: (targetGroupArn) => createAttributesReader(client, targetGroupArn)(),
    async write(TargetGroupArn, attributes) {
      const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
      await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    },
  };
}
