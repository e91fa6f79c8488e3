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
