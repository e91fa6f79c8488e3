import { recordsTableFrom } from '../../records/dynamo-records.ts';
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { publishTo } from '../../shared/aws/signed/publish-message.ts';
import { textObjectsOf } from '../../shared/aws/signed/put-object.ts';
import { serviceUrl } from '../../shared/aws/signed/service-url.ts';
import { holdfast, LOCAL_ACCOUNT_ID } from '../../shared/command-options.ts';
import { type Environment, required } from '../../shared/environment.ts';
import type { Log } from '../../shared/log-events.ts';
import { INCIDENTS_ENV } from '../contract/environment.ts';
import { reportFacts } from '../estimate/report-facts.ts';
import { dynamoIncidentRecords } from '../records/dynamo-incident-records.ts';
import { createIncidentObjects } from '../records/incident-records.ts';
import { optionsFor } from '../report/commands.ts';
import type { Place } from '../report/incident-page.ts';
import { pageOf } from '../report/page.ts';
import { shortMessageOf } from '../report/short-message.ts';
import { markdownOf } from '../report/text.ts';
import type { RenderReport, ReportPorts } from './report.ts';

export function placeFrom(environment: Environment): Place {
  const [, , , region = '', account = ''] = required(environment, INCIDENTS_ENV.stateMachineArn).split(':');
  const documentation = environment[INCIDENTS_ENV.documentation];
  return {
    installation: required(environment, INCIDENTS_ENV.installation),
    region,
    local: account === LOCAL_ACCOUNT_ID,
    fleets: JSON.parse(required(environment, INCIDENTS_ENV.fleetNames)) as string[],
    ...(documentation && { documentation }),
  };
}

export const renderReport =
  (place: Place, now: () => number): RenderReport =>
  (incident, evidence) => {
    const page = pageOf({ incident, evidence, place, nowMs: now(), facts: evidence ? reportFacts(evidence) : [] });
    const options = optionsFor(place, incident.fleet ?? place.fleets[0] ?? '');
    const { subject, message } = shortMessageOf(page, holdfast(`incidents show ${incident.incidentId} ${options}`));
    return { markdown: markdownOf(page), json: { incident, page }, subject, text: message };
  };

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
