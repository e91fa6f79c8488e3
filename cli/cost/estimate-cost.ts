/** The estimate for one fleet, from an assembly to lines and sums. Pure. */
import { ASSUMED, DAYS_PER_MONTH, HOURS_PER_MONTH } from './assumptions.ts';
import { chooseFleet, stacksOfFleet } from './choose-fleet.ts';
import { countResources, isStoreStack, type ResourceCounts, unknownTypes, withoutStore } from './count-resources.ts';
import { addIncidents } from './estimate-incidents.ts';
import { estimateUsage } from './estimate-usage.ts';
import { listWork } from './list-runs.ts';
import { priceInfrastructure } from './price-infrastructure.ts';
import { PRICES_AS_OF, PRICES_REGION } from './price-list.ts';
import { type CostLine, priceHoldfast, sumOf } from './price-usage.ts';
import { publishedMetrics } from './published-metrics.ts';
import { readFleet } from './read-fleet.ts';
import type { Assembly } from './template.ts';

/** The most that Holdfast should cost; a test fails when a change exceeds it or its part below. In US dollars a month, for a fleet of four servers with the default configuration. */
export const MONTHLY_BUDGET_USD = 10;

/**
 * The part of it for alarms and custom metrics, which are charged whether anything happens or not. They are where a
 * change costs most by accident: a dimension too many multiplies a metric, and an alarm a server multiplies an alarm.
 */
export const ALARMS_AND_METRICS_BUDGET_USD = 5;

export interface CostOptions {
  /** @default the assembly's only fleet */
  readonly fleet?: string;
  /** @default the group's minimum size */
  readonly servers?: number;
  /** @default 4 */
  readonly deploysPerDay?: number;
  /** @default the assembly's */
  readonly region?: string;
}

export interface Cost {
  /** US dollars for `lines`. */
  readonly monthlyUsd: number;
  /** US dollars for `infrastructure`. */
  readonly infrastructureUsd: number;
  readonly lines: readonly CostLine[];
  readonly infrastructure: readonly CostLine[];
  readonly assumptions: {
    readonly fleet: string;
    readonly servers: number;
    readonly deploysPerDay: number;
    readonly region: string;
    readonly pricesRegion: string;
    readonly pricesAsOf: string;
    readonly freeTier: string;
    /** What is used at no charge. */
    readonly free: readonly string[];
    readonly hoursPerMonth: number;
    readonly daysPerMonth: number;
    readonly assumed: typeof ASSUMED;
    readonly resources: ResourceCounts;
    /** What is in the templates but not in the estimate; empty for the templates of this version. */
    readonly notPriced: readonly string[];
  };
}

/** @throws CommandFailure UnknownFleet */
export function estimateCost(assembly: Assembly, options: CostOptions): Cost {
  const fleetName = chooseFleet(assembly, options.fleet);
  const stacks = stacksOfFleet(assembly, fleetName);
  const own = stacks.map(withoutStore);
  const fleet = readFleet(stacks, fleetName);
  const servers = options.servers ?? fleet.servers;
  const deploysPerDay = options.deploysPerDay ?? ASSUMED.deploysPerDay;

  const demand = { installation: assembly.installation, fleetName, servers, deploysPerDay };
  const { work, unknown } = listWork(own, fleet, demand);
  const resources = countResources(own);
  const usage = addIncidents(estimateUsage(work, fleet, demand), work);
  const lines = priceHoldfast(resources, publishedMetrics(deploysPerDay), usage);
  const infrastructure = priceInfrastructure(fleet, servers, countResources(stacks.filter(isStoreStack)));
  return {
    monthlyUsd: cents(sumOf(lines)),
    infrastructureUsd: cents(sumOf(infrastructure)),
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
      free: freeOfCharge(resources),
      hoursPerMonth: HOURS_PER_MONTH,
      daysPerMonth: DAYS_PER_MONTH,
      assumed: ASSUMED,
      resources,
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
