/** Operations on alarms. */
import { z } from 'zod';
import type { Now } from '../interfaces.ts';
import { instant, list, page, requiredText, tagList, whole } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { readMetricAlarm } from './alarm-input.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import { describeAlarm, describeHistory } from './alarm-shapes.ts';
import { type Alarm, queriesOf } from './alarm-state.ts';
import { dimensions, parseInput, unit } from './input.ts';
import { keyOf } from './metric-store.ts';
import type { TagStore } from './tag-operations.ts';

const MAX_ALARMS = 5000;
const stateValue = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
const alarmTypes = list(z.enum(['MetricAlarm', 'CompositeAlarm']));
const named = z.object({ AlarmNames: list(requiredText) });

export interface AlarmContext {
  readonly registry: AlarmRegistry;
  readonly tagStore: TagStore;
  readonly now: Now;
  /** `arn:aws:cloudwatch:REGION:ACCOUNT` */
  readonly arnPrefix: string;
}

/** Creates or replaces a metric alarm; tags count only at creation, as on AWS. */
export function putMetricAlarm(context: AlarmContext, input: unknown): Alarm {
  const { registry, arnPrefix } = context;
  const alarm = readMetricAlarm(input, (name) => ({ arnPrefix, nowMs: context.now(), existing: registry.alarms.get(name) }));
  if (!registry.alarms.has(alarm.name)) {
    if (registry.alarms.size >= MAX_ALARMS) throw new AwsError('LimitExceeded', `The limit of ${MAX_ALARMS} alarms is reached.`);
    context.tagStore.put(alarm.arn, parseInput(z.object({ Tags: tagList.optional() }), input).Tags ?? []);
  }
  registry.put(alarm);
  return alarm;
}

export function alarmOperations(context: AlarmContext): Record<string, Operation> {
  const { registry } = context;
  const enable = (input: unknown, actionsEnabled: boolean): undefined => {
    for (const name of parseInput(named, input).AlarmNames) {
      const alarm = registry.alarms.get(name);
      if (alarm !== undefined) registry.alarms.set(name, { ...alarm, actionsEnabled });
    }
    return undefined;
  };
  return {
    PutMetricAlarm(input) {
      putMetricAlarm(context, input);
      return undefined;
    },
    DeleteAlarms(input) {
      // All or none: AWS deletes nothing when one of the alarms does not exist.
      const alarms = parseInput(named, input).AlarmNames.map((name) => registry.need(name));
      for (const alarm of alarms) {
        registry.delete(alarm);
        context.tagStore.delete(alarm.arn);
      }
      return undefined;
    },
    SetAlarmState(input) {
      const schema = z.object({
        AlarmName: requiredText,
        StateValue: stateValue,
        StateReason: z.string(),
        StateReasonData: requiredText.optional(),
      });
      const request = parseInput(schema, input);
      if (request.StateReasonData !== undefined && !isJson(request.StateReasonData))
        throw new AwsError('InvalidFormat', 'StateReasonData must be valid JSON.');
      const alarm = registry.need(request.AlarmName);
      registry.setState(alarm, { value: request.StateValue, reason: request.StateReason, reasonData: request.StateReasonData });
      return undefined;
    },
    EnableAlarmActions: (input) => enable(input, true),
    DisableAlarmActions: (input) => enable(input, false),
    DescribeAlarms: (input) => describeAlarms(registry, input),
    DescribeAlarmsForMetric: (input) => describeAlarmsForMetric(registry, input),
    DescribeAlarmHistory: (input) => describeAlarmHistory(registry, input),
  };
}

const describeInput = z.object({
  AlarmNames: list(requiredText).optional(),
  AlarmNamePrefix: requiredText.optional(),
  AlarmTypes: alarmTypes.optional(),
  ActionPrefix: requiredText.optional(),
  StateValue: stateValue.optional(),
  ChildrenOfAlarmName: requiredText.optional(),
  ParentsOfAlarmName: requiredText.optional(),
  MaxRecords: whole(1, 100).optional(),
  NextToken: requiredText.optional(),
});

