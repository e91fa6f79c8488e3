/** The shop as it is before Holdfast comes, in a local cloud. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LocalAws } from '#local-aws/start.ts';
import { type Scripts, shopTemplate } from './shop-template.ts';

const StackName = 'shop';
const READY_SECONDS = 180;

type ClientOptions = Pick<LocalAws, 'endpoint' | 'region' | 'credentials'>;

/** Creates the shop's stack. @returns the stack's outputs, when every target is healthy */
export async function openShop(options: ClientOptions, scripts: Scripts): Promise<Readonly<Record<string, string>>> {
  const cloudFormation = new CloudFormationClient(options);
  const elb = new ElasticLoadBalancingV2Client(options);
  try {
    const TemplateBody = JSON.stringify(shopTemplate(options.region, scripts));
    await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }));
    const wait = { client: cloudFormation, maxWaitTime: READY_SECONDS, minDelay: 1, maxDelay: 1 };
    await waitUntilStackCreateComplete(wait, { StackName });
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const outputs = Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
    await untilHealthy(
      elb,
      Object.keys(scripts).map((kind) => outputs[`${kind[0]?.toUpperCase()}${kind.slice(1)}`] ?? ''),
    );
    return outputs;
  } finally {
    cloudFormation.destroy();
    elb.destroy();
  }
}

/** Deletes it, with its servers. */
export async function closeShop(options: ClientOptions): Promise<void> {
  const cloudFormation = new CloudFormationClient(options);
  try {
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete({ client: cloudFormation, maxWaitTime: READY_SECONDS, minDelay: 1, maxDelay: 1 }, { StackName });
  } finally {
    cloudFormation.destroy();
  }
}

async function untilHealthy(elb: ElasticLoadBalancingV2Client, arns: readonly string[]): Promise<void> {
  const deadline = Date.now() + READY_SECONDS * 1_000;
  for (const TargetGroupArn of arns) {
    for (;;) {
      const { TargetHealthDescriptions: all = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      if (all.length > 1 && all.every(({ TargetHealth }) => TargetHealth?.State === 'healthy')) break;
      if (Date.now() > deadline) throw new Error(`the targets of ${TargetGroupArn} are not healthy after ${READY_SECONDS} s`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
