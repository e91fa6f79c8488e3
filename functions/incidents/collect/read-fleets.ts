import type { JsonService } from '../../shared/aws/signed/json-service.ts';
import { ssmFrom } from '../../shared/aws/signed/ssm-from.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { fleetParameterName, type IncidentFleet } from '../contract/collect.ts';
import { INCIDENTS_ENV } from '../contract/steps.ts';
import { fleetNamesFrom } from '../settings.ts';
import { type Fleets, FleetUnknown } from './choose-fleets.ts';

/** Names that one call may have. @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const MOST_NAMES = 10;

/** The fleets of the installation as its stacks deployed them. @throws FleetUnknown when one's parameter is missing */
export async function readFleets(ssm: JsonService, installation: string, fleets: readonly string[]): Promise<Fleets> {
  const byName = new Map(fleets.map((fleet) => [fleetParameterName(installation, fleet), fleet]));
  const names = [...byName.keys()];
  const found: [string, IncidentFleet][] = [];
  for (let at = 0; at < names.length; at += MOST_NAMES) {
    const answer = await ssm<{ Parameters: { Name: string; Value: string }[]; InvalidParameters?: string[] }>('GetParameters', {
      Names: names.slice(at, at + MOST_NAMES),
    });
    const [missing] = answer.InvalidParameters ?? [];
    if (missing !== undefined) throw new FleetUnknown(`the parameter ${missing} does not exist: run npx --no cdk deploy --all`);
    for (const { Name, Value } of answer.Parameters) found.push([byName.get(Name) ?? Name, JSON.parse(Value) as IncidentFleet]);
  }
  return Object.fromEntries(found);
}

/** Once per execution environment. @throws MissingEnvironment */
export const fleetsFrom = async (environment: Environment): Promise<Fleets> =>
  readFleets(ssmFrom(environment), required(environment, INCIDENTS_ENV.installation), fleetNamesFrom(environment));
