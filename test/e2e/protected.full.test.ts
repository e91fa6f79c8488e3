/** A protected installation: each of its stacks fails once on the first day, and afterwards it refuses `cdk destroy`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DescribeStacksCommand, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { DeleteTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteSecretCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, describe, expect, it } from 'vitest';
import type { FaultInput } from '#local-aws/faults/fault-rule.ts';
import { recordsTableName, releasesBucketName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { cdkFor, cloudFormation, keptConfig, stackNames } from './cdk.ts';
import { withFault } from './faults.ts';
import { kept, secrets } from './fleet.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const dynamoDb = new DynamoDBClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });

/** In the order of `cdk deploy --all`. */
const STACKS = [
  ...['network', 'releases', 'alarms', 'session-store', 'store-operations'],
  ...['web-web-tier', 'web-deploy', 'incidents'],
].map((part) => `keep-${part}`);
const LAST = 'keep-termination-protection';

/** Small: one server, a store of two nodes. */
function keepConfig(): HoldfastConfig {
  const first = keptConfig();
  const web = first.fleets['web'] as HoldfastConfig['fleets'][string];
  const fleet = { ...web, minCapacity: 1, maxCapacity: 2, deploy: { ...web.deploy, minimumHealthyTargets: 0 } };
  const store = { ...first.store, replicas: 1 } as HoldfastConfig['store'];
  return { ...first, installation: 'keep', retention: 'protected', store, fleets: { web: fleet } };
}

const table = { TableName: recordsTableName('keep') };
const bucket = { Bucket: releasesBucketName('keep', '000000000000', kept.region) };
const own = async (): Promise<string[]> => (await stackNames()).filter((name) => name.startsWith('keep-'));
const stacksIn = async (status: string): Promise<string[]> => {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}));
  return Stacks.flatMap(({ StackName = '', StackStatus }) => (StackName.startsWith('keep-') && StackStatus === status ? [StackName] : []));
};

afterAll(() => {
  dynamoDb.destroy();
  s3.destroy();
});

describe('the first deployment of a protected installation', () => {
  const cdk = cdkFor('keep', keepConfig());
  /** The last resource of a stack is refused: everything before it exists by then and has to be deleted again. */
  const lastOf = (stack: string): FaultInput => {
    const template = JSON.parse(readFileSync(path.join(kept.runFolder, 'cdk/keep/cdk.out', `${stack}.template.json`), 'utf8'));
    return { on: 'creation', match: { stack }, when: { nth: Object.keys(template.Resources).length }, effect: { kind: 'error' } };
  };

  it('can be tried again after a failure in any stack', { timeout: 900_000 }, async () => {
    await cdk.synthesize();
    const failed = new Set<string>();
    await withFault(STACKS.map(lastOf), async (seen) => {
      // Stacks that do not depend on each other fail in one run.
      while ((await seen()).some(({ applied }) => applied === 0)) {
        await expect(cdk.deployAgain()).rejects.toThrow(/a fault of this test/);
        const rolledBack = await stacksIn('ROLLBACK_COMPLETE');
        expect(rolledBack.filter((stack) => failed.has(stack))).toEqual([]);
        for (const stack of rolledBack) failed.add(stack);
        expect(await stacksIn('ROLLBACK_FAILED')).toEqual([]);
      }
    });
    expect([...failed].toSorted()).toEqual(STACKS.toSorted());
    await cdk.deployAgain();
    expect(await own()).toEqual([...STACKS, LAST].toSorted());
  });

  it('is protected once everything exists, and stays so with the next `cdk deploy`', { timeout: 240_000 }, async () => {
    const isProtected = async () => {
      const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: LAST }));
      return Stacks?.[0]?.EnableTerminationProtection;
    };
    expect(await isProtected()).toBe(true);
    await cdk.deployAgain();
    expect(await isProtected()).toBe(true);
  });

  it('refuses `cdk destroy`, naming the stack, before anything is deleted', { timeout: 240_000 }, async () => {
    await expect(cdk.destroy()).rejects.toThrow(/keep-termination-protection[\s\S]*TerminationProtection/);
    expect(await own()).toEqual([...STACKS, LAST].toSorted());
  });

  it('is removed after its termination protection is turned off; its table, bucket and secret stay', { timeout: 240_000 }, async () => {
    await cloudFormation.send(new UpdateTerminationProtectionCommand({ StackName: LAST, EnableTerminationProtection: false }));
    await cdk.destroy();
    expect(await own()).toEqual([]);
    await dynamoDb.send(new DescribeTableCommand(table));
    await s3.send(new HeadBucketCommand(bucket));
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
    const kept = SecretList.filter(({ Description }) => Description?.endsWith('of keep'));
    expect(kept).toHaveLength(1);

    await dynamoDb.send(new DeleteTableCommand(table));
    await s3.send(new DeleteBucketCommand(bucket));
    for (const { ARN } of kept) await secrets.send(new DeleteSecretCommand({ SecretId: ARN, ForceDeleteWithoutRecovery: true }));
  });
});
