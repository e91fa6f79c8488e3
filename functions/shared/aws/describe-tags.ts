import { DescribeTagsCommand, type ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';

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
