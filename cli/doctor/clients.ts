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

export interface Clients {
  readonly acm: ACMClient;
  readonly autoScaling: AutoScalingClient;
  readonly cloudFormation: CloudFormationClient;
  readonly cloudWatch: CloudWatchClient;
  readonly dynamoDb: DynamoDBClient;
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly elastiCache: ElastiCacheClient;
  readonly iam: IAMClient;
  readonly incidents: Pick<IncidentRecords, 'getIncident'>;
  readonly lambda: LambdaClient;
  readonly records: Records;
  readonly s3: S3Client;
  readonly secretsManager: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  readonly readings: Pick<StoreRecords, 'getStore'>;
  readonly sweeps: Pick<SweepRecords, 'latestSweeps'>;
  readonly sts: STSClient;
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
  const sdk = {
    acm: readOnly(new ACMClient(options)),
    autoScaling: readOnly(new AutoScalingClient(options)),
    cloudFormation: readOnly(new CloudFormationClient(options)),
    cloudWatch: readOnly(new CloudWatchClient(options)),
    dynamoDb: readOnly(new DynamoDBClient(options)),
    ec2: readOnly(new EC2Client(options)),
    elb: readOnly(new ElasticLoadBalancingV2Client(options)),
    elastiCache: readOnly(new ElastiCacheClient(options)),
    iam: readOnly(new IAMClient(options)),
    lambda: readOnly(new LambdaClient(options)),
    s3: readOnly(new S3Client({ ...options, forcePathStyle: options.endpoint !== undefined })),
    secretsManager: readOnly(new SecretsManagerClient(options)),
    sns: readOnly(new SNSClient(options)),
    ssm: readOnly(new SSMClient(options)),
    sts: readOnly(new STSClient(options)),
  };
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
