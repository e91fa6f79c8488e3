/** Custom metrics that the functions publish for one fleet and its store. */
import { CANARY_METRICS, CANARY_PROBLEM_METRICS } from '../../functions/canary/contract.ts';
import { PROBLEM_METRICS, STORE_METRICS } from '../../functions/collect/contract.ts';
import { LEFTOVER_METRICS, METRICS } from '../../functions/deploy/contract/metrics.ts';
import { INCIDENT_METRICS } from '../../functions/incidents/contract/tend-steps.ts';
import { SWEEP_METRICS } from '../../functions/sweep/contract/environment.ts';
import { ASSUMED } from './assumptions.ts';

/**
 * The contracts that name their namespace next to their metrics, by which a test finds them and compares them with this list. Nothing finds
 * the metrics of other contracts: `publishedMetrics` has to name each. A metric has one dimension, `Fleet` or `Installation`, so each name is
 * one series.
 */
export const METRIC_CONTRACTS = [METRICS, SWEEP_METRICS] as const;

/** Metrics that only a fleet with a canary publishes: some always, the others only while it finds a problem. */
const OF_A_CANARY = { always: CANARY_METRICS, problems: CANARY_PROBLEM_METRICS } as const;

/** Keys of a contract that are not metrics. */
const NO_METRIC = ['namespace', 'fleetDimension', 'installationDimension'];

/** Metrics with data only after a lost event of a deploy. */
const RARE: readonly string[] = [METRICS.deployEventNotSent];

/** Metrics with data in the same hours, and the share of all hours: only hours with data are charged. */
export interface MetricGroup {
  readonly names: readonly string[];
  readonly shareOfHours: number;
  /** When they have data. */
  readonly when: string;
}

/** @param canaries 1 for a fleet with a canary */
export const publishedMetrics = (deploysPerDay: number, canaries = 0): readonly MetricGroup[] => [
  {
    names: namesOf(METRICS).filter((name) => !RARE.includes(name)),
    shareOfHours: Math.min(1, (deploysPerDay * ASSUMED.hoursPerDeploy) / 24),
    when: `in ${ASSUMED.hoursPerDeploy} hours of each deploy`,
  },
  { names: namesOf(SWEEP_METRICS), shareOfHours: ASSUMED.sweepsPerDay / 24, when: 'in the hour of each sweep' },
  { names: [...Object.values(STORE_METRICS), ...(canaries > 0 ? namesOf(OF_A_CANARY.always) : [])], shareOfHours: 1, when: 'always' },
  {
    names: [
      ...Object.values(PROBLEM_METRICS),
      ...RARE,
      ...Object.values(LEFTOVER_METRICS),
      ...Object.values(INCIDENT_METRICS),
      ...(canaries > 0 ? Object.values(OF_A_CANARY.problems) : []),
    ],
    shareOfHours: ASSUMED.shareOfHoursInTrouble,
    when: 'during problems, one hour per day',
  },
];

const namesOf = (contract: object): string[] =>
  Object.entries(contract)
    .filter(([key]) => !NO_METRIC.includes(key))
    .map(([, name]) => String(name));
