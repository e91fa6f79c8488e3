import { randomBytes } from 'node:crypto';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { putJsonInto } from '../../shared/aws/signed/put-object.ts';
import { serviceUrl } from '../../shared/aws/signed/service-url.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { HoldfastError } from '../../shared/errors.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
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
  const region = required(environment, 'AWS_REGION');
  const signing = { region, url: serviceUrl('s3', region, environment), credentials: roleCredentials(environment) };
  const records = dynamoIncidentRecords(recordsTableFrom(environment));
  return createCollect({
    collectors,
    putJson: putJsonInto(required(environment, INCIDENTS_ENV.bucket), signing),
    secret: () => records.hashSecret(() => randomBytes(32).toString('hex')),
    timeOut,
  });
}
