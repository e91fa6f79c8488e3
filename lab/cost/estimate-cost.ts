/** The estimate for one fleet, or for an installation with all of its fleets, from an assembly to lines and sums. Pure. */
import { RECORDS_ENV } from '../../functions/records/keys.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import { type Assembly, at, findResources, list, numberOf, propertiesOf, type Stack, variablesIn } from './assembly.ts';
import { ASSUMED, DAYS_PER_MONTH, HOURS_PER_MONTH } from './assumptions.ts';
import { countResources, publishedMetrics, type ResourceCounts, unknownTypes } from './count-resources.ts';
import { type Fleet, readFleet } from './deploy-use.ts';
import { listWork, type Work } from './list-work.ts';
import { type CostLine, lineOf, nodePrice, PRICES, serverPrice, show } from './prices.ts';

/** The most that a fleet of four with the default configuration should cost, in US dollars a month; a test fails when a change exceeds it. */
export const MONTHLY_BUDGET_USD = 14;
/** The part for alarms and custom metrics: a change costs most by accident there, with a dimension too many or an alarm per server. */
export const ALARMS_AND_METRICS_BUDGET_USD = 7;

/** The most that a store without fleets should cost to watch, in US dollars a month. */
export const STORE_BUDGET_USD = 7;

export interface EstimateOptions {
  readonly fleet?: string; // by default all of the assembly, with what they share once
  readonly servers?: number; // of each fleet; by default the group's minimum size
  readonly deploysPerDay?: number; // of each fleet; by default 4
}

export type Cost = ReturnType<typeof estimateCost>;

export function estimateCost(assembly: Assembly, options: EstimateOptions) {
  const { installation } = assembly;
  const all = [...new Set(variablesIn(assembly.stacks).flatMap((one) => (at(one, RECORDS_ENV.fleet) as string) ?? []))].sort();
  const names = options.fleet === undefined ? all : [options.fleet];
  // The longest name counts, which is the last: a stack of `web-admin` also begins like one of `web`.
  const ownerOf = ({ name }: Stack) => all.findLast((fleet) => name.startsWith(`${installation}-${fleet}-`));
  const stacksOf = (owner?: string) => assembly.stacks.filter((stack) => ownerOf(stack) === owner);
  const shared = stacksOf();
  const stacks = [...names.flatMap(stacksOf), ...shared];
  const fleets = names.map((name) => readFleet([...shared, ...stacksOf(name)], name, options));
  // Templates without a fleet watch a store; nothing is deployed, and there are no servers.
  const common = readFleet(stacks, STORE_PART, { servers: 0, deploysPerDay: 0 });
  const parts = [...fleets, common].map((fleet) => ({ fleet, stacks: fleet === common ? shared : stacksOf(fleet.name) }));
  const listed = parts.map(({ fleet, stacks }) => listWork(stacks.map(withoutStore), installation, fleet));
  const resources = countResources(stacks.map(withoutStore));
  const work = listed.flatMap((one) => one.work);
  const lines = linesOf(fleets, common, resources, work);
  const infrastructure = merged(parts.flatMap((part) => infrastructureOf(part.stacks, part.fleet.servers)));
  const monthlyUsd = totalOf(lines);
  const isUnsized = fleets.some(({ servers }) => servers === 0);
  const unsized = 'the servers: their Auto Scaling group is not in the templates, so their number has to be given';
  return {
    monthlyUsd,
    /** Where other dashboards of the account have used its free ones. */
    withoutFreeDashboardsUsd: totalOf([{ monthly: monthlyUsd }, { monthly: freeDashboardsOf(resources) * PRICES.dashboards[3] }]),
    infrastructureUsd: totalOf(infrastructure),
    lines,
    infrastructure,
    assumptions: {
      installation,
      /** Null: a store is watched alone, or there are several. */
      fleet: names.length === 1 ? (names[0] ?? null) : null,
      fleets: names,
      servers: sumOf(fleets.map(({ servers }) => servers)),
      /** Of each fleet. */
      deploysPerDay: fleets[0]?.deploysPerDay ?? 0,
      resources,
      /** What is in the templates but not in the estimate; empty for the templates of this version. */
      notPriced: [...unknownTypes(stacks), ...listed.flatMap(({ unknown }) => unknown), ...(isUnsized ? [unsized] : [])],
    },
  };
}

const freeDashboardsOf = ({ dashboards }: ResourceCounts): number => Math.min(dashboards, ASSUMED.freeDashboards);

