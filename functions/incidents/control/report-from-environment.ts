import { S3Client } from '@aws-sdk/client-s3';
import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { publishTo } from '../../shared/aws/signed/publish-message.ts';
import { serviceUrl } from '../../shared/aws/signed/service-url.ts';
import { type Environment, required } from '../../shared/environment.ts';
import type { Log } from '../../shared/log-events.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { createIncidentObjects } from '../records/incident-objects.ts';
import type { Place } from '../report/incident-page.ts';
import { placeFrom, renderReport } from './render.ts';
import type { ReportPorts } from './report.ts';

/** Reports are written by the runbook, and again by what tends incidents. @throws MissingEnvironment */
export function reportPortsFrom(environment: Environment, log: Log): ReportPorts & { readonly place: Place } {
  const region = required(environment, 'AWS_REGION');
  const topic = { region, url: serviceUrl('sns', region, environment), credentials: roleCredentials(environment) };
  const place = placeFrom(environment);
  return {
    records: dynamoIncidentRecords(recordsTableFrom(environment)),
    objects: createIncidentObjects(new S3Client(CLIENT_OPTIONS), required(environment, INCIDENTS_ENV.bucket)),
    publish: publishTo(required(environment, INCIDENTS_ENV.topicArn), topic),
    place,
    render: renderReport(place, Date.now),
    log,
    now: Date.now,
  };
}
