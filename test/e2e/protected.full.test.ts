/** A protected installation refuses `cdk destroy`, and is removed as the runbook describes. */
import { DescribeStacksCommand, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { DeleteTableCommand, DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { recordsTableName, releasesBucketName } from '../../functions/shared/naming.ts';
import { holdfastConfig } from '../../infra/config.ts';
import { cdkFor, cloudFormation, physicalIds, stackNames } from './cdk.ts';
import { kept } from './fleet.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const dynamoDb = new DynamoDBClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });

// The stacks that keep data and start no process: the local cloud has room for one whole installation more, not two.
const STACKS = ['keep-network', 'keep-releases'];
const config = holdfastConfig.parse({
  installation: 'keep',
  region: kept.region,
  account: '000000000000',
  credentials: 'cli',
  retention: 'protected',
  fleets: { web: { allowPlainHttp: true } },
});
const table = { TableName: recordsTableName('keep') };
const bucket = { Bucket: releasesBucketName('keep', '000000000000', kept.region) };
const TYPES = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::SSM::Document', 'AWS::EC2::VPC'];

afterAll(() => {
  dynamoDb.destroy();
  s3.destroy();
});

describe('a protected installation', () => {
  const cdk = cdkFor('keep', config);

  it('refuses `cdk destroy`, naming the stack, before anything is deleted', { timeout: 240_000 }, async () => {
    await cdk.deploy(STACKS);
    const before = [await physicalIds('keep-network', TYPES), await physicalIds('keep-releases', TYPES)];
    await expect(cdk.destroy(STACKS)).rejects.toThrow(/keep-(network|releases)[\s\S]*TerminationProtection/);
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
    expect(Stacks.filter(({ StackName }) => STACKS.includes(StackName ?? ''))).toHaveLength(2);
    expect([await physicalIds('keep-network', TYPES), await physicalIds('keep-releases', TYPES)]).toEqual(before);
    await expect(dynamoDb.send(new DeleteTableCommand(table))).rejects.toThrow(/protect/i);
  });

  it('is removed after its protection is switched off; its table and bucket stay', { timeout: 240_000 }, async () => {
    for (const StackName of STACKS) {
      await cloudFormation.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
    }
    await cdk.destroy(STACKS);
    expect(await stackNames()).not.toEqual(expect.arrayContaining(STACKS));
    expect((await dynamoDb.send(new DescribeTableCommand(table))).Table?.DeletionProtectionEnabled).toBe(true);
    await s3.send(new HeadBucketCommand(bucket));

    await dynamoDb.send(new UpdateTableCommand({ ...table, DeletionProtectionEnabled: false }));
    await dynamoDb.send(new DeleteTableCommand(table));
    await s3.send(new DeleteBucketCommand(bucket));
  });
});
