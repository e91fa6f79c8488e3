import {
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

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

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html */
const AT_ONCE = 20;

/** Tags of load balancers, listeners, rules and target groups, by the ARN of each and the key. One that does not exist is an error of AWS. */
export async function describeTags(
  client: Pick<ElasticLoadBalancingV2Client, 'send'>,
  arns: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (let at = 0; at < arns.length; at += AT_ONCE) {
    const { TagDescriptions = [] } = await client.send(new DescribeTagsCommand({ ResourceArns: arns.slice(at, at + AT_ONCE) }));
    for (const { ResourceArn = '', Tags = [] } of TagDescriptions)
      found.set(ResourceArn, new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value])));
  }
  return found;
}
