import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type Environment, required } from '../../shared/environment.ts';
import { HoldfastError } from '../../shared/errors.ts';
import { type CollectRequest, fleetNamesFrom, fleetParameterName, INCIDENTS_ENV, type IncidentFleet } from '../contract/environment.ts';

export type Fleets = Readonly<Record<string, IncidentFleet>>;
type NamedFleet = IncidentFleet & { readonly name: string };

export class FleetUnknown extends HoldfastError {
  override readonly name = 'FleetUnknown';
}

export function chooseFleets(fleets: Fleets, { fleets: names }: Pick<CollectRequest, 'fleets'>): readonly NamedFleet[] {
  return names.map((name) => {
    const fleet = Object.hasOwn(fleets, name) ? fleets[name] : undefined;
    if (!fleet) throw new FleetUnknown(`the incidents' stack knows no fleet named ${name}: run npx --no cdk deploy --all`);
    return { ...fleet, name };
  });
}

export function chooseOneFleet(fleets: Fleets, request: Pick<CollectRequest, 'fleets'>): NamedFleet | string {
  const [fleet, ...others] = chooseFleets(fleets, request);
  if (fleet && others.length === 0) return fleet;
  return `the incident concerns ${request.fleets.length} fleets, and each has a load balancer's settings and requests of its own`;
}

/** Names that one call may have. @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const MOST_NAMES = 10;

export async function readFleets(ssm: SSMClient, installation: string, fleets: readonly string[]): Promise<Fleets> {
  const byName = new Map(fleets.map((fleet) => [fleetParameterName(installation, fleet), fleet]));
  const names = [...byName.keys()];
  const found: [string, IncidentFleet][] = [];
  for (let at = 0; at < names.length; at += MOST_NAMES) {
    const { Parameters = [], InvalidParameters = [] } = await ssm.send(
      new GetParametersCommand({ Names: names.slice(at, at + MOST_NAMES) }),
    );
    const [missing] = InvalidParameters;
    if (missing !== undefined) throw new FleetUnknown(`the parameter ${missing} does not exist: run npx --no cdk deploy --all`);
    for (const { Name = '', Value = '' } of Parameters) found.push([byName.get(Name) ?? Name, JSON.parse(Value) as IncidentFleet]);
  }
  return Object.fromEntries(found);
}

export const fleetsFrom = (ssm: SSMClient, environment: Environment): Promise<Fleets> =>
  readFleets(ssm, required(environment, INCIDENTS_ENV.installation), fleetNamesFrom(environment));