/** US dollars per month in whole cents, without the lines that have no price. */
export const totalOf = (lines: readonly Pick<CostLine, 'monthly'>[]): number =>
  Math.round(sumOf(lines.map(({ monthly }) => monthly ?? 0)) * 100) / 100;

const STORE = 'ElastiCache::ReplicationGroup';
const isStoreStack = (stack: Stack): boolean => findResources([stack], STORE).length > 0;

/** The store's stack with Holdfast's collector and sweep only: the others of these are needed without Holdfast as well. */
function withoutStore(stack: Stack): Stack {
  const rest = Object.entries(stack.resources).filter(
    ([, { Type }]) => !/^AWS::(Elasti.*Group|KMS::Key|Secr.*Secret|SNS::Topic)$/.test(Type),
  );
  return isStoreStack(stack) ? { ...stack, resources: Object.fromEntries(rest) } : stack;
}

/** The same line of several fleets is one. */
const merged = (lines: readonly CostLine[]): CostLine[] =>
  [...Map.groupBy(lines, ({ item, unit }) => `${item} ${unit}`).values()].map((some) => {
    const monthly = some[0]?.monthly === null ? null : sumOf(some, (one) => one.monthly ?? 0);
    const [quantity, arithmetic] = [sumOf(some, (one) => one.quantity), joined(some.map((one) => one.arithmetic))];
    return { ...some[0], quantity, monthly, arithmetic } as CostLine;
  });

/** `A + 20 × (B)`: what each fleet needs is written once. */
const joined = (parts: readonly string[]): string =>
  [...Map.groupBy(parts, (part) => part)].map(([part, { length }]) => (length === 1 ? part : `${length} × (${part})`)).join(' + ');

type Quantity = readonly [quantity: number, arithmetic?: string, note?: string];
const hours = (count: number, what: string) => [count * HOURS_PER_MONTH, `${count} ${what} × ${HOURS_PER_MONTH} h`] as const;

/** What exists, what runs, and what is stored in the last month of a year; alarms, custom metrics and dashboards even when they are free. */
function linesOf(
  fleets: readonly Fleet[],
  { logMonths, archivedAfterDays }: Fleet,
  counts: ResourceCounts,
  work: readonly Work[],
): CostLine[] {
  const { freeDashboards, historyDays, releaseMegabytes } = ASSUMED;
  const deploysPerDay = sumOf(fleets.map((fleet) => fleet.deploysPerDay));
  const recordBytes = sumOf(fleets.map((fleet) => fleet.recordBytes)) / Math.max(1, fleets.length);
  const waiting = fleets.filter(({ waitsForSessions }) => waitsForSessions).length;
  // Without deploys, as of a store alone, none of theirs are published.
  const metrics = publishedMetrics(fleets[0]?.deploysPerDay ?? 0, fleets.length, counts.canaries, waiting).filter(
    ({ times, shareOfHours }) => times * shareOfHours > 0,
  );
  const series = sumOf(metrics.map(({ names, times, shareOfHours }) => times * names.length * shareOfHours)) + counts.metricFilters;
  // `3 always: HitRatePercent, …`
  const groups = metrics
    .map(({ names, times, when }) => `${times === 1 ? '' : `${times} × `}${names.length} ${when}: ${names.join(', ')}`)
    .join('; ');
  const filters = counts.metricFilters > 0 ? `; ${counts.metricFilters} metric filters` : '';
  const dashboards = `${counts.dashboards} dashboards, ${freeDashboards} per account are free`;
  const free = freeDashboardsOf(counts);
  // What each run uses, times the runs: `122 deploys × 210 + 486 targets × 55`.
  const usedOf = (unit: keyof typeof PRICES): Quantity => {
    const used = work.map(({ what, runsPerMonth, use }) => ({ what, runsPerMonth, each: use[unit] ?? 0 })).filter(({ each }) => each > 0);
    const arithmetic = used.map(({ what, runsPerMonth, each }) => `${show(runsPerMonth)} ${what} × ${show(each)}`);
    return [sumOf(used.map(({ runsPerMonth, each }) => runsPerMonth * each)), joined(arithmetic)];
  };
  const newDays = Math.min(historyDays, archivedAfterDays);
  const oldDays = historyDays - newDays;
  const releases = (days: number, which: string): Quantity => [
    (deploysPerDay * days * releaseMegabytes) / 1000,
    `${show(deploysPerDay * days)} releases ${which} × ${releaseMegabytes} MB: one per deploy, and old ones are never deleted`,
  ];
  const quantities: Partial<Record<keyof typeof PRICES, Quantity>> = {
    standardAlarms: [counts.alarmMetrics.standard, `${counts.alarms} alarms`],
    customMetrics: [series, groups + filters, 'charged for the hours with data'],
    dashboards: [counts.dashboards - free, dashboards, `$${free * PRICES.dashboards[3]} more if the account has used its free ones`],
    highResolutionAlarms: [counts.alarmMetrics.highResolution],
    interfaceEndpoints: hours(counts.interfaceEndpoints, 'in each zone'),
    logStorage: [(usedOf('logBytes')[0] / 1e9) * logMonths, `logs of ${show(logMonths)} months, uncompressed`],
    tableStorage: [
      (deploysPerDay * historyDays * recordBytes) / 1e9,
      `${show(deploysPerDay * historyDays)} deploys × ${show(recordBytes)} B`,
    ],
    objectTransitions: [oldDays > 0 ? deploysPerDay * DAYS_PER_MONTH : 0, 'once per release'],
    objectStorage: releases(newDays, oldDays > 0 ? `of ${newDays} days` : 'of a year'),
    archiveStorage: releases(oldDays, `of the ${oldDays} days before that`),
  };
  const always = ['standardAlarms', 'customMetrics', 'dashboards'];
  const keys = (Object.keys(PRICES) as (keyof typeof PRICES)[]).filter((key) => PRICES[key][0] !== 'infrastructure');
  return keys.flatMap((key) => {
    const line = lineOf(PRICES[key], ...(quantities[key] ?? (key in counts ? [Number(at(counts, key))] : usedOf(key))));
    return line.quantity > 0 || always.includes(key) ? line : [];
  });
}

