import {
  type Action,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  paginateDescribeListeners,
  paginateDescribeRules,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Attributes, createAttributesReader } from './attributes-reader.ts';

/** A listener through which a target group gets requests, or that sends its users to HTTPS. */
export interface FrontListener {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  /** Every request that it takes for the target group is redirected to HTTPS. */
  readonly redirectsToHttps: boolean;
  readonly arn?: string;
}

/** What is in front of a fleet's servers. */
export interface Front {
  /** `loadBalancerArn` is absent for a target group that no listener uses. */
  describe(): Promise<{ readonly healthCheckPath?: string; readonly loadBalancerArn?: string }>;
  /** Attributes of the target group by key: `stickiness.enabled`. */
  attributes(): Promise<Attributes>;
  listeners(loadBalancerArn: string): Promise<readonly FrontListener[]>;
  /** ARNs of all target groups that the load balancer's listeners use. */
  targetGroups(loadBalancerArn: string): Promise<readonly string[]>;
}

export function createFront(client: ElasticLoadBalancingV2Client, targetGroupArn: string): Front {
  return {
    async describe() {
      const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
      const { HealthCheckPath: healthCheckPath, LoadBalancerArns = [] } = TargetGroups[0] ?? {};
      const [loadBalancerArn] = LoadBalancerArns;
      return { ...(healthCheckPath !== undefined && { healthCheckPath }), ...(loadBalancerArn !== undefined && { loadBalancerArn }) };
    },
    attributes: createAttributesReader(client, targetGroupArn),
    async listeners(loadBalancerArn) {
      const found: FrontListener[] = [];
      for await (const { Listeners = [] } of paginateDescribeListeners({ client }, { LoadBalancerArn: loadBalancerArn })) {
        for (const { ListenerArn, Protocol, Port = 0, DefaultActions = [] } of Listeners) {
          const arn = ListenerArn === undefined ? {} : { arn: ListenerArn };
          // The default action is a rule too, and comes with the others.
          const actions = [...DefaultActions];
          for await (const { Rules = [] } of paginateDescribeRules({ client }, { ListenerArn }))
            actions.push(...Rules.flatMap(({ Actions = [] }) => Actions));
          const forwards = actions.some((action) => forwardsTo(action, targetGroupArn));
          const redirects = actions.some(({ RedirectConfig }) => RedirectConfig?.Protocol === 'HTTPS');
          // Another listener of a shared load balancer.
          if (!forwards && !redirects) continue;
          found.push({ protocol: Protocol === 'HTTPS' ? 'HTTPS' : 'HTTP', port: Port, redirectsToHttps: redirects && !forwards, ...arn });
        }
      }
      return found;
    },
    async targetGroups(loadBalancerArn) {
      const found: string[] = [];
      for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, { LoadBalancerArn: loadBalancerArn }))
        found.push(...TargetGroups.flatMap(({ TargetGroupArn = [] }) => TargetGroupArn));
      return found;
    },
  };
}

function forwardsTo({ TargetGroupArn, ForwardConfig }: Action, targetGroupArn: string): boolean {
  const groups = ForwardConfig?.TargetGroups ?? [];
  return TargetGroupArn === targetGroupArn || groups.some((group) => group.TargetGroupArn === targetGroupArn);
}
