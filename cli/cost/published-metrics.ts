/** Custom metrics that the functions publish for one fleet, by the names that they and the infrastructure share. */
import { METRICS } from '../../functions/deploy/contract.ts';
import { SWEEP_METRICS } from '../../functions/sweep/contract.ts';

/** Every contract's metrics. A metric has one dimension, `Fleet` or `Installation`, so each name is one series. */
export const METRIC_CONTRACTS = [METRICS, SWEEP_METRICS] as const;

/** Keys of a contract that name no metric. */
const NO_METRIC = ['namespace', 'fleetDimension', 'installationDimension'];

export const publishedMetrics = (): string[] =>
  METRIC_CONTRACTS.flatMap((metrics) =>
    Object.entries(metrics)
      .filter(([key]) => !NO_METRIC.includes(key))
      .map(([, name]) => name),
  );
