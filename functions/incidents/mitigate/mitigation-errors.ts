import { HoldfastError } from '../../shared/errors.ts';
import type { IncidentFleet } from '../contract/environment.ts';
import type { MitigationTarget } from '../contract/mitigations.ts';

/** A pre-condition no longer holds when a mitigation acts. Nothing was changed; the sentence says why. */
export class MitigationRefused extends HoldfastError {
  static readonly errorName = 'MitigationRefused';
  override readonly name = MitigationRefused.errorName;
}

export function refuseFor(why: string | undefined): void {
  if (why !== undefined) throw new MitigationRefused(`${why}; nothing was changed`);
}

export type Fleets = Readonly<Record<string, IncidentFleet>>;

/** A mitigation's fleet. @throws MitigationRefused when the incident names none, or one that the installation no longer has */
export function fleetOf(fleets: Fleets, { fleet }: Pick<MitigationTarget, 'fleet'>): IncidentFleet & { readonly name: string } {
  const found = fleet === undefined ? undefined : fleets[fleet];
  if (fleet === undefined || found === undefined) {
    throw new MitigationRefused(`the installation has no fleet ${fleet ?? '(none was named)'}; nothing was changed`);
  }
  return { name: fleet, ...found };
}
