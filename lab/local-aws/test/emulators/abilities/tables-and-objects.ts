/** DynamoDB and S3. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Ability } from './ability.ts';
import { mustRefuse, name, tableSettings, WAIT_SECONDS } from './calls.ts';

export const TABLES_AND_OBJECTS: readonly Ability[] = [
  {
    service: 'DynamoDB',
    what: 'refuses a write whose condition is false',
    async show(config) {
      const client = new DynamoDBClient(config);
      const TableName = name();
      await client.send(new CreateTableCommand(tableSettings(TableName)));
      await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 1 }, { TableName });
      const put = () =>
        client.send(new PutItemCommand({ TableName, Item: { k: { S: 'x' } }, ConditionExpression: 'attribute_not_exists(k)' }));
      await put();
      await mustRefuse(/^ConditionalCheckFailedException/, put());
    },
  },
  {
    service: 'S3',
    what: 'refuses to overwrite an object with If-None-Match',
    async show(config) {
      const client = new S3Client({ ...config, forcePathStyle: true });
      const Bucket = name();
      await client.send(new CreateBucketCommand({ Bucket }));
      const put = () => client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', IfNoneMatch: '*' }));
      await put();
      await mustRefuse(/^PreconditionFailed/, put());
    },
  },
];
