/** Warnings at synthesis about a fleet that no deploy could roll. Pure. */
import { createsGroup, type FleetConfig } from './config/fleet.ts';
import type { Warning } from './strategy-warnings.ts';

/** @param name the fleet's name in the configuration */
export function deployWarnings(name: string, fleet: FleetConfig): Warning[] {
  const { minimumHealthyTargets } = fleet.deploy;
  if (!createsGroup(fleet) || fleet.minCapacity > minimumHealthyTargets) return [];
  return [
    {
      id: 'holdfast:no-server-can-be-rolled',
      message: `fleets.${name}.minCapacity is ${fleet.minCapacity}, and deploy.minimumHealthyTargets ${minimumHealthyTargets} must stay healthy besides the server that is rolled: with ${fleet.minCapacity} servers every deploy but the first is refused. Set minCapacity to ${minimumHealthyTargets + 1} or more, or minimumHealthyTargets to ${fleet.minCapacity - 1} or less.`,
    },
  ];
}