function describeAlarms(registry: AlarmRegistry, input: unknown): object {
  const request = parseInput(describeInput, input);
  const names = request.AlarmNames ?? [];
  // There are no composite alarms, so no alarm has children or parents.
  const isForComposites = !includesMetricAlarms(request.AlarmTypes) || Boolean(request.ChildrenOfAlarmName ?? request.ParentsOfAlarmName);
  const alarms = (isForComposites ? [] : [...registry.alarms.values()])
    .filter((alarm) => names.length === 0 || names.includes(alarm.name))
    .filter((alarm) => request.AlarmNamePrefix === undefined || alarm.name.startsWith(request.AlarmNamePrefix))
    .filter((alarm) => request.StateValue === undefined || alarm.state.value === request.StateValue)
    .filter((alarm) => {
      const actions = [...alarm.okActions, ...alarm.alarmActions, ...alarm.insufficientDataActions];
      return request.ActionPrefix === undefined || actions.some((arn) => arn.startsWith(request.ActionPrefix ?? ''));
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(alarms, request.NextToken, request.MaxRecords ?? 50);
  return { MetricAlarms: items.map(describeAlarm), CompositeAlarms: [], ...nextToken };
}

/** Whether a call with these types returns metric alarms; as on AWS, a call without a type returns them alone. */
function includesMetricAlarms(types: readonly string[] | undefined): boolean {
  return !types?.length || types.includes('MetricAlarm');
}

function describeAlarmsForMetric(registry: AlarmRegistry, input: unknown): object {
  const schema = z.object({
    MetricName: requiredText,
    Namespace: requiredText,
    Dimensions: dimensions.optional(),
    Statistic: requiredText.optional(),
    ExtendedStatistic: requiredText.optional(),
    Period: whole(1).optional(),
    Unit: unit.optional(),
  });
  const request = parseInput(schema, input);
  const wanted = keyOf({ namespace: request.Namespace, name: request.MetricName, dimensions: request.Dimensions ?? {} });
  const statistic = request.Statistic ?? request.ExtendedStatistic;
  const alarms = [...registry.alarms.values()].filter((alarm) =>
    queriesOf(alarm).some(({ MetricStat: stat }) => {
      if (stat === undefined) return false;
      const key = keyOf({ namespace: stat.Metric.Namespace, name: stat.Metric.MetricName, dimensions: stat.Metric.Dimensions ?? {} });
      return (
        key === wanted &&
        (statistic === undefined || stat.Stat === statistic) &&
        (request.Period === undefined || stat.Period === request.Period) &&
        (request.Unit === undefined || stat.Unit === request.Unit)
      );
    }),
  );
  return { MetricAlarms: alarms.map(describeAlarm) };
}

function describeAlarmHistory(registry: AlarmRegistry, input: unknown): object {
  const schema = z.object({
    AlarmName: requiredText.optional(),
    AlarmTypes: alarmTypes.optional(),
    HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).optional(),
    StartDate: instant.optional(),
    EndDate: instant.optional(),
    MaxRecords: whole(1, 100).optional(),
    NextToken: requiredText.optional(),
    ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).optional(),
  });
  const request = parseInput(schema, input);
  const items = (includesMetricAlarms(request.AlarmTypes) ? registry.history() : [])
    .filter((item) => request.AlarmName === undefined || item.alarmName === request.AlarmName)
    .filter((item) => request.HistoryItemType === undefined || item.type === request.HistoryItemType)
    .filter((item) => item.atMs >= (request.StartDate ?? 0) && item.atMs <= (request.EndDate ?? Number.POSITIVE_INFINITY));
  const ordered = request.ScanBy === 'TimestampAscending' ? items.toReversed() : items;
  const { items: shown, nextToken } = page(ordered, request.NextToken, request.MaxRecords ?? 100);
  return { AlarmHistoryItems: shown.map(describeHistory), ...nextToken };
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
