import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { publishTo } from '../../shared/aws/signed/publish-message.ts';
import { textObjectsOf } from '../../shared/aws/signed/put-object.ts';
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
  const credentials = roleCredentials(environment);
  const topic = { region, url: serviceUrl('sns', region, environment), credentials };
  const bucket = { region, url: serviceUrl('s3', region, environment), credentials };
  const place = placeFrom(environment);
  return {
    records: dynamoIncidentRecords(recordsTableFrom(environment)),
    objects: createIncidentObjects(textObjectsOf(required(environment, INCIDENTS_ENV.bucket), bucket)),
    publish: publishTo(required(environment, INCIDENTS_ENV.topicArn), topic),
    place,
    render: renderReport(place, Date.now),
    log,
    now: Date.now,
  };
}
