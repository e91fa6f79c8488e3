/** Stickiness of the fleet's target group, changed at the load balancer as anybody with its permission could. */
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Changer } from '../contract.ts';

type Attributes = Readonly<Record<string, string>>;

export interface StickyTargetGroup {
  arn(): Promise<string>;
  /** Those whose name begins with `stickiness.`. */
  read(targetGroupArn: string): Promise<Attributes>;
  write(targetGroupArn: string, attributes: Attributes): Promise<void>;
}

export function stickinessChanger(group: StickyTargetGroup): Changer<'stickiness'> {
  return {
    async prepare() {
      const targetGroupArn = await group.arn();
      return { targetGroupArn, attributes: await group.read(targetGroupArn) };
    },
    async apply({ attributes }, before) {
      await group.write(before.targetGroupArn, attributes);
      return before;
    },
    restore: ({ targetGroupArn, attributes }) => group.write(targetGroupArn, attributes),
  };
}

export function stickyTargetGroup(client: ElasticLoadBalancingV2Client, name: string): StickyTargetGroup {
  return {
    async arn() {
      const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: [name] }));
      return TargetGroups?.[0]?.TargetGroupArn as string;
    },
    async read(TargetGroupArn) {
      const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
      const found = Attributes.map(({ Key = '', Value = '' }) => [Key, Value] as const);
      return Object.fromEntries(found.filter(([key, value]) => key.startsWith('stickiness.') && value !== ''));
    },
    async write(TargetGroupArn, attributes) {
      const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
      await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
    },
  };
}
