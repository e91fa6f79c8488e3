/** What must be true after a step, seen from outside: its commands' exit codes alone do not show that users are served. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { DEFAULT_FLEET } from '../../cli/cloud.ts';
import { DEFAULT_INSTALLATION, targetGroupName } from '../../functions/shared/naming.ts';
import type { Place } from './place.ts';

const HEALTH_PATH = '/live';
const ANSWER_MS = 10_000;
/** A load balancer that has just been created is reachable after some minutes. */
const REACHABLE_MS = 5 * 60_000;
const AGAIN_MS = 2_000;

export type Check = (place: Place) => Promise<string | undefined>;

/** By the step's name. @returns what is wrong, or undefined */
export const CHECKS: Readonly<Record<string, Check>> = {
  'Deploy the stacks': async (place) => {
    const url = await loadBalancerUrl(place);
    const health = await untilAnswer(`${url}${HEALTH_PATH}`, 200);
    if (health !== 200) return `${HEALTH_PATH} answers ${health} instead of 200`;
    const { status, headers } = await ask(`${url}/`);
    if (status !== 503) return `/ answers ${status} instead of 503, before any release`;
    return headers.get('cache-control')?.includes('no-store') ? undefined : 'the answer 503 can be cached';
  },
  'Deploy the first release': servesTheApplication,
  'Deploy the next release': servesTheApplication,
  'Delete everything': async ({ client }) => {
    const cloudFormation = new CloudFormationClient(client);
    const left: string[] = [];
    try {
      for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {}))
        left.push(...Stacks.map(({ StackName = '' }) => StackName).filter((name) => name.startsWith(`${DEFAULT_INSTALLATION}-`)));
    } finally {
      cloudFormation.destroy();
    }
    return left.length === 0 ? undefined : `these stacks are left: ${left.join(', ')}`;
  },
};

async function servesTheApplication(place: Place): Promise<string | undefined> {
  const status = await untilAnswer(`${await loadBalancerUrl(place)}/`, 200);
  return status === 200 ? undefined : `/ answers ${status} instead of 200`;
}

async function loadBalancerUrl({ client, urlOf }: Place): Promise<string> {
  const elbv2 = new ElasticLoadBalancingV2Client(client);
  try {
    const { LoadBalancers = [] } = await elbv2.send(
      new DescribeLoadBalancersCommand({ Names: [targetGroupName(DEFAULT_INSTALLATION, DEFAULT_FLEET)] }),
    );
    return await urlOf(LoadBalancers[0]?.DNSName ?? '');
  } finally {
    elbv2.destroy();
  }
}

/** @returns the status that came at last, or the failure's text */
async function untilAnswer(url: string, wanted: number): Promise<number | string> {
  const deadline = Date.now() + REACHABLE_MS;
  for (;;) {
    const found = await ask(url).then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    if (found === wanted || Date.now() > deadline) return found;
    await sleep(AGAIN_MS);
  }
}

const ask = (url: string): Promise<Response> => fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
