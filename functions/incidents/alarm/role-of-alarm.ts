import { type FleetAlarm, fleetAlarmName, type StoreAlarm, storeAlarmName } from '../../shared/naming.ts';
import type { Runbook } from '../contract/causes.ts';

/** `opens`: a runbook of its own starts. `joins`: it is evidence of an incident that is open, and opens none. */
export type AlarmMeaning = { readonly opens: Runbook } | { readonly joins: readonly Runbook[] };

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

/** By the alarms' names, which are built and compared: a fleet's name can contain hyphens. */
const rolesOf = (installation: string, fleets: readonly string[]): readonly (readonly [name: string, role: AlarmRole])[] => [
  ...Object.entries(OF_STORE).map(([alarm, meaning]) => [storeAlarmName(installation, alarm as StoreAlarm), { meaning }] as const),
  ...fleets.flatMap((fleet) =>
    Object.entries(OF_FLEET).map(
      ([alarm, meaning]) => [fleetAlarmName(installation, fleet, alarm as FleetAlarm), { meaning, fleet }] as const,
    ),
  ),
];

/** At most 20 of the store and of each fleet. */
export const alarmsOfRunbooks = (installation: string, fleets: readonly string[]): readonly string[] =>
  rolesOf(installation, fleets).map(([name]) => name);

/** Undefined for an alarm that concerns no runbook. */
export const roleOfAlarm = (alarmName: string, installation: string, fleets: readonly string[]): AlarmRole | undefined =>
  rolesOf(installation, fleets).find(([name]) => name === alarmName)?.[1];
