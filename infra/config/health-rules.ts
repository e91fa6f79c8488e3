/** Rules of the status codes that a load balancer takes for healthy. */
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import { createsGroup, type FleetConfig } from './fleet.ts';

/** What the placeholder answers on a server without a release. */
const PLACEHOLDER_STATUS = 200;

export function healthRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  const { healthStatus, app } = fleet;
  if (healthStatus === undefined) return broken;
  const key = app === undefined ? ['healthStatus'] : ['app', 'health', 'status'];
  const ranges = healthStatus.split(',').map((part) => part.split('-').map(Number));
  const descending = ranges.find(([lowest = 0, highest = lowest]) => highest < lowest);
  if (descending) refuse(`has the range ${descending.join('-')}, whose end is below its beginning`, ...key);
  else if (createsGroup(fleet) && !ranges.some(([lowest = 0, highest = lowest]) => isWithin(PLACEHOLDER_STATUS, lowest, highest))) {
    refuse(
      `is ${healthStatus}, without ${PLACEHOLDER_STATUS}: a new server answers that until it has a release, so that it would be replaced without end; write "${PLACEHOLDER_STATUS},${healthStatus}"`,
      ...key,
    );
  }
  return broken;
}

const isWithin = (code: number, lowest: number, highest: number): boolean => lowest <= code && code <= highest;
