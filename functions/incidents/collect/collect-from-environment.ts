import { randomBytes } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { HoldfastError } from '../../shared/errors.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { createIncidentObjects } from '../records/incident-objects.ts';
import { type Collectors, createCollect } from './run-collector.ts';

/** A source did not answer within its time. */
class SourceTooSlow extends HoldfastError {
  override readonly name = 'SourceTooSlow';
}

const timeOut = (ms: number) =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(new SourceTooSlow(`it did not answer within ${ms / 1_000} s`)), ms).unref();
  });

/** What both collecting functions share: the key, the bucket and the time limit. */
export function collectWith(collectors: Collectors, environment: Environment) {
  const records = dynamoIncidentRecords(recordsTableFrom(environment));
  return createCollect({
    collectors,
    objects: createIncidentObjects(new S3Client(CLIENT_OPTIONS), required(environment, INCIDENTS_ENV.bucket)),
    secret: () => records.hashSecret(() => randomBytes(32).toString('hex')),
    timeOut,
  });
}
