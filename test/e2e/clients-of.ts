/** Clients of the kept cloud with somebody's credentials. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { kept } from './fleet.ts';

export function clientsOf(credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string }) {
  const config = { region: kept.region, endpoint: kept.gatewayUrl, credentials, maxAttempts: 1 };
  return {
    table: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    stepFunctions: new SFNClient(config),
    ssm: new SSMClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
    autoScaling: new AutoScalingClient(config),
    elastiCache: new ElastiCacheClient(config),
  };
}
