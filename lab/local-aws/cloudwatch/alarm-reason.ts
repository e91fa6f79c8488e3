/** The sentences with which CloudWatch explains a state. */
import { type Alarm, alarmTime } from './alarm-state.ts';
import type { AlarmVerdict, StateValue } from './judge-alarm.ts';

const PHRASES: Readonly<Record<Alarm['operator'], string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** Numbers always have a decimal place in alarm texts: `50.0`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `02/10/19 16:59:00` */
function shortTime(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

export interface JudgedPoint {
  readonly timeMs: number;
  readonly value: number;
}

/** `judged` oldest first. */
export function reasonFor(alarm: Alarm, verdict: AlarmVerdict, state: StateValue, judged: readonly JudgedPoint[]): string {
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${counted(verdict.filled)} ${verdict.filled === 1 ? 'was' : 'were'} unknown.`;
  }
  const treated = alarm.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  if (judged.length === 0) {
    const periods = `${verdict.filled} period${verdict.filled === 1 ? '' : 's'}`;
    return `Threshold Crossed: no datapoints were received for ${periods} and ${verdict.filled} missing ${
      verdict.filled === 1 ? 'datapoint was' : 'datapoints were'
    } treated as [${treated}].`;
  }
  const needed = alarm.datapointsToAlarm ?? alarm.evaluationPeriods;
  const alarming = state === 'ALARM';
  const count = alarming ? verdict.breaching : judged.length - verdict.breaching;
  const minimum = alarming ? needed : alarm.evaluationPeriods - needed + 1;
  const shown = judged.map((point) => `${decimal(point.value)} (${shortTime(point.timeMs)})`).reverse();
  return (
    `Threshold Crossed: ${count} out of the last ${alarm.evaluationPeriods} datapoints [${shown.join(', ')}] ` +
    `${count === 1 ? 'was' : 'were'} ${alarming ? '' : 'not '}${PHRASES[alarm.operator]} the threshold (${decimal(alarm.threshold)}) ` +
    `(minimum ${counted(minimum)} for ${alarming ? 'OK -> ALARM' : 'ALARM -> OK'} transition).`
  );
}

/** JSON, as StateReasonData has it. */
export function reasonDataFor(alarm: Alarm, judged: readonly JudgedPoint[], nowMs: number): string {
  const first = judged[0];
  return JSON.stringify({
    version: '1.0',
    queryDate: alarmTime(nowMs),
    ...(first !== undefined && { startDate: alarmTime(first.timeMs) }),
    ...('metric' in alarm.watches && { statistic: alarm.watches.metric.statistic }),
    period: alarm.periodSeconds,
    recentDatapoints: judged.map((point) => point.value),
    threshold: alarm.threshold,
    evaluatedDatapoints: judged.map((point) => ({ timestamp: alarmTime(point.timeMs), value: point.value })).reverse(),
  });
}

function counted(count: number): string {
  return `${count} datapoint${count === 1 ? '' : 's'}`;
}
