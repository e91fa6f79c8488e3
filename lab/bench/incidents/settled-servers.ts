/** Auto Scaling replaces servers that a case made unhealthy. One that starts after a fault was set does not have it. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../../../cli/cloud.ts';
import { autoScalingGroupName, targetGroupName } from '../../../functions/shared/naming.ts';
import { waitUntil } from '../../processes/wait.ts';

/** A replacement starts, installs its release and passes its health checks within a minute. */
const LIMIT_MS = 180_000;
const POLL_MS = 1_000;

export interface Member {
  readonly id: string;
  readonly isInService: boolean;
}

/** Every member is in service and healthy at the load balancer, and there are as many as are desired. Pure. */
export const areSettled = (members: readonly Member[], desired: number, healthy: ReadonlySet<string>): boolean =>
  members.length === desired && members.every(({ id, isInService }) => isInService && healthy.has(id));

/** @throws Error when servers are still being replaced after three minutes */
export async function untilServersAreSettled({ client, installation, fleet }: Cloud): Promise<void> {
  const autoScaling = new AutoScalingClient(client);
  const elb = new ElasticLoadBalancingV2Client(client);
  try {
    await waitUntil('every server in service and healthy', () => look(autoScaling, elb, installation, fleet), {
      timeoutMs: LIMIT_MS,
      pollMs: POLL_MS,
    });
  } finally {
    autoScaling.destroy();
    elb.destroy();
  }
}

async function look(
  autoScaling: AutoScalingClient,
  elb: ElasticLoadBalancingV2Client,
  installation: string,
  fleet: string,
): Promise<boolean> {
  const { AutoScalingGroups } = await autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [autoScalingGroupName(installation, fleet)] }),
  );
  const { Instances = [], DesiredCapacity = 0 } = AutoScalingGroups?.[0] ?? {};
  const members = Instances.map(({ InstanceId = '', LifecycleState, HealthStatus }) => ({
    id: InstanceId,
    isInService: LifecycleState === 'InService' && HealthStatus === 'Healthy',
  }));
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName(installation, fleet)] }));
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  const healthy = TargetHealthDescriptions.flatMap(({ Target, TargetHealth }) =>
    TargetHealth?.State === 'healthy' && Target?.Id !== undefined ? [Target.Id] : [],
  );
  return areSettled(members, DesiredCapacity, new Set(healthy));
}
