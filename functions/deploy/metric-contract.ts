/** The metrics of a fleet's deploys: what functions publish, dashboards draw and alarms watch. */

/** Metrics of a deploy, with the one dimension `Fleet`. */
export const METRICS = {
  namespace: 'Holdfast',
  fleetDimension: 'Fleet',
  deploySucceeded: 'DeploySucceeded',
  deployFailed: 'DeployFailed',
  deployDurationSeconds: 'DeployDurationSeconds',
  deployEventNotSent: 'DeployEventNotSent',
  drainSeconds: 'DrainSeconds',
  /** Sessions in the memory of a server when it was drained; no data where they are in a store. */
  drainedSessions: 'DrainedSessions',
} as const;

/** Of what deploys leave, counted at each look while it is so, with the same dimension; no data means that nothing is left. */
export const LEFT_METRICS = {
  /** A deploy runs and does nothing. */
  deployStuck: 'DeployStuck',
  /** A lock or suspended processes that no deploy stands behind. */
  leftLocked: 'LeftLocked',
  /** Listener rules of deploys that are no more. */
  leftRules: 'LeftRules',
} as const;
