/** The whole estimate of one fleet, from an assembly and a demand to lines and sums. Pure. */
import { ASSUMED, DAYS_A_MONTH, HOURS_A_MONTH } from './assumptions.ts';
import { chooseFleet, stacksOfFleet } from './choose-fleet.ts';
import { countResources, isStoreStack, type ResourceCounts, unknownTypes, withoutStore } from './count-resources.ts';
import { estimateUsage } from './estimate-usage.ts';
import { listWork } from './list-runs.ts';
import { priceBeside } from './price-beside.ts';
import { PRICES_AS_OF, PRICES_REGION } from './price-list.ts';
import { type CostLine, priceHoldfast, sumOf } from './price-usage.ts';
import { publishedMetrics } from './published-metrics.ts';
import { readFleet } from './read-fleet.ts';
import type { Assembly } from './template.ts';

export interface CostQuestion {
  /** @default the assembly's only fleet */
  readonly fleet?: string;
  /** @default the group's least size */
  readonly servers?: number;
  /** @default 4 */
  readonly deploysADay?: number;
  /** @default the assembly's */
  readonly region?: string;
}

export interface Cost {
  /** US dollars for `lines`. */
  readonly monthlyUsd: number;
  /** US dollars for `beside`. */
  readonly besideUsd: number;
  readonly lines: readonly CostLine[];
  readonly beside: readonly CostLine[];
  readonly assumptions: {
    readonly fleet: string;
    readonly servers: number;
    readonly deploysADay: number;
    readonly region: string;
    readonly pricesRegion: string;
    readonly pricesAsOf: string;
    readonly freeTier: string;
    /** What is used and costs nothing. */
    readonly free: readonly string[];
    readonly hoursAMonth: number;
    readonly daysAMonth: number;
    readonly assumed: typeof ASSUMED;
    readonly resources: ResourceCounts;
    /** What the templates have and the estimate leaves out: empty unless the infrastructure has outgrown it. */
    readonly notPriced: readonly string[];
  };
}

/** @throws CommandFailure UnknownFleet */
export function estimateCost(assembly: Assembly, question: CostQuestion): Cost {
  const fleetName = chooseFleet(assembly, question.fleet);
  const stacks = stacksOfFleet(assembly, fleetName);
  const own = stacks.map(withoutStore);
  const fleet = readFleet(stacks, fleetName);
  const servers = question.servers ?? fleet.servers;
  const deploysADay = question.deploysADay ?? ASSUMED.deploysADay;

  const demand = { installation: assembly.installation, fleetName, servers, deploysADay };
  const { work, unknown } = listWork(own, fleet, demand);
  const resources = countResources(own);
  const lines = priceHoldfast(resources, publishedMetrics(deploysADay), estimateUsage(work, fleet, demand));
  const beside = priceBeside(fleet, servers, countResources(stacks.filter(isStoreStack)));
  return {
    monthlyUsd: cents(sumOf(lines)),
    besideUsd: cents(sumOf(beside)),
    lines,
    beside,
    assumptions: {
      fleet: fleetName,
      servers,
      deploysADay,
      region: question.region ?? assembly.region,
      pricesRegion: PRICES_REGION,
      pricesAsOf: PRICES_AS_OF,
      freeTier: 'nothing is subtracted for free tiers but three dashboards',
      free: freeOfCharge(resources),
      hoursAMonth: HOURS_A_MONTH,
      daysAMonth: DAYS_A_MONTH,
      assumed: ASSUMED,
      resources,
      notPriced: [...unknownTypes(stacks), ...unknown, ...(servers === 0 ? [UNKNOWN_SIZE] : [])],
    },
  };
}

const UNKNOWN_SIZE = 'the servers: their Auto Scaling group is not of these templates, so say how many there are with --servers';

const cents = (usd: number): number => Math.round(usd * 100) / 100;

function freeOfCharge({ queues, topics }: ResourceCounts): string[] {
  return [
    'Run Command on EC2',
    'events of AWS services and the executions that they start',
    'gateway endpoints',
    `queues (${queues}) and topics (${topics}), which carry failures and one message a deploy`,
    'the event of each deploy: a million for a dollar',
  ];
}
