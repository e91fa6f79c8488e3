/** Opens the shop in the kept cloud: its artifacts, its stack, its servers on premises; and closes it again. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateBucketCommand, DeleteBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateActivationCommand, DeregisterManagedInstanceCommand } from '@aws-sdk/client-ssm';
import { startMachine, stopMachine } from '#local-aws/on-premises/client.ts';
import { until } from '../../until.ts';
import { autoScaling, elb, kept, ssm } from '../fleet.ts';
import { emptyBucket } from './leftovers.ts';
import { ON_PREMISES, STACK } from './names.ts';
import { serverScript } from './servers.ts';
import { foreignTemplate } from './template.ts';

const BUCKET = 'foreign-shop-artifacts';
const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/node-app');
/** Its own version, which no release of Holdfast's has. */
export const SHOP_VERSION = '0.9.0';

type OutputName = keyof ReturnType<typeof foreignTemplate>['Outputs'];
export type Outputs = Readonly<Record<OutputName, string>>;

export interface Shop {
  readonly outputs: Outputs;
  readonly nodes: readonly { readonly nodeId: string; readonly ip: string }[];
  close(): Promise<void>;
}

const config = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const cloudFormation = new CloudFormationClient(config);
const s3 = new S3Client({ ...config, forcePathStyle: true });

/** @throws Error with the reasons of CloudFormation's events when the stack cannot be made */
export async function openShop(): Promise<Shop> {
  await publishArtifacts();
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: STACK,
      TemplateBody: JSON.stringify(foreignTemplate()),
      Parameters: [{ ParameterKey: 'ArtifactsBucket', ParameterValue: BUCKET }],
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  const outputs = await stackOutputs();
  // The owner's own setting, which a deploy must not change.
  await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: outputs.Group, ScalingProcesses: ['AZRebalance'] }));
  const machines = await startOnPremises(outputs);
  await Promise.all([outputs.AsgTargets, outputs.PlainTargets, outputs.EdgeTargets].map((arn) => untilHealthyTargets(arn, 3)));
  return {
    outputs,
    nodes: machines.map(({ nodeId, ip }) => ({ nodeId, ip })),
    async close() {
      await Promise.all(machines.map(({ machineId }) => stopMachine(kept, machineId)));
      for (const { nodeId } of machines) await ssm.send(new DeregisterManagedInstanceCommand({ InstanceId: nodeId }));
      await emptyBucket(BUCKET);
      await s3.send(new DeleteBucketCommand({ Bucket: BUCKET }));
      await cloudFormation.send(new DeleteStackCommand({ StackName: STACK }));
      await until(async () => ['DELETE_COMPLETE', 'absent'].includes(await status()) || undefined, 'the shop is closed', 60_000);
    },
  };
}

export const untilHealthyTargets = (TargetGroupArn: string, count: number): Promise<unknown> =>
  until(async () => {
    const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const states = TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State);
    return states.length === count && states.every((state) => state === 'healthy') ? true : undefined;
  }, `${count} healthy targets in ${TargetGroupArn}`);

/** The server as the shop builds it: one file and its package. */
async function publishArtifacts(): Promise<void> {
  const out = path.join(kept.runFolder, 'foreign', SHOP_VERSION);
  await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), '--version', SHOP_VERSION, '--out', out], {
    timeout: 30_000,
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const Key of ['server.mjs', 'package.json']) {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: await readFile(path.join(out, Key)) }));
  }
}

async function status(): Promise<string> {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK })).catch(() => ({ Stacks: [] }));
  return Stacks?.[0]?.StackStatus ?? 'absent';
}

async function stackOutputs(): Promise<Outputs> {
  const stack = await until(
    async () => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }));
      return Stacks?.[0]?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : Stacks?.[0];
    },
    'the stack of the shop',
    90_000,
  );
  if (stack.StackStatus !== 'CREATE_COMPLETE') {
    const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: STACK }));
    const reasons = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
    throw new Error(
      `${stack.StackStatus}: ${reasons.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`).join('\n')}`,
    );
  }
  return Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])) as Outputs;
}

async function startOnPremises(outputs: Outputs): Promise<{ machineId: string; nodeId: string; ip: string }[]> {
  const { ActivationId, ActivationCode } = await ssm.send(
    new CreateActivationCommand({
      IamRole: outputs.OnPremisesRole,
      RegistrationLimit: ON_PREMISES.length,
      DefaultInstanceName: 'shop-edge',
      Tags: [{ Key: 'owner', Value: 'shop' }],
    }),
  );
  const script = serverScript(
    { bucket: BUCKET, secret: outputs.ApplicationSecret, store_host: outputs.StoreHost, store_port: outputs.StorePort },
    `amazon-ssm-agent -register -code '${ActivationCode}' -id '${ActivationId}' -region '${kept.region}'\n`,
  );
  return Promise.all(
    ON_PREMISES.map(async (ip) => {
      const { machineId, nodeId } = await startMachine(kept, `shop-edge-${ip}`, ip, script);
      if (nodeId === undefined) throw new Error(`${ip} is no managed node`);
      return { machineId, nodeId, ip };
    }),
  );
}
