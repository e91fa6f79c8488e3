import {
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Attributes, createAttributesReader } from './attributes-reader.ts';

/** How a target group's targets are reached and checked. Names and values are AWS's. */
export interface GroupSettings {
  /** `HTTP` or `HTTPS`. */
  readonly protocol?: string;
  readonly protocolVersion?: string;
  /** `instance` or `ip`. */
  readonly targetType?: string;
  readonly healthCheckProtocol?: string;
  /** `traffic-port` or a number. */
  readonly healthCheckPort?: string;
  readonly healthCheckPath?: string;
  /** `200`, `200-399`. */
  readonly healthyCodes?: string;
}

/** A fleet's own target group and its drain group, next to each other. */
export interface DrainGroups {
  readonly main: GroupSettings;
  readonly drain: GroupSettings;
  /** The drain group's. */
  readonly attributes: Attributes;
}

/**
 * Reads both, changing nothing.
 * @throws the SDK's TargetGroupNotFoundException where one does not exist
 */
export const createDrainGroupsReader =
  (
    client: Pick<ElasticLoadBalancingV2Client, 'send'>,
    { targetGroupArn, drainTargetGroupArn }: { readonly targetGroupArn: string; readonly drainTargetGroupArn: string },
  ) =>
  async (): Promise<DrainGroups> => {
    const [{ TargetGroups = [] }, attributes] = await Promise.all([
      client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn, drainTargetGroupArn] })),
      createAttributesReader(client, drainTargetGroupArn)(),
    ]);
    const settings = (arn: string) => settingsOf(TargetGroups.find(({ TargetGroupArn }) => TargetGroupArn === arn) ?? {});
    return { main: settings(targetGroupArn), drain: settings(drainTargetGroupArn), attributes };
  };

const settingsOf = (group: TargetGroup): GroupSettings =>
  Object.fromEntries(
    Object.entries({
      protocol: group.Protocol,
      protocolVersion: group.ProtocolVersion,
      targetType: group.TargetType,
      healthCheckProtocol: group.HealthCheckProtocol,
      healthCheckPort: group.HealthCheckPort,
      healthCheckPath: group.HealthCheckPath,
      healthyCodes: group.Matcher?.HttpCode,
    } satisfies Record<keyof GroupSettings, string | undefined>).filter(([, value]) => value !== undefined),
  );
