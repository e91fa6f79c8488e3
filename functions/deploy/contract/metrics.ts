/** The metrics of a fleet's deploys: what functions publish, dashboards draw and alarms watch. */
import { METRIC_NAMESPACE } from '../../shared/naming.ts';

/** Metrics of a deploy, with the one dimension `Fleet`. */
export const METRICS = {
  namespace: METRIC_NAMESPACE,
  fleetDimension: 'Fleet',
  deploySucceeded: 'DeploySucceeded',
  /** Deploys that failed or timed out; a refused or aborted one is none. */
  deployFailed: 'DeployFailed',
  deployDurationSeconds: 'DeployDurationSeconds',
  deployEventNotSent: 'DeployEventNotSent',
  drainSeconds: 'DrainSeconds',
  /** Sessions in the memory of a server when it was drained; no data where they are in a store. */
  drainedSessions: 'DrainedSessions',
} as const;

/** Leftovers of deploys, counted at each check, with the same dimension; no data means that nothing is left. */
export const LEFTOVER_METRICS = {
  /** A deploy is running but makes no progress. */
  deployStuck: 'DeployStuck',
  /** A lock or suspended processes of a deploy that has ended. */
  orphanedLock: 'OrphanedLock',
} as const;

/** Metrics of a fleet whose deploys wait for sessions, with the same dimension. */
export const SESSION_METRICS = {
  /** How long a server's sessions were waited for. */
  sessionDrainSeconds: 'SessionDrainSeconds',
  /** Sessions that a server still had when the wait for them ended. */
  sessionsCutOff: 'SessionsCutOff',
} as const;
