/**
 * Metrics in memory. A metric is its namespace, name and exact set of dimensions; data with another set is another metric.
 * Standard resolution keeps a bin a minute, high resolution one a second. Data become visible with a delay.
 */
import type { Now } from '../interfaces.ts';
import { type Aggregate, merge } from './statistics.ts';

export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface StoredDatum extends MetricIdentity {
  readonly unit: string;
  readonly timestampMs: number;
  readonly aggregate: Aggregate;
  /** 60 is the standard resolution. */
  readonly resolutionSeconds: 1 | 60;
}

export interface StoreSettings {
  /** Delay of metrics in AWS/* namespaces. */
  readonly visibilityDelayMs: number;
  /** Delay of all other metrics. */
  readonly customVisibilityDelayMs: number;
  /** Width of a bin of the standard resolution. @default 60,000 */
  readonly binMs?: number;
  readonly retentionMs: number;
  readonly maxSeries: number;
}

interface Bin {
  readonly startMs: number;
  readonly unit: string;
  readonly visibleAtMs: number;
  aggregate: Aggregate;
}
interface Series {
  readonly identity: MetricIdentity;
  readonly bins: Map<string, Bin>;
  lastDataMs: number;
}

export interface MetricStore {
  /** Returns false when the datum is older than the retention time, or when there are too many metrics. */
  add(datum: StoredDatum): boolean;
  /** Removes what a metric has from `startMs` on and before `endMs`. */
  remove(metric: MetricIdentity, startMs: number, endMs: number): void;
  /** Aggregates by period, keyed by each period's start. Periods are counted from `startMs`; only the given unit, or all. */
  read(metric: MetricIdentity, range: { startMs: number; endMs: number; periodMs: number }, unit?: string): Map<number, Aggregate>;
  /** Units of the metric's visible data in a range. */
  units(metric: MetricIdentity, startMs: number, endMs: number): string[];
  list(): readonly MetricIdentity[];
  /** Delay until data of this namespace become visible. */
  delayMs(namespace: string): number;
  prune(): void;
}

export function keyOf(metric: MetricIdentity): string {
  const pairs = Object.entries(metric.dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([metric.namespace, metric.name, pairs]);
}

export function createMetricStore(now: Now, settings: StoreSettings): MetricStore {
  const all = new Map<string, Series>();
  const delayMs = (namespace: string): number =>
    namespace.startsWith('AWS/') ? settings.visibilityDelayMs : settings.customVisibilityDelayMs;

  const visible = (metric: MetricIdentity, startMs: number, endMs: number, unit?: string): Bin[] => {
    const nowMs = now();
    return [...(all.get(keyOf(metric))?.bins.values() ?? [])].filter(
      (bin) => bin.startMs >= startMs && bin.startMs < endMs && bin.visibleAtMs <= nowMs && (unit === undefined || bin.unit === unit),
    );
  };

  return {
    add(datum) {
      const nowMs = now();
      if (datum.timestampMs < nowMs - settings.retentionMs) return false;
      const key = keyOf(datum);
      let series = all.get(key);
      if (series === undefined) {
        if (all.size >= settings.maxSeries) return false;
        const identity = { namespace: datum.namespace, name: datum.name, dimensions: { ...datum.dimensions } };
        series = { identity, bins: new Map(), lastDataMs: nowMs };
        all.set(key, series);
      }
      series.lastDataMs = nowMs;
      const widthMs = datum.resolutionSeconds === 60 ? (settings.binMs ?? 60_000) : 1_000;
      const startMs = Math.floor(datum.timestampMs / widthMs) * widthMs;
      const binKey = `${startMs} ${datum.unit}`;
      const bin = series.bins.get(binKey);
      if (bin !== undefined) bin.aggregate = merge(bin.aggregate, datum.aggregate);
      else
        series.bins.set(binKey, { startMs, unit: datum.unit, visibleAtMs: nowMs + delayMs(datum.namespace), aggregate: datum.aggregate });
      return true;
    },
    remove(metric, startMs, endMs) {
      const bins = all.get(keyOf(metric))?.bins;
      for (const [key, bin] of bins ?? []) if (bin.startMs >= startMs && bin.startMs < endMs) bins?.delete(key);
    },
    read(metric, { startMs, endMs, periodMs }, unit) {
      const periods = new Map<number, Aggregate>();
      for (const bin of visible(metric, startMs, endMs, unit)) {
        const at = startMs + Math.floor((bin.startMs - startMs) / periodMs) * periodMs;
        const before = periods.get(at);
        periods.set(at, before === undefined ? bin.aggregate : merge(before, bin.aggregate));
      }
      return periods;
    },
    units: (metric, startMs, endMs) => [...new Set(visible(metric, startMs, endMs).map((bin) => bin.unit))],
    list: () => [...all.values()].map((series) => series.identity),
    delayMs,
    prune() {
      const oldestMs = now() - settings.retentionMs;
      for (const [key, series] of all) {
        for (const [binKey, bin] of series.bins) if (bin.startMs < oldestMs) series.bins.delete(binKey);
        if (series.bins.size === 0 && series.lastDataMs < oldestMs) all.delete(key);
      }
    },
  };
}
