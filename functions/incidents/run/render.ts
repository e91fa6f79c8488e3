import { holdfast, LOCAL_ACCOUNT_ID } from '../../shared/command-options.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { reportFacts } from '../estimate/report-facts.ts';
import { optionsFor } from '../report/commands.ts';
import type { Place } from '../report/incident-page.ts';
import { pageOf } from '../report/page.ts';
import { shortMessageOf } from '../report/short-message.ts';
import { markdownOf } from '../report/text.ts';
import type { RenderReport } from './report.ts';

/** Where the commands of a report work. @throws MissingEnvironment */
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

/** The page of an incident in the forms that people and programs read. */
export const renderReport =
  (place: Place, now: () => number): RenderReport =>
  (incident, evidence) => {
    const page = pageOf({ incident, evidence, place, nowMs: now(), facts: evidence ? reportFacts(evidence) : [] });
    const options = optionsFor(place, incident.fleet ?? place.fleets[0] ?? '');
    const { subject, message } = shortMessageOf(page, holdfast(`incidents show ${incident.incidentId} ${options}`));
    return { markdown: markdownOf(page), json: { incident, page }, subject, text: message };
  };
