/** SDK clients of doctor: they send reads only and refuse every other call. */
import { ACMClient } from '@aws-sdk/client-acm';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { MiddlewareStack } from '@smithy/types';
import { dynamoStoreRecords, type StoreRecords } from '../../functions/collect/store-records.ts';
import { dynamoIncidentRecords } from '../../functions/incidents/records/dynamo-incident-records.ts';
import type { IncidentRecords } from '../../functions/incidents/records/incident-records.ts';
import { dynamoRecords } from '../../functions/records/dynamo-records.ts';
import type { Records } from '../../functions/records/records.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../functions/records/sdk-dynamo-calls.ts';
import { dynamoSweepRecords, type SweepRecords } from '../../functions/sweep/sweep-records.ts';
import type { ClientOptions } from '../cloud.ts';

/** Access level Read or List in the service authorization reference; SimulatePrincipalPolicy changes nothing either. */
const READS = /^(BatchGet|Describe|Get|Head|List|Query|SimulatePrincipalPolicy)/;

/** A defect of doctor itself; nothing was sent. */
class NotARead extends Error {
  override readonly name = 'NotARead';
}

/** Receives the name of every call before it is sent: `DescribeTargetHealth`. */
export type CallWatcher = (operation: string) => void;

const SDK = {
  acm: ACMClient,
  autoScaling: AutoScalingClient,
  cloudFormation: CloudFormationClient,
  cloudWatch: CloudWatchClient,
  dynamoDb: DynamoDBClient,
  ec2: EC2Client,
  elb: ElasticLoadBalancingV2Client,
  elastiCache: ElastiCacheClient,
  iam: IAMClient,
  lambda: LambdaClient,
  s3: S3Client,
  secretsManager: SecretsManagerClient,
  sns: SNSClient,
  ssm: SSMClient,
  sts: STSClient,
};
type SdkClients = { readonly [Name in keyof typeof SDK]: InstanceType<(typeof SDK)[Name]> };

export interface Clients extends SdkClients {
  readonly incidents: Pick<IncidentRecords, 'getIncident'>;
  readonly records: Records;
  readonly readings: Pick<StoreRecords, 'getStore'>;
  readonly sweeps: Pick<SweepRecords, 'latestSweeps'>;
  close(): void;
}

export function createClients(options: ClientOptions, recordsTable: string, onCall: CallWatcher = () => {}): Clients {
  const readOnly = <T extends { readonly middlewareStack: unknown }>(client: T): T => {
    // Each client's stack has its own types; this middleware reads only the command's name.
    (client.middlewareStack as MiddlewareStack<object, object>).add(
      (next, { commandName = '' }) =>
        (args) => {
          const operation = commandName.replace(/Command$/, '');
          if (!READS.test(operation)) throw new NotARead(`${operation} is not a read. Doctor changes nothing, so it was not sent.`);
          onCall(operation);
          return next(args);
        },
      { step: 'initialize', name: 'readOnly' },
    );
    return client;
  };
  const own = { ...options, forcePathStyle: options.endpoint !== undefined };
  const sdk = Object.fromEntries(Object.entries(SDK).map(([name, Client]) => [name, readOnly(new Client(own))])) as unknown as SdkClients;
  const dynamo = sdkDynamoCalls(DynamoDBDocumentClient.from(sdk.dynamoDb));
  const table = createRecordsTable(dynamo, recordsTable);
  return {
    ...sdk,
    records: dynamoRecords(dynamo, recordsTable),
    incidents: dynamoIncidentRecords(table),
    sweeps: dynamoSweepRecords(table),
    readings: dynamoStoreRecords(table),
    close: () => {
      for (const client of Object.values(sdk)) client.destroy();
    },
  };
}
