/**
 * Evaluates alarms over the stored metrics. Windows end at full minutes (alarms with shorter periods: at full periods),
 * once all data of the window have had time to become visible, so that no window is judged half-filled. Each window is
 * judged once, so a state that SetAlarmState set lasts until the next window, as on AWS.
 */

import type { Log, Now } from '../interfaces.ts';
import { AwsError } from '../service/service.ts';
import { type JudgedPoint, reasonDataFor, reasonFor } from './alarm-reason.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import { type Alarm, queriesOf } from './alarm-state.ts';
import { evaluationRange, judgeAlarm, type MissingDataTreatment, type StateValue, tooFewSamples } from './judge-alarm.ts';
import { type MetricQuery, runQueries } from './metric-queries.ts';
import type { MetricStore } from './metric-store.ts';
import { percentileOf } from './statistics.ts';
import { isWarmingUp } from './warm-up.ts';

export interface AlarmEvaluator {
  /** Judges every alarm whose window is due. */
  evaluate(): void;
}

export interface EvaluatorOptions {
  readonly now: Now;
  readonly store: MetricStore;
  readonly registry: AlarmRegistry;
  readonly log: Log;
  /** How long a minute of a period lasts. @default 60,000 */
  readonly minuteMs?: number;
}

export function createAlarmEvaluator(options: EvaluatorOptions): AlarmEvaluator {
  const { now, store, registry, minuteMs = MINUTE_MS } = options;
  /** End of each alarm's latest evaluated window; a changed configuration is evaluated at once. */
  const judgedUntil = new Map<string, string>();

  const evaluateAlarm = (alarm: Alarm): void => {
    const queries = inMinutesOf(minuteMs, queriesOf(alarm));
    const endMs = windowEnd(store, alarm, minuteMs, now());
    const mark = `${endMs} ${alarm.configuredAtMs}`;
    if (judgedUntil.get(alarm.name) === mark) return;
    judgedUntil.set(alarm.name, mark);
    const periodMs = lengthOf(alarm, minuteMs);
    const range = evaluationRange(alarm.evaluationPeriods);
    const startMs = endMs - range * periodMs;
    const times = Array.from({ length: range }, (_, index) => startMs + index * periodMs);
    const results = runQueries(store, queries, startMs, endMs, false);
    const series = results.find(({ query }) => query.ReturnData !== false)?.points;
    const points = times.map((time) => series?.get(time));
    if (hasTooFewSamples(store, alarm, { startMs, endMs, periodMs })) return;
    const verdict = judgeAlarm({
      points,
      evaluationPeriods: alarm.evaluationPeriods,
      datapointsToAlarm: alarm.datapointsToAlarm ?? alarm.evaluationPeriods,
      operator: alarm.operator,
      threshold: alarm.threshold,
      treatMissingData: treatmentOf(alarm),
    });
    if (isWarmingUp(alarm.warmUp, now(), verdict.filled)) return;
    const warm = afterWarmUp(alarm);
    if (verdict.state === 'retain') return;
    const judged = verdict.judged.map((index): JudgedPoint => ({ timeMs: times[index] ?? 0, value: points[index] ?? 0 }));
    const { state } = verdict;
    apply(warm, state, () => ({ reason: reasonFor(alarm, verdict, state, judged), reasonData: reasonDataFor(alarm, judged, now()) }));
  };

  /** A warm-up that has ended, by its time or because data came, never begins again. */
  const afterWarmUp = (alarm: Alarm): Alarm => {
    if (alarm.warmUp === undefined || alarm.warmUp.isOver) return alarm;
    const warm = { ...alarm, warmUp: { ...alarm.warmUp, isOver: true } };
    registry.alarms.set(alarm.name, warm);
    return warm;
  };

  /** The reason stays that of the change while the state stays, as on AWS. */
  const apply = (alarm: Alarm, value: StateValue, why: () => { readonly reason: string; readonly reasonData: string }): void => {
    const initial = alarm.state.reason.startsWith('Unchecked');
    if (alarm.state.value !== value || initial) registry.setState(alarm, { value, ...why() });
  };

  return {
    evaluate() {
      for (const alarm of [...registry.alarms.values()]) {
        try {
          evaluateAlarm(alarm);
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          options.log(`cloudwatch: alarm ${alarm.name} could not be evaluated: ${error.message}`);
        }
      }
      for (const name of judgedUntil.keys()) if (!registry.alarms.has(name)) judgedUntil.delete(name);
    },
  };
}

const MINUTE_MS = 60_000;
const lengthOf = ({ periodSeconds }: Pick<Alarm, 'periodSeconds'>, minuteMs: number): number =>
  (periodSeconds * 1000 * minuteMs) / MINUTE_MS;

/** The queries with periods as long as `minuteMs` makes them. */
function inMinutesOf(minuteMs: number, queries: readonly MetricQuery[]): readonly MetricQuery[] {
  if (minuteMs === MINUTE_MS) return queries;
  const scaled = (seconds: number): number => (seconds * minuteMs) / MINUTE_MS;
  return queries.map(({ MetricStat, Period, ...query }) => ({
    ...query,
    ...(MetricStat && { MetricStat: { ...MetricStat, Period: scaled(MetricStat.Period) } }),
    ...(Period !== undefined && { Period: scaled(Period) }),
  }));
}

function windowEnd(store: MetricStore, alarm: Alarm, minuteMs: number, nowMs: number): number {
  const namespaces = queriesOf(alarm).flatMap((query) => query.MetricStat?.Metric.Namespace ?? []);
  const delayMs = Math.max(0, ...namespaces.map((namespace) => store.delayMs(namespace)));
  const stepMs = lengthOf({ periodSeconds: Math.min(alarm.periodSeconds, 60) }, minuteMs);
  return Math.floor((nowMs - delayMs) / stepMs) * stepMs;
}

/** On AWS, alarms on AWS/DynamoDB metrics always ignore missing data. */
function treatmentOf(alarm: Alarm): MissingDataTreatment {
  const isDynamoDb = queriesOf(alarm).some((query) => query.MetricStat?.Metric.Namespace === 'AWS/DynamoDB');
  return isDynamoDb ? 'ignore' : (alarm.treatMissingData ?? 'missing');
}

function hasTooFewSamples(store: MetricStore, alarm: Alarm, range: Parameters<MetricStore['read']>[1]): boolean {
  if (alarm.evaluateLowSampleCountPercentile !== 'ignore' || !('metric' in alarm.watches)) return false;
  const { metric } = alarm.watches;
  const percent = percentileOf(metric.statistic);
  if (percent === undefined) return false;
  const periods = store.read(metric, range, metric.unit);
  const newest = [...periods].sort(([a], [b]) => b - a)[0]?.[1];
  return newest !== undefined && tooFewSamples(percent, newest.count);
}
