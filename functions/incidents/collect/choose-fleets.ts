import { HoldfastError } from '../../shared/errors.ts';
import type { CollectRequest, IncidentFleet } from '../contract/collect.ts';

export type Fleets = Readonly<Record<string, IncidentFleet>>;
type NamedFleet = IncidentFleet & { readonly name: string };

/** A fleet that was added or removed while the incident was open. */
export class FleetUnknown extends HoldfastError {
  override readonly name = 'FleetUnknown';
}

/** The fleets that the request names. @throws FleetUnknown */
export function chooseFleets(fleets: Fleets, { fleets: names }: Pick<CollectRequest, 'fleets'>): readonly NamedFleet[] {
  return names.map((name) => {
    const fleet = Object.hasOwn(fleets, name) ? fleets[name] : undefined;
    if (!fleet) throw new FleetUnknown(`the incidents' stack knows no fleet named ${name}: run npx --no cdk deploy --all`);
    return { ...fleet, name };
  });
}

/** The one fleet of the request; a sentence where it names another number of them. @throws FleetUnknown */
export function chooseOneFleet(fleets: Fleets, request: Pick<CollectRequest, 'fleets'>): NamedFleet | string {
  const [fleet, ...others] = chooseFleets(fleets, request);
  if (fleet && others.length === 0) return fleet;
  return `the incident concerns ${request.fleets.length} fleets, and each has a load balancer's settings and requests of its own`;
}
