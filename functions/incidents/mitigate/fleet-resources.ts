import type { IncidentFleet } from '../contract/collect.ts';
import type { MitigationTarget } from '../contract/mitigation-descriptor.ts';
import { MitigationRefused } from './mitigation-errors.ts';

/** The fleets of the installation by name, as its stacks deployed them. */
export type Fleets = Readonly<Record<string, IncidentFleet>>;

/** A mitigation's fleet. @throws MitigationRefused when the incident names none, or one that the installation no longer has */
export function fleetOf(fleets: Fleets, { fleet }: Pick<MitigationTarget, 'fleet'>): IncidentFleet & { readonly name: string } {
  const found = fleet === undefined ? undefined : fleets[fleet];
  if (fleet === undefined || found === undefined) {
    throw new MitigationRefused(`the installation has no fleet ${fleet ?? '(none was named)'}; nothing was changed`);
  }
  return { name: fleet, ...found };
}
