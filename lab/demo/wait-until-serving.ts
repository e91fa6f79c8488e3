/** Waits, bounded, until the deployed fleet can take traffic. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../../cli/cloud.ts';
import { readCloudState } from '../../cli/cloud-state.ts';
import { targetGroupName } from '../../functions/shared/naming.ts';
import { createServerExplainer } from './explain-servers.ts';
import { lastRunLogs } from './last-run-logs.ts';

/** Three instances launch, fetch a release and pass their readiness check; on two busy cores that takes some 10 s. */
const HEALTHY_TIMEOUT_MS = 90_000;
/** The daemon writes the address to cloud.json within a quarter of a second. */
const LISTENING_TIMEOUT_MS = 10_000;
const POLL_MS = 200;

/** More than this would not be read. */
const MOST_EXPLAINED = 3;

/** @throws Error naming each server that is not healthy at the deadline, and why, and where the logs are kept */
export async function untilHealthy(cloud: Cloud, wanted: number, signal: AbortSignal): Promise<void> {
  const { installation, fleet } = cloud;
  const client = new ElasticLoadBalancingV2Client(cloud.client);
  const explainer = createServerExplainer(cloud);
  /** Reasons by instance id, read when an instance became unhealthy, because it can be gone at the deadline. */
  const reasons = new Map<string, Promise<string>>();
  const deadline = Date.now() + HEALTHY_TIMEOUT_MS;
  try {
    const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName(installation, fleet)] }));
    const group = { TargetGroupArn: TargetGroups?.[0]?.TargetGroupArn };
    for (;;) {
      const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand(group), { abortSignal: signal });
      const states = new Map(
        TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Id ?? '', TargetHealth?.State ?? 'unknown']),
      );
      const healthy = [...states].filter(([, state]) => state === 'healthy').length;
      if (healthy >= wanted) return;
      const isOver = Date.now() > deadline;
      for (const [id, state] of states) {
        if (!reasons.has(id) && (state === 'unhealthy' || (isOver && state !== 'healthy'))) reasons.set(id, explainer.explain(id));
      }
      if (isOver) throw new Error(describeUnhealthy(wanted, healthy, states, await settled(reasons, states)));
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    explainer.close();
    client.destroy();
  }
}

/** The reasons of servers that did not become healthy in the end, the latest ones. */
async function settled(
  reasons: ReadonlyMap<string, Promise<string>>,
  states: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const open = [...reasons].filter(([id]) => states.get(id) !== 'healthy').slice(-MOST_EXPLAINED);
  return new Map(await Promise.all(open.map(async ([id, reason]) => [id, await reason] as const)));
}

/** What `up` prints when too few servers become healthy. */
export function describeUnhealthy(
  wanted: number,
  healthy: number,
  states: ReadonlyMap<string, string>,
  reasons: ReadonlyMap<string, string>,
): string {
  const lines = [...reasons].map(([id, reason]) => `\n- ${id} is ${states.get(id) ?? 'gone, and was replaced'}: ${reason}`);
  const nothing = lines.length === 0 ? ' No server was registered: its launch did not end.' : '';
  return `${healthy} of ${wanted} servers became healthy within ${HEALTHY_TIMEOUT_MS / 1000} s.${nothing}${lines.join('')}\nThe local cloud was stopped; its logs are kept in ${lastRunLogs()}`;
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