/** What such a fleet costs without Holdfast: load balancer, store, servers. */
function infrastructureOf(stacks: readonly Stack[], servers: number): CostLine[] {
  const all = (type: string) => propertiesOf(stacks, type);
  const store = countResources(stacks.filter(isStoreStack));
  const balancers = all('ElasticLoadBalancingV2::LoadBalancer');
  const launch = at(all('EC2::LaunchTemplate')[0], 'LaunchTemplateData');
  const gigabytes = sumOf(list(at(launch, 'BlockDeviceMappings')).map((one) => numberOf(at(one, 'Ebs', 'VolumeSize'))));
  const isPublic = list(at(launch, 'NetworkInterfaces')).some((one) => at(one, 'AssociatePublicIpAddress') === true);
  const zones = sumOf(balancers.map(({ Subnets, Scheme }) => (Scheme === 'internet-facing' ? list(Subnets).length : 0)));
  // EC2 charges for seven metrics with detailed monitoring.
  const metrics = at(launch, 'Monitoring', 'Enabled') === true ? 7 : 0;
  const unread = 'enabled in the launch template; Holdfast does not read these metrics';
  const nodes = all(STORE).map(({ Engine, CacheNodeType, NumCacheClusters, NumNodeGroups, ReplicasPerNodeGroup }) => {
    const count = numberOf(NumCacheClusters) || numberOf(NumNodeGroups, 1) * (1 + numberOf(ReplicasPerNodeGroup));
    return lineOf(nodePrice(String(CacheNodeType), String(Engine)), ...hours(count, 'store nodes'));
  });
  return [
    lineOf(PRICES.loadBalancers, ...hours(balancers.length, 'load balancer')),
    lineOf(PRICES.capacityUnits, ...hours(balancers.length * ASSUMED.capacityUnits, 'LCU'), 'grows with traffic'),
    ...nodes,
    lineOf(PRICES.storeKeys, store.keys),
    lineOf(PRICES.storeSecrets, store.secrets),
    lineOf(serverPrice(String(at(launch, 'InstanceType') ?? 'unknown type')), ...hours(servers, 'servers')),
    lineOf(PRICES.volumes, servers * gigabytes, `${servers} servers × ${gigabytes} GB`),
    lineOf(PRICES.addresses, ...hours((isPublic ? servers : 0) + zones, 'address'), 'servers, and the load balancer in each zone'),
    lineOf(PRICES.serverMetrics, servers * metrics, `${servers} servers × ${metrics}`, unread),
  ].filter(({ quantity }) => quantity > 0);
}
