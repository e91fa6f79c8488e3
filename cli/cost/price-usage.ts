/** Holdfast's own quantities and prices as lines of a bill. Pure. */

import { ASSUMED, HOURS_PER_MONTH } from './assumptions.ts';
import type { ResourceCounts } from './count-resources.ts';
import { type Quantity, show, type Usage } from './estimate-usage.ts';
import { PRICES, type Price } from './price-list.ts';
import type { MetricGroup } from './published-metrics.ts';

export type Category = 'alarms' | 'metrics' | 'dashboards' | 'transitions' | 'functions' | 'logs' | 'requests' | 'storage' | 'network';

export interface CostLine {
  readonly item: string;
  readonly category: Category | 'infrastructure';
  readonly quantity: number;
  readonly unit: string;
  /** US dollars for one unit; null where the list has no price. */
  readonly unitPrice: number | null;
  /** US dollars per month; null where the list has no price. */
  readonly monthly: number | null;
  readonly arithmetic: string;
  readonly note: string | null;
}

/** One line: `how × price`. */
export function lineOf(
  category: CostLine['category'],
  item: string,
  { value, arithmetic }: Quantity,
  price: Price,
  note?: string,
): CostLine {
  const { usd, per, unit } = price;
  const unitPrice = usd / per;
  const rate = per === 1 ? dollars(usd) : `${dollars(usd)} / ${per.toLocaleString('en-US')}`;
  return {
    item,
    category,
    quantity: value,
    unit,
    unitPrice,
    monthly: Math.round(value * unitPrice * 1e4) / 1e4,
    arithmetic: `${show(value)} ${value === 1 ? unit.replace(/s$/, '') : unit} × ${rate}${arithmetic === '' ? '' : `; ${arithmetic}`}`,
    note: note ?? null,
  };
}

/** `$3`, `$0.10`, `$0.0225` */
const dollars = (usd: number): string => `$${Number.isInteger(usd * 10) && !Number.isInteger(usd) ? usd.toFixed(2) : usd}`;

const plain = (value: number, arithmetic = ''): Quantity => ({ value, arithmetic });

/** Holdfast's own lines. A line of 0 is omitted, unless readers expect it. */
export function priceHoldfast(counts: ResourceCounts, metrics: readonly MetricGroup[], usage: Usage): CostLine[] {
  const { alarmMetrics } = counts;
  const lines = [
    lineOf('alarms', 'alarms', plain(alarmMetrics.standard, `${counts.alarms} alarms`), PRICES.standardAlarm),
    lineOf('alarms', 'high-resolution alarms', plain(alarmMetrics.highResolution), PRICES.highResolutionAlarm),
    lineOf('alarms', 'composite alarms', plain(counts.compositeAlarms), PRICES.compositeAlarm),
    lineOf(
      'metrics',
      'custom metrics',
      plain(
        metrics.reduce((sum, { names, shareOfHours }) => sum + names.length * shareOfHours, 0) + counts.metricFilters,
        [...metrics.map(describeMetrics), ...(counts.metricFilters ? [`${counts.metricFilters} metric filters`] : [])].join('; '),
      ),
      PRICES.customMetric,
      'charged for the hours with data',
    ),
    lineOf(
      'dashboards',
      'dashboards',
      plain(
        Math.max(0, counts.dashboards - ASSUMED.freeDashboards),
        `${counts.dashboards} dashboards, ${ASSUMED.freeDashboards} per account are free`,
      ),
      PRICES.dashboard,
      'if the account has other dashboards, each is charged',
    ),
    lineOf('transitions', 'state transitions', usage.transitions, PRICES.transition),
    lineOf('functions', 'function requests', usage.invocations, PRICES.invocation),
    lineOf('functions', 'function time', usage.gbSeconds, PRICES.gbSecond),
    lineOf('logs', 'log ingestion', usage.logGigabytes, PRICES.logIngestion),
    lineOf('logs', 'log storage', usage.storedLogGigabytes, PRICES.logStorage),
    lineOf('requests', 'alarm states', usage.alarmReads, PRICES.cloudWatchRequest),
    lineOf('requests', 'traces', usage.traces, PRICES.trace),
    lineOf('requests', 'schedules', usage.scheduledRuns, PRICES.schedule),
    lineOf('requests', 'records, writes', usage.tableWrites, PRICES.tableWrite),
    lineOf('requests', 'records, reads', usage.tableReads, PRICES.tableRead),
    lineOf('storage', 'records, storage', usage.tableGigabytes, PRICES.tableStorage),
    lineOf('requests', 'releases, writes', usage.objectWrites, PRICES.objectWrite),
    lineOf('requests', 'releases, reads', usage.objectReads, PRICES.objectRead),
    lineOf('requests', 'releases, transitions', usage.releaseTransitions, PRICES.objectTransition),
    lineOf('storage', 'releases, storage', usage.releaseGigabytes, PRICES.objectStorage),
    lineOf('storage', 'old releases, storage', usage.oldReleaseGigabytes, PRICES.archiveStorage),
    lineOf('storage', 'keys', plain(counts.keys), PRICES.key),
    lineOf('storage', 'secrets', plain(counts.secrets), PRICES.secret),
    lineOf(
      'network',
      'interface endpoints',
      plain(counts.interfaceEndpoints * HOURS_PER_MONTH, `${counts.interfaceEndpoints} in each zone × ${HOURS_PER_MONTH} h`),
      PRICES.interfaceEndpoint,
    ),
  ];
  return lines.filter(({ quantity, item }) => quantity > 0 || ALWAYS_SHOWN.includes(item));
}

/** `3 always: HitRatePercent, …` */
const describeMetrics = ({ names, when }: MetricGroup): string => `${names.length} ${when}: ${names.join(', ')}`;

const ALWAYS_SHOWN = ['alarms', 'custom metrics', 'dashboards'];

export const sumOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { monthly }) => sum + (monthly ?? 0), 0);
