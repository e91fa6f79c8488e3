/** The package's `init --store` against the gateway: a stack made the store and its network, and IAM allows what --print-policy prints. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { CreateAccessKeyCommand, CreateUserCommand, DeleteUserPolicyCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { initStore } from '../../../../cli/installation/existing-store/init-store.ts';
import { policyWith } from '../../../../cli/installation/existing-store/read-store.ts';
import { createOutput } from '../../../../cli/output.ts';
import { type LocalAws, startLocalAws } from '../../../../lab/local-aws/start.ts';

const LIMIT_MS = 120_000;
const REGION = 'us-east-1';
const vpcOf = (cidr: string) => ({ Type: 'AWS::EC2::VPC', Properties: { CidrBlock: cidr } });
const subnetOf = (zone: string, cidr: string) => ({
  Type: 'AWS::EC2::Subnet',
  Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: cidr, AvailabilityZone: `${REGION}${zone}` },
});
const tableFor = (subnet: string) => ({
  Type: 'AWS::EC2::SubnetRouteTableAssociation',
  Properties: { RouteTableId: { Ref: 'Table' }, SubnetId: { Ref: subnet } },
});
const endpointTo = (service: string) => ({
  Type: 'AWS::EC2::VPCEndpoint',
  Properties: { VpcId: { Ref: 'Vpc' }, ServiceName: `com.amazonaws.${REGION}.${service}`, RouteTableIds: [{ Ref: 'Table' }] },
});
const TEMPLATE = {
  Resources: {
    Vpc: vpcOf('10.7.0.0/16'),
    A: subnetOf('a', '10.7.1.0/24'),
    B: subnetOf('b', '10.7.2.0/24'),
    Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' } } },
    OfA: tableFor('A'),
    OfB: tableFor('B'),
    ToDynamo: endpointTo('dynamodb'),
    ToS3: endpointTo('s3'),
    Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'store', VpcId: { Ref: 'Vpc' } } },
    Nets: { Type: 'AWS::ElastiCache::SubnetGroup', Properties: { Description: 'store', SubnetIds: [{ Ref: 'A' }, { Ref: 'B' }] } },
    Store: {
      Type: 'AWS::ElastiCache::ReplicationGroup',
      Properties: {
        ReplicationGroupId: 'shop',
        ReplicationGroupDescription: 'sessions of a shop',
        Engine: 'valkey',
        CacheNodeType: 'cache.t4g.small',
        NumCacheClusters: 2,
        AutomaticFailoverEnabled: true,
        TransitEncryptionEnabled: true,
        CacheSubnetGroupName: { Ref: 'Nets' },
        SecurityGroupIds: [{ Ref: 'Group' }],
      },
    },
  },
};

let aws: LocalAws;
let folder: string;
beforeAll(async () => {
  aws = await startLocalAws({ region: REGION });
  const { endpoint, region, credentials } = aws;
  const cloudFormation = new CloudFormationClient({ endpoint, region, credentials });
  await cloudFormation.send(new CreateStackCommand({ StackName: 'shop', TemplateBody: JSON.stringify(TEMPLATE) }));
  await waitUntilStackCreateComplete({ client: cloudFormation, maxWaitTime: 60, minDelay: 0.2, maxDelay: 0.2 }, { StackName: 'shop' });
  cloudFormation.destroy();
}, LIMIT_MS);
afterAll(async () => {
  await aws?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

const quiet = { ...createOutput(true), progress: () => {} };
const OPTIONS = { store: 'shop', region: REGION, keyPrefix: 'sess:' };

it(
  'is allowed to read the store by the policy that it prints, and by nothing less',
  async () => {
    const { endpoint, region, credentials } = aws;
    const iam = new IAMClient({ endpoint, region, credentials });
    await iam.send(new CreateUserCommand({ UserName: 'reader' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
    const reader = { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string };
    const clients = () => {
      const options = { endpoint, region, credentials: reader };
      return {
        cloudFormation: new CloudFormationClient(options),
        elastiCache: new ElastiCacheClient(options),
        ec2: new EC2Client(options),
        secrets: new SecretsManagerClient(options),
      };
    };
    folder = mkdtempSync(path.join(tmpdir(), 'holdfast watch '));
    const place = { folder, tarball: path.join(folder, '../holdfast-0.1.0.tgz'), clients };
    const grant = (PolicyDocument: object) =>
      iam.send(new PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'read', PolicyDocument: JSON.stringify(PolicyDocument) }));

    await expect(initStore(OPTIONS, quiet, place)).rejects.toMatchObject({ code: 'NotAllowed' });
    await grant(policyWith({ region }));
    const reported: object[] = [];
    await initStore(OPTIONS, { ...quiet, result: (value: object) => void reported.push(value) }, place);
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'reader', PolicyName: 'read' }));
    iam.destroy();

    const { network, store, account } = JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8'));
    expect(account).toBe('000000000000');
    expect(network.existing.vpcId).toMatch(/^vpc-/);
    expect(network.existing.storeSubnetIds).toHaveLength(2);
    expect(store.existing).toMatchObject({ tls: true, auth: 'none', engine: 'valkey', replicationGroupId: 'shop', replicas: 1 });
    expect(store.existing.nodes).toHaveLength(2);
    expect(store.existing.securityGroupId).toMatch(/^sg-/);
    expect(reported).toMatchObject([{ decide: [], missing: [] }]);
  },
  LIMIT_MS,
);
