/** Warnings at synthesis about a fleet's canary. Pure. */
import { GATE_ON } from '../functions/deploy/contract/environment.ts';
import { holdfast } from '../functions/shared/command-options.ts';
import { createsLoadBalancer, type FleetConfig } from './config/fleet.ts';
import { sessionGateOf } from './config/own-session-gate.ts';
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

/** What the fleet of a canary needs for a session gate in its deploys. */
export function lacksSessionGate(name: string, fleet: FleetConfig): string[] {
  const why = sessionGateOf(fleet);
  return why === undefined || why === GATE_ON ? [] : [`Deploys of fleet ${name} have no session gate (docs/gate.md): ${why}.`];
}
