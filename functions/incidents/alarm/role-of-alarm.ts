import { type FleetAlarm, fleetAlarmName, type StoreAlarm, storeAlarmName } from '../../shared/naming.ts';
import type { Runbook } from '../contract/causes.ts';

/** `opens`: a runbook of its own starts. `joins`: it is evidence of an incident that is open, and opens none. */
export type AlarmMeaning = { readonly opens: Runbook } | { readonly joins: readonly Runbook[] };

/** Alarms that are not here concern deploys and sweeps, which have their own ways. */
const OF_STORE: Readonly<Partial<Record<StoreAlarm, AlarmMeaning>>> = {
  'hit-rate-drop': { opens: 'logged-out' },
  'active-session-drop': { opens: 'logged-out' },
  'sessions-lost': { opens: 'logged-out' },
  'logins-again': { opens: 'logged-out' },
  'lookups-gone': { opens: 'logged-out' },
  'store-unreachable': { opens: 'store-failure' },
  'collector-silent': { opens: 'store-failure' },
  failover: { opens: 'store-failure' },
  'replication-lag': { opens: 'store-failure' },
  'refused-writes': { opens: 'store-failure' },
  'authentication-failures': { opens: 'store-failure' },
  'memory-percent': { opens: 'session-explosion' },
  'time-to-full': { opens: 'session-explosion' },
  evictions: { opens: 'session-explosion' },
  'keys-unrepaired': { opens: 'session-explosion' },
  // A sweep starts by itself, and repairs them in most cases.
  'keys-without-ttl': { joins: ['session-explosion'] },
  'engine-cpu': { joins: ['store-failure', 'session-explosion'] },
  connections: { joins: ['store-failure', 'session-explosion'] },
};

const OF_FLEET: Readonly<Partial<Record<FleetAlarm, AlarmMeaning>>> = {
  redirects: { opens: 'logged-out' },
  refusals: { opens: 'logged-out' },
  'load-balancer-refusals': { opens: 'logged-out' },
  'logins-repeated': { opens: 'logged-out' },
  'redirect-loop': { opens: 'logged-out' },
  'target-5xx': { opens: 'logged-out' },
  // The re-login page is such an answer: while it is up, an incident is open, which this alarm joins.
  'load-balancer-5xx': { opens: 'logged-out' },
  'unhealthy-hosts': { joins: ['store-failure', 'logged-out'] },
  'target-connection-errors': { joins: ['store-failure', 'logged-out'] },
  'target-p99': { joins: ['store-failure', 'session-explosion'] },
};

export interface AlarmRole {
  readonly meaning: AlarmMeaning;
  readonly fleet?: string;
}

export const alarmsOfRunbooks = (installation: string, fleets: readonly string[]): readonly string[] => [
  ...Object.keys(OF_STORE).map((alarm) => storeAlarmName(installation, alarm as StoreAlarm)),
  ...fleets.flatMap((fleet) => Object.keys(OF_FLEET).map((alarm) => fleetAlarmName(installation, fleet, alarm as FleetAlarm))),
];

/** Undefined for an alarm that concerns no runbook. Names are built and compared, since a fleet's name can contain hyphens. */
export function roleOfAlarm(alarmName: string, installation: string, fleets: readonly string[]): AlarmRole | undefined {
  for (const [alarm, meaning] of Object.entries(OF_STORE)) {
    if (alarmName === storeAlarmName(installation, alarm as StoreAlarm)) return { meaning };
  }
  for (const fleet of fleets) {
    for (const [alarm, meaning] of Object.entries(OF_FLEET)) {
      if (alarmName === fleetAlarmName(installation, fleet, alarm as FleetAlarm)) return { meaning, fleet };
    }
  }
  return undefined;
}
