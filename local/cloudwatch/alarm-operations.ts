/** Operations on alarms. */
import { z } from 'zod';
import { AwsError, type Operation } from '../gateway/service.ts';
import type { Now } from '../ports.ts';
import { type AlarmOrigin, readCompositeAlarm, readMetricAlarm, tags } from './alarm-input.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import { alarmsOf, parseRule } from './alarm-rule.ts';
import { describeAlarm, describeHistory } from './alarm-shapes.ts';
import { type Alarm, queriesOf } from './alarm-state.ts';
import { keyOf } from './metric-store.ts';
import { dimensions, instant, list, page, parseInput, text, unit, whole } from './parse-input.ts';
import type { TagStore } from './tag-operations.ts';

const MAX_ALARMS = 5000;
const stateValue = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
const alarmTypes = list(z.enum(['MetricAlarm', 'CompositeAlarm']));
const named = z.object({ AlarmNames: list(text) });

export interface AlarmContext {
  readonly registry: AlarmRegistry;
  readonly tagStore: TagStore;
  readonly now: Now;
  /** `arn:aws:cloudwatch:REGION:ACCOUNT` */
  readonly arnPrefix: string;
}

/** Creates or replaces a metric alarm; tags count only at creation, as on AWS. */
export function putMetricAlarm(context: AlarmContext, input: unknown): Alarm {
  return put(context, readMetricAlarm(input, originFor(context)), input);
}

export function putCompositeAlarm(context: AlarmContext, input: unknown): Alarm {
  const exists = (nameOrArn: string): boolean => context.registry.find(nameOrArn) !== undefined;
  return put(context, readCompositeAlarm(input, originFor(context), exists), input);
}

function originFor(context: AlarmContext): (name: string) => AlarmOrigin {
  return (name) => ({ arnPrefix: context.arnPrefix, nowMs: context.now(), existing: context.registry.alarms.get(name) });
}

function put(context: AlarmContext, alarm: Alarm, input: unknown): Alarm {
  const existing = context.registry.alarms.get(alarm.name);
  if (existing === undefined) {
    if (context.registry.alarms.size >= MAX_ALARMS) throw new AwsError('LimitExceeded', `The limit of ${MAX_ALARMS} alarms is reached.`);
    context.tagStore.put(alarm.arn, parseInput(z.object({ Tags: tags.optional() }), input).Tags ?? []);
  }
  context.registry.put(alarm);
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
    PutCompositeAlarm(input) {
      putCompositeAlarm(context, input);
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
      const schema = z.object({ AlarmName: text, StateValue: stateValue, StateReason: z.string(), StateReasonData: text.optional() });
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
  AlarmNames: list(text).optional(),
  AlarmNamePrefix: text.optional(),
  AlarmTypes: alarmTypes.optional(),
  ActionPrefix: text.optional(),
  StateValue: stateValue.optional(),
  ChildrenOfAlarmName: text.optional(),
  ParentsOfAlarmName: text.optional(),
  MaxRecords: whole(1, 100).optional(),
  NextToken: text.optional(),
});

function describeAlarms(registry: AlarmRegistry, input: unknown): object {
  const request = parseInput(describeInput, input);
  // Without AlarmTypes only metric alarms come, even when a composite alarm is named.
  const types = request.AlarmTypes?.length ? request.AlarmTypes : ['MetricAlarm'];
  const names = request.AlarmNames ?? [];
  const family = familyOf(registry, request.ChildrenOfAlarmName, request.ParentsOfAlarmName);
  const alarms = [...registry.alarms.values()]
    .filter((alarm) =>
      family !== undefined ? family.has(alarm.name) : types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'),
    )
    .filter((alarm) => names.length === 0 || names.includes(alarm.name))
    .filter((alarm) => request.AlarmNamePrefix === undefined || alarm.name.startsWith(request.AlarmNamePrefix))
    .filter((alarm) => request.StateValue === undefined || alarm.state.value === request.StateValue)
    .filter((alarm) => {
      const actions = [...alarm.okActions, ...alarm.alarmActions, ...alarm.insufficientDataActions];
      return request.ActionPrefix === undefined || actions.some((arn) => arn.startsWith(request.ActionPrefix ?? ''));
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(alarms, request.NextToken, request.MaxRecords ?? 50);
  return {
    MetricAlarms: items.filter((alarm) => alarm.kind === 'metric').map(describeAlarm),
    CompositeAlarms: items.filter((alarm) => alarm.kind === 'composite').map(describeAlarm),
    ...nextToken,
  };
}

/** Names of an alarm's children or parents; undefined when neither was asked for. */
function familyOf(registry: AlarmRegistry, childrenOf: string | undefined, parentsOf: string | undefined): Set<string> | undefined {
  const childrenNames = (alarm: Alarm): (string | undefined)[] =>
    alarm.kind === 'composite' ? alarmsOf(parseRule(alarm.rule)).map((child) => registry.find(child)?.name) : [];
  if (childrenOf !== undefined) return new Set(childrenNames(registry.need(childrenOf)).filter((name) => name !== undefined));
  if (parentsOf === undefined) return undefined;
  return new Set([...registry.alarms.values()].filter((alarm) => childrenNames(alarm).includes(parentsOf)).map((alarm) => alarm.name));
}

function describeAlarmsForMetric(registry: AlarmRegistry, input: unknown): object {
  const schema = z.object({
    MetricName: text,
    Namespace: text,
    Dimensions: dimensions.optional(),
    Statistic: text.optional(),
    ExtendedStatistic: text.optional(),
    Period: whole(1).optional(),
    Unit: unit.optional(),
  });
  const request = parseInput(schema, input);
  const wanted = keyOf({ namespace: request.Namespace, name: request.MetricName, dimensions: request.Dimensions ?? {} });
  const statistic = request.Statistic ?? request.ExtendedStatistic;
  const alarms = [...registry.alarms.values()].filter(
    (alarm) =>
      alarm.kind === 'metric' &&
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
    AlarmName: text.optional(),
    AlarmTypes: alarmTypes.optional(),
    HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).optional(),
    StartDate: instant.optional(),
    EndDate: instant.optional(),
    MaxRecords: whole(1, 100).optional(),
    NextToken: text.optional(),
    ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).optional(),
  });
  const request = parseInput(schema, input);
  const types: readonly string[] = request.AlarmTypes?.length ? request.AlarmTypes : ['MetricAlarm'];
  const items = registry
    .history()
    .filter((item) => request.AlarmName === undefined || item.alarmName === request.AlarmName)
    .filter((item) => types.includes(item.alarmType))
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
