/** `init --existing` against the gateway: a stack made the fleet, IAM allows what --print-policy prints, and the script runs on the servers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type InitFleetOptions, initFleet } from '../../../../cli/installation/existing-fleet/init-fleet.ts';
import { createOutput } from '../../../../cli/output.ts';
import { pages, STORE, shopTemplate } from '../../../../lab/bench/shop/shop-template.ts';
import { type LocalAws, startLocalAws } from '../../../../lab/local-aws/start.ts';
import { until } from '../../../until.ts';

const LIMIT_MS = 180_000;
const REGION = 'us-east-1';

let aws: LocalAws;
let targetGroup: string;
let reader: { accessKeyId: string; secretAccessKey: string };
let iam: IAMClient;
const folders: string[] = [];

beforeAll(async () => {
  aws = await startLocalAws({ region: REGION });
  const { endpoint, region, credentials } = aws;
  const options = { endpoint, region, credentials };
  const cloudFormation = new CloudFormationClient(options);
  // Its Tomcats do not start: the fleet of this test has Node.
  const TemplateBody = JSON.stringify(shopTemplate(region, pages('/nonexistent')));
  await cloudFormation.send(new CreateStackCommand({ StackName: 'shop', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }));
  await waitUntilStackCreateComplete({ client: cloudFormation, maxWaitTime: 90, minDelay: 0.2, maxDelay: 0.2 }, { StackName: 'shop' });
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'shop' }));
  targetGroup = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'Node')?.OutputValue ?? '';
  cloudFormation.destroy();
  const elb = new ElasticLoadBalancingV2Client(options);
  await until(
    async () => {
      const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: targetGroup }));
      return TargetHealthDescriptions.every(({ TargetHealth }) => TargetHealth?.State === 'healthy') || undefined;
    },
    'healthy targets',
    60_000,
  );
  elb.destroy();
  iam = new IAMClient(options);
  await iam.send(new CreateUserCommand({ UserName: 'reader' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
  reader = { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string };
}, LIMIT_MS);
afterAll(async () => {
  iam?.destroy();
  await aws?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

const clients = () => {
  const options = { endpoint: aws.endpoint, region: aws.region, credentials: reader };
  return {
    cloudFormation: new CloudFormationClient(options),
    elastiCache: new ElastiCacheClient(options),
    ec2: new EC2Client(options),
    secrets: new SecretsManagerClient(options),
    elb: new ElasticLoadBalancingV2Client(options),
    autoScaling: new AutoScalingClient(options),
    iam: new IAMClient(options),
    ssm: new SSMClient(options),
  };
};

interface Policy {
  readonly Statement: readonly { readonly Action: readonly string[] }[];
}

/** @returns what it prints, and the configuration that it wrote */
async function init(more: Partial<InitFleetOptions> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast fleet '));
  folders.push(folder);
  const printed: unknown[] = [];
  const output = { ...createOutput(true), progress: () => {}, result: (value: object) => void printed.push(value) };
  const place = { folder, tarball: path.join(folder, '../holdfast-0.1.0.tgz'), clients };
  await initFleet({ targetGroup, store: STORE, keyPrefix: 'sess:', ...more }, output, place);
  const config = () => JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8'));
  return { printed: printed[0] as Record<string, unknown>, config };
}
const grant = (policy: object) =>
  iam.send(new PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'read', PolicyDocument: JSON.stringify(policy) }));

it(
  'is allowed what its policy prints and nothing less, and without the command marks what it would have read',
  async () => {
    const policy = (await init({ printPolicy: true })).printed as unknown as Policy;
    await expect(init()).rejects.toMatchObject({ code: 'NotAllowed' });

    const withoutCommand = { ...policy, Statement: policy.Statement.filter(({ Action }) => !Action.includes('ssm:SendCommand')) };
    await grant(withoutCommand);
    expect((await init()).config().fleets.web.existing.replacesService).toMatch(/^FILL IN: .*do not allow Run Command/);

    await grant(policy);
    const { printed, config } = await init();
    const { web } = config().fleets;
    expect(web).toMatchObject({
      port: 8080,
      members: 'instances',
      existing: { instanceRoleName: 'shop-server', replacesService: 'shop-node.service' },
    });
    expect(web.app).toBeUndefined();
    expect(config().network.existing.webSubnetIds).toHaveLength(2);
    expect(printed['notes']).toContain(`2 of 2 servers are connected to ${STORE}.`);
    expect(printed['missing']).toEqual([]);
  },
  LIMIT_MS,
);
