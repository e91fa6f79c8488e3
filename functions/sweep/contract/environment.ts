/** Names that the sweep's function shares with the infrastructure. */
import { METRIC_NAMESPACE } from '../../shared/naming.ts';

export const SWEEP_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  reportsBucket: 'HOLDFAST_REPORTS_BUCKET',
  settings: 'HOLDFAST_SWEEP_SETTINGS',
} as const;

/** Metrics of a sweep, with the one dimension `Installation`. */
export const SWEEP_METRICS = {
  namespace: METRIC_NAMESPACE,
  installationDimension: 'Installation',
  /** Keys without a TTL that a sweep could not repair and did not leave on purpose. */
  unrepaired: 'SweepUnrepaired',
  repaired: 'SweepRepaired',
  storeP99Ms: 'SweepStoreP99Ms',
} as const;

/** How long a sweep can take. */

/** Time limit of an execution, which ends without a record of its end. */
export const LONGEST_SWEEP_HOURS = 12;
/**
 * After this time since the start of its execution, a sweep pauses: the rest is for an hour's wait for moving slots, the last invocations
 * and the report.
 */
export const PAUSES_AFTER_MS = 10.5 * 3_600_000;
/**
 * All branches share the history of the execution, at most 25,000 events, and an invocation takes 7 of them: the rest is for waits
 * and repeated calls. An execution that exceeds it fails without a record of its end.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const MAX_INVOCATIONS = 2_400;

/**
 * How many shards of a cluster are swept at once: each keeps one function at work all the time, and a new account's functions share 10. Where
 * the history is what ends a sweep, it has room for 2,400 × 35 s / 4, which is 5.8 hours: a sweep of more at once would come no farther.
 */
export const SHARDS_AT_ONCE = 4;
