/** What Holdfast itself is charged for in a month: what exists, what runs, and what is stored. Pure. */
import { ASSUMED, DAYS_PER_MONTH, HOURS_PER_MONTH } from './assumptions.ts';
import { type Category, type CostLine, lineOf, type Quantity, show } from './cost-line.ts';
import type { ResourceCounts } from './count-resources.ts';
import { PRICES, type Price } from './price-list.ts';
import type { MetricGroup } from './published-metrics.ts';
import type { Fleet } from './read-fleet.ts';
import { sumOf } from './sum.ts';

/** Lines of what runs use, by what is counted of a run. */
const USED = {
  transitions: ['transitions', 'state transitions', PRICES.transition],
  requests: ['functions', 'function requests', PRICES.invocation],
  gbSeconds: ['functions', 'function time', PRICES.gbSecond],
  logBytes: ['logs', 'log ingestion', PRICES.logIngestion],
  alarmReads: ['requests', 'alarm states', PRICES.cloudWatchRequest],
  traces: ['requests', 'traces', PRICES.trace],
  schedules: ['requests', 'schedules', PRICES.schedule],
  tableWrites: ['requests', 'records, writes', PRICES.tableWrite],
  tableReads: ['requests', 'records, reads', PRICES.tableRead],
  keyRequests: ['requests', 'key requests', PRICES.keyRequest],
  secretReads: ['requests', 'reads of secrets', PRICES.secretRead],
  objectWrites: ['requests', 'releases, writes', PRICES.objectWrite],
  objectReads: ['requests', 'releases, reads', PRICES.objectRead],
} as const satisfies Readonly<Record<string, readonly [Category, string, Price]>>;

/** What one run uses. */
export type Use = Readonly<Partial<Record<keyof typeof USED, number>>>;

/** One kind of work: a state machine, or a function that none calls. */
export interface Work {
  /** Name of its runs in the plural. */
  readonly what: string;
  readonly runsPerMonth: number;
  readonly use: Use;
}

const isCharged = ({ quantity }: CostLine): boolean => quantity > 0;

/** What exists; alarms, custom metrics and dashboards are shown even when nothing is charged for them. */
export function priceResources(counts: ResourceCounts, metrics: readonly MetricGroup[]): CostLine[] {
  const series = sumOf(metrics.map(({ names, shareOfHours }) => names.length * shareOfHours)) + counts.metricFilters;
  // `3 always: HitRatePercent, …`
  const groups = metrics.map(({ names, when }) => `${names.length} ${when}: ${names.join(', ')}`);
  const filters = counts.metricFilters > 0 ? [`${counts.metricFilters} metric filters`] : [];
  const free = `${counts.dashboards} dashboards, ${ASSUMED.freeDashboards} per account are free`;
  const others = 'if the account has other dashboards, each is charged';
  const endpoints = `${counts.interfaceEndpoints} in each zone × ${HOURS_PER_MONTH} h`;
  return [
    lineOf('alarms', 'alarms', [counts.alarmMetrics.standard, `${counts.alarms} alarms`], PRICES.standardAlarm),
    lineOf(
      'metrics',
      'custom metrics',
      [series, [...groups, ...filters].join('; '), 'charged for the hours with data'],
      PRICES.customMetric,
    ),
    lineOf('dashboards', 'dashboards', [Math.max(0, counts.dashboards - ASSUMED.freeDashboards), free, others], PRICES.dashboard),
    ...[
      lineOf('alarms', 'high-resolution alarms', [counts.alarmMetrics.highResolution], PRICES.highResolutionAlarm),
      lineOf('alarms', 'composite alarms', [counts.compositeAlarms], PRICES.compositeAlarm),
      lineOf('storage', 'keys', [counts.keys], PRICES.key),
      lineOf('storage', 'secrets', [counts.secrets], PRICES.secret),
      lineOf('storage', 'passwords of the canary', [counts.canarySecrets], PRICES.secret),
      lineOf('network', 'interface endpoints', [counts.interfaceEndpoints * HOURS_PER_MONTH, endpoints], PRICES.interfaceEndpoint),
    ].filter(isCharged),
  ];
}

/** What each run uses, times the runs: `122 deploys × 210 + 486 targets × 55`. */
export function priceUse(work: readonly Work[]): CostLine[] {
  const lines = (Object.keys(USED) as (keyof Use)[]).map((unit) => {
    const used = work.map(({ what, runsPerMonth, use }) => ({ what, runsPerMonth, each: use[unit] ?? 0 })).filter(({ each }) => each > 0);
    const [category, item, price] = USED[unit];
    const arithmetic = used.map(({ what, runsPerMonth, each }) => `${show(runsPerMonth)} ${what} × ${show(each)}`).join(' + ');
    return lineOf(category, item, [sumOf(used.map(({ runsPerMonth, each }) => runsPerMonth * each)), arithmetic], price);
  });
  return lines.filter(isCharged);
}

/** The priced month is the last one of {@link ASSUMED.historyDays}: what accumulates in that time is stored. */
export function priceStorage(fleet: Fleet, deploysPerDay: number, recordBytes: number, logBytes: number): CostLine[] {
  const { logRetentionDays, releasesArchivedAfterDays } = fleet;
  const months = logRetentionDays === 0 ? 12 : logRetentionDays / DAYS_PER_MONTH;
  const deploys = deploysPerDay * ASSUMED.historyDays;
  const newDays = Math.min(ASSUMED.historyDays, releasesArchivedAfterDays);
  const oldDays = ASSUMED.historyDays - newDays;
  const releases = (days: number, which: string): Quantity => [
    (deploysPerDay * days * ASSUMED.releaseMegabytes) / 1000,
    `${show(deploysPerDay * days)} releases ${which} × ${ASSUMED.releaseMegabytes} MB: one per deploy, and old ones are never deleted`,
  ];
  return [
    lineOf('logs', 'log storage', [(logBytes / 1e9) * months, `logs of ${show(months)} months, uncompressed`], PRICES.logStorage),
    lineOf(
      'storage',
      'records, storage',
      [(deploys * recordBytes) / 1e9, `${show(deploys)} deploys × ${show(recordBytes)} B`],
      PRICES.tableStorage,
    ),
    lineOf(
      'requests',
      'releases, transitions',
      [oldDays > 0 ? deploysPerDay * DAYS_PER_MONTH : 0, 'once per release'],
      PRICES.objectTransition,
    ),
    lineOf('storage', 'releases, storage', releases(newDays, oldDays > 0 ? `of ${newDays} days` : 'of a year'), PRICES.objectStorage),
    lineOf('storage', 'old releases, storage', releases(oldDays, `of the ${oldDays} days before that`), PRICES.archiveStorage),
  ].filter(isCharged);
}
