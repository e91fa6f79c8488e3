import { Duration, type aws_logs as logs, type Stack } from 'aws-cdk-lib';
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import { PUBLISH_ENV } from '../../../functions/releases/publish/environment.ts';
import { PUBLISH_LIMIT_SECONDS } from '../../../functions/releases/publish/publish.ts';
import { functionName, incomingPrefix, PUBLISH_ROLE, releasesBucketName } from '../../../functions/shared/naming.ts';
import type { ReleasesStack } from '../../stacks/releases-stack.ts';
import { accountOf, acknowledge, wildcard } from '../acknowledge.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import { ownRecords } from '../records-table.ts';

export interface PublishFunctionProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly releases: ReleasesStack;
  readonly logRetentionDays: logs.RetentionDays;
}

/**
 * The one function that writes archives and releases of a fleet; publishers may invoke it. It deletes no version of an
 * object, and replaces no record.
 */
export function publishFunction(stack: Stack, { installation, fleetName, releases, logRetentionDays }: PublishFunctionProps): void {
  const { records } = releases;
  const bucketName = releasesBucketName(installation, stack.account, stack.region);
  const objects = (prefix: string) => [`arn:${stack.partition}:s3:::${bucketName}/${prefix}`];
  const fn = new HoldfastFunction(stack, 'Publish', {
    functionName: functionName(installation, fleetName, PUBLISH_ROLE),
    description: `Publishes releases of ${fleetName} that its publishers uploaded`,
    entry: 'functions/releases/publish/handler.ts',
    environment: {
      [RECORDS_ENV.fleet]: fleetName,
      [RECORDS_ENV.recordsTable]: records.tableName,
      [PUBLISH_ENV.installation]: installation,
      [PUBLISH_ENV.releasesBucket]: bucketName,
    },
    logRetentionDays,
    timeout: Duration.seconds(PUBLISH_LIMIT_SECONDS),
  });
  const incoming = `${incomingPrefix(fleetName)}*`;
  const archives = `${fleetName}/*`;
  fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [records.tableArn], ownRecords(fleetName));
  fn.allow(['s3:GetObject', 's3:GetObjectVersion', 's3:DeleteObject'], objects(incoming));
  // It reads the checksum of what lies at the key already.
  fn.allow(['s3:GetObject', 's3:PutObject'], objects(archives));
  const name = releasesBucketName(installation, accountOf(stack), stack.region);
  acknowledge(fn, {
    [wildcard(stack, 's3', `${name}/${incoming}`)]:
      "It publishes any release of the fleet: the wildcard is the prefix of the fleet's uploads.",
    [wildcard(stack, 's3', `${name}/${archives}`)]:
      "It publishes any release of the fleet: the wildcard is the prefix of the fleet's archives.",
  });
}
