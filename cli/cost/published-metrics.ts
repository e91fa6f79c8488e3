/** Custom metrics that the functions publish for one fleet and its store, by the names that they and the infrastructure share. */
import { STORE_METRICS, TROUBLE_METRICS } from '../../functions/collect/contract.ts';
import { LEFT_METRICS, METRICS } from '../../functions/deploy/contract.ts';
import { SWEEP_METRICS } from '../../functions/sweep/contract.ts';
import { ASSUMED } from './assumptions.ts';

/** Every contract's metrics. A metric has one dimension, `Fleet` or `Installation`, so each name is one series. */
export const METRIC_CONTRACTS = [METRICS, SWEEP_METRICS] as const;

/** Keys of a contract that name no metric. */
const NO_METRIC = ['namespace', 'fleetDimension', 'installationDimension'];

/** Of a deploy whose event got lost. */
const RARE: readonly string[] = [METRICS.deployEventNotSent];

/** Metrics that have data in the same hours, and the share of all hours that these are: what they are charged for. */
export interface MetricGroup {
  readonly names: readonly string[];
  readonly shareOfHours: number;
  /** When they have data. */
  readonly when: string;
}

export const publishedMetrics = (deploysADay: number): readonly MetricGroup[] => [
  {
    names: namesOf(METRICS).filter((name) => !RARE.includes(name)),
    shareOfHours: Math.min(1, (deploysADay * ASSUMED.hoursADeploy) / 24),
    when: `in ${ASSUMED.hoursADeploy} hours of each deploy`,
  },
  { names: namesOf(SWEEP_METRICS), shareOfHours: ASSUMED.sweepsADay / 24, when: 'in the hour of each sweep' },
  { names: Object.values(STORE_METRICS), shareOfHours: 1, when: 'always' },
  {
    names: [...Object.values(TROUBLE_METRICS), ...RARE, ...Object.values(LEFT_METRICS)],
    shareOfHours: ASSUMED.shareOfHoursInTrouble,
    when: 'in trouble, one hour a day',
  },
];

const namesOf = (contract: object): string[] =>
  Object.entries(contract)
    .filter(([key]) => !NO_METRIC.includes(key))
    .map(([, name]) => String(name));
