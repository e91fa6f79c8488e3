/** Waits, bounded, until the deployed fleet can take traffic. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../cli/cloud.ts';
import { readCloudState } from '../cli/cloud-state.ts';
import { targetGroupName } from '../functions/shared/naming.ts';

/** Three instances launch, fetch a release and pass their gate; on two busy cores that takes some 10 s. */
const HEALTHY_TIMEOUT_MS = 90_000;
/** The daemon writes the address to cloud.json within a quarter of a second. */
const LISTENING_TIMEOUT_MS = 10_000;
const POLL_MS = 200;

/** @throws Error naming the states of the targets at the deadline */
export async function untilHealthy(cloud: Cloud, wanted: number, signal: AbortSignal): Promise<void> {
  const { installation, fleet } = cloud;
  const client = new ElasticLoadBalancingV2Client(cloud.client);
  const deadline = Date.now() + HEALTHY_TIMEOUT_MS;
  try {
    const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName(installation, fleet)] }));
    const group = { TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn };
    for (;;) {
      const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand(group), { abortSignal: signal });
      const states = TargetHealthDescriptions.map((target) => target.TargetHealth?.State ?? 'unknown');
      if (states.filter((state) => state === 'healthy').length >= wanted) return;
      if (Date.now() > deadline)
        throw new Error(
          `${wanted} healthy servers were expected within ${HEALTHY_TIMEOUT_MS / 1000} s; the targets are: ${states.join(', ') || 'none'}`,
        );
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    client.destroy();
  }
}

/** @returns the load balancer's URL */
export async function untilListening(signal: AbortSignal): Promise<string> {
  const deadline = Date.now() + LISTENING_TIMEOUT_MS;
  for (;;) {
    const url = (await readCloudState())?.loadBalancerUrl;
    if (url) return url;
    if (Date.now() > deadline)
      throw new Error(`the load balancer opened no listener within ${LISTENING_TIMEOUT_MS / 1000} s: see .holdfast/logs`);
    await sleep(POLL_MS, undefined, { signal });
  }
}
