/** Warnings at synthesis about a fleet's canary. Pure. */
import { holdfast } from '../functions/shared/command-options.ts';
import { createsLoadBalancer, type FleetConfig } from './config/fleet.ts';
import type { Warning } from './strategy-warnings.ts';

/** @param name the fleet's name in the configuration */
export function canaryWarnings(name: string, fleet: FleetConfig): Warning[] {
  if (fleet.canary === undefined || createsLoadBalancer(fleet)) return [];
  return [
    {
      id: 'holdfast:canary-needs-public-site',
      message: `fleets.${name}.canary: its function is outside the VPC, and Holdfast cannot see whether your load balancer is internal. An internal one cannot be examined on a schedule: remove canary, and run "${holdfast('canary')}" from inside the network.`,
    },
  ];
}
