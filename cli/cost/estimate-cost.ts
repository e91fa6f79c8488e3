/** The estimate for one fleet, from an assembly to lines and sums. Pure. */
import { ASSUMED, DAYS_PER_MONTH, HOURS_PER_MONTH } from './assumptions.ts';
import { chooseAssembledFleet, stacksOfFleet } from './choose-fleet.ts';
import { totalOf } from './cost-line.ts';
import { countResources, isStoreStack, type ResourceCounts, unknownTypes, withoutStore } from './count-resources.ts';
import { USAGE_ERROR_PERCENT } from './deploy-usage.ts';
import { knownWork } from './known-work.ts';
import { listWork } from './list-work.ts';
import { priceInfrastructure } from './price-infrastructure.ts';
import { PRICES_AS_OF, PRICES_REGION } from './price-list.ts';
import { priceResources, priceStorage, priceUse } from './price-usage.ts';
import { publishedMetrics } from './published-metrics.ts';
import { readFleet } from './read-fleet.ts';
import type { Assembly } from './template.ts';

/** The most that Holdfast should cost; a test fails when a change exceeds it or its part below. In US dollars a month, for a fleet of four servers with the default configuration. */
export const MONTHLY_BUDGET_USD = 11;

/**
 * The part of it for alarms and custom metrics, which are charged whether anything happens or not. They are where a
 * change costs most by accident: a dimension too many multiplies a metric, and an alarm a server multiplies an alarm.
 */
export const ALARMS_AND_METRICS_BUDGET_USD = 5;

export interface EstimateOptions {
  /** @default the assembly's only fleet */
  readonly fleet?: string;
  /** @default the group's minimum size */
  readonly servers?: number;
  /** @default 4 */
  readonly deploysPerDay?: number;
  /** @default the assembly's */
  readonly region?: string;
}

export type Cost = ReturnType<typeof estimateCost>;

/** @throws CommandFailure UnknownFleet */
export function estimateCost(assembly: Assembly, options: EstimateOptions) {
  const fleetName = chooseAssembledFleet(assembly, options.fleet);
  const stacks = stacksOfFleet(assembly, fleetName);
  const own = stacks.map(withoutStore);
  const fleet = readFleet(stacks, fleetName);
  const servers = options.servers ?? fleet.servers;
  const deploysPerDay = options.deploysPerDay ?? ASSUMED.deploysPerDay;

  const known = knownWork(fleet, { installation: assembly.installation, fleetName, servers, deploysPerDay });
  const recordBytes = ASSUMED.recordBytes + ASSUMED.targetRecordBytes * servers;
  const { work, unknown } = listWork(own, known, recordBytes);
  const resources = countResources(own);
  const used = priceUse(work);
  const logBytes = used.find(({ item }) => item === 'log ingestion')?.quantity ?? 0;
  const lines = [
    ...priceResources(resources, publishedMetrics(deploysPerDay, resources.canaries)),
    ...used,
    ...priceStorage(fleet, deploysPerDay, recordBytes, logBytes),
  ];
  const infrastructure = priceInfrastructure(fleet, servers, countResources(stacks.filter(isStoreStack)));
  return {
    /** US dollars for `lines`. */
    monthlyUsd: cents(totalOf(lines)),
    /** US dollars for `infrastructure`. */
    infrastructureUsd: cents(totalOf(infrastructure)),
    lines,
    infrastructure,
    assumptions: {
      fleet: fleetName,
      servers,
      deploysPerDay,
      region: options.region ?? assembly.region,
      pricesRegion: PRICES_REGION,
      pricesAsOf: PRICES_AS_OF,
      freeTier: 'only three dashboards are subtracted as free tier',
      /** What is used at no charge. */
      free: freeOfCharge(resources),
      hoursPerMonth: HOURS_PER_MONTH,
      daysPerMonth: DAYS_PER_MONTH,
      /** How far what deploys use can be off, except for what is not simulated. */
      usageErrorPercent: USAGE_ERROR_PERCENT,
      /** What a deploy of this fleet does that no simulated deploy did: its error is unknown. */
      notSimulated: fleet.waitsForSessions ? ['the wait for sessions is counted to its end'] : [],
      assumed: ASSUMED,
      resources,
      /** What is in the templates but not in the estimate; empty for the templates of this version. */
      notPriced: [...unknownTypes(stacks), ...unknown, ...(servers === 0 ? [UNKNOWN_SIZE] : [])],
    },
  };
}

const UNKNOWN_SIZE = 'the servers: their Auto Scaling group is not in the templates, so set their number with --servers';

const cents = (usd: number): number => Math.round(usd * 100) / 100;

function freeOfCharge({ queues, topics }: ResourceCounts): string[] {
  return [
    'Run Command on EC2',
    'events of AWS services and the executions that they start',
    'gateway endpoints',
    "CloudTrail's event history",
    `queues (${queues}) and topics (${topics}) with failures and one message per deploy or incident`,
    'the event of each deploy ($1 per million)',
  ];
}
