import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createWorld, FUNCTION, TOPIC, type World } from './fakes.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.service.stop());

const MINUTE = 60_000;

it('has the minutes that the local cloud gives its alarms, while who reads a metric gets whole ones', async () => {
  const short = createWorld({ alarmMinuteMs: 4_000 });
  try {
    await short.alarm({ EvaluationPeriods: 2 });
    for (let minute = 0; minute < 2; minute += 1) {
      await short.put(9);
      short.advance(4_000);
    }
    await short.reached('ALARM');
    expect((await short.describe())['Period']).toBe(60);
    const { Datapoints } = await short.call<{ Datapoints: object[] }>('GetMetricStatistics', {
      ...{ Namespace: 'Shop', MetricName: 'Errors', Period: 60, Statistics: ['Sum'] },
      ...{ StartTime: '2026-01-01T12:00:00Z', EndTime: '2026-01-01T12:01:00Z' },
    });
    expect(Datapoints).toMatchObject([{ Sum: 18 }]);
  } finally {
    await short.service.stop();
  }
});

describe('a metric alarm', () => {
  it('goes to ALARM, notifies the topic, the function and the event bus, and returns to OK', async () => {
    await world.alarm();
    expect((await world.describe())['StateReason']).toMatch(/Unchecked: Initial alarm creation|Insufficient Data/);
    await world.put(4);
    await world.put(5);
    world.advance(MINUTE);
    await world.reached('ALARM');
    await until(() => world.published.length === 1 && world.invoked.length === 1 && world.events.length === 1);
    const reason =
      'Threshold Crossed: 1 out of the last 1 datapoints [9.0 (01/01/26 12:00:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).';
    expect((await world.describe())['StateReason']).toBe(reason);
    expect(world.published[0]).toMatchObject({
      topicArn: TOPIC,
      subject: 'ALARM: "errors" in US East (N. Virginia)',
      message: {
        AlarmName: 'errors',
        AlarmDescription: null,
        AWSAccountId: '000000000000',
        NewStateValue: 'ALARM',
        NewStateReason: reason,
        StateChangeTime: '2026-01-01T12:01:00.000+0000',
        Region: 'US East (N. Virginia)',
        AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors',
        OldStateValue: 'INSUFFICIENT_DATA',
        Trigger: {
          MetricName: 'Errors',
          Namespace: 'Shop',
          StatisticType: 'Statistic',
          Statistic: 'SUM',
          Unit: null,
          Dimensions: [],
          Period: 60,
          EvaluationPeriods: 1,
          ComparisonOperator: 'GreaterThanThreshold',
          Threshold: 5,
        },
      },
    });
    expect(world.invoked[0]).toMatchObject({
      functionArn: FUNCTION,
      payload: { source: 'aws.cloudwatch', alarmData: { alarmName: 'errors', state: { value: 'ALARM' } } },
    });
    expect(world.events[0]).toMatchObject({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      detail: {
        alarmName: 'errors',
        state: { value: 'ALARM' },
        previousState: { value: 'INSUFFICIENT_DATA' },
        configuration: {
          metrics: [
            { metricStat: { metric: { namespace: 'Shop', name: 'Errors', dimensions: {} }, period: 60, stat: 'Sum' }, returnData: true },
          ],
        },
      },
    });
    await world.put(1);
    world.advance(MINUTE);
    await world.reached('OK');
    await until(() => world.published.length === 2);
    const { AlarmHistoryItems } = await world.call<{ AlarmHistoryItems: { HistorySummary: string }[] }>('DescribeAlarmHistory', {
      AlarmName: 'errors',
      HistoryItemType: 'StateUpdate',
    });
    expect(AlarmHistoryItems.map((item) => item.HistorySummary)).toEqual([
      'Alarm updated from ALARM to OK',
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
    ]);
  });

  it('evaluates 2 of 3 periods', async () => {
    await world.alarm({ EvaluationPeriods: '3', DatapointsToAlarm: '2' });
    for (const value of [9, 1, 9]) {
      await world.put(value);
      world.advance(MINUTE);
    }
    await world.reached('ALARM');
    expect((await world.describe())['StateReason']).toContain(
      '2 out of the last 3 datapoints [9.0 (01/01/26 12:02:00), 1.0 (01/01/26 12:01:00), 9.0 (01/01/26 12:00:00)] were greater than',
    );
  });

  it('goes to INSUFFICIENT_DATA when the data end, unless missing data are breaching', async () => {
    await world.alarm();
    await world.alarm({ AlarmName: 'strict', TreatMissingData: 'breaching' });
    await world.put(1);
    world.advance(MINUTE);
    await Promise.all([world.reached('OK'), world.reached('OK', 'strict')]);
    world.advance(3 * MINUTE);
    await world.reached('INSUFFICIENT_DATA');
    await world.reached('ALARM', 'strict');
    expect((await world.describe('strict'))['StateReason']).toBe(
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
    );
  });

  it('evaluates metric math and percentiles', async () => {
    const metric = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    await world.call('PutMetricAlarm', {
      AlarmName: 'rate',
      Metrics: [metric('e', 'Errors'), metric('r', 'Requests'), { Id: 'rate', Expression: '100 * FILL(e, 0) / r', ReturnData: true }],
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [TOPIC],
    });
    await world.alarm({ AlarmName: 'slow', Statistic: undefined, ExtendedStatistic: 'p90', MetricName: 'Latency', Threshold: 100 });
    await world.put(20);
    await world.put(100, { MetricName: 'Requests' });
    await world.put(0, { MetricName: 'Latency', Value: undefined, Values: [10, 500], Counts: [8, 2] });
    world.advance(MINUTE);
    await Promise.all([world.reached('ALARM', 'rate'), world.reached('ALARM', 'slow')]);
    await until(() => world.published.some(({ message }) => message['AlarmName'] === 'rate'));
    const message = world.published.find((item) => item.message['AlarmName'] === 'rate')?.message;
    expect(message?.['Trigger']).toMatchObject({
      Metrics: [{ Id: 'e' }, { Id: 'r' }, { Id: 'rate', Expression: expect.any(String), ReturnData: true }],
    });
  });

  it('waits until the metrics of a service can be seen', async () => {
    await world.alarm({ Namespace: 'AWS/ApplicationELB', MetricName: 'HTTPCode_Target_5XX_Count', Threshold: 0 });
    world.service.sink.record([
      {
        namespace: 'AWS/ApplicationELB',
        name: 'HTTPCode_Target_5XX_Count',
        dimensions: {},
        values: [1],
        unit: 'Count',
        timestampMs: world.now(),
      },
    ]);
    world.advance(2 * MINUTE - 1);
    await world.reached('INSUFFICIENT_DATA');
    world.advance(1);
    await world.reached('ALARM');
  });

  it('does not act while its actions are disabled, but changes and sends the event', async () => {
    await world.alarm();
    await world.call('DisableAlarmActions', { AlarmNames: ['errors'] });
    await world.call('SetAlarmState', { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'test' });
    await until(() => world.events.length === 1);
    expect(world.published).toEqual([]);
  });

  it('keeps a state that was set until the next window', async () => {
    await world.alarm();
    await world.put(1);
    world.advance(MINUTE);
    await world.reached('OK');
    await world.call('SetAlarmState', { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'test' });
    await until(() => world.published.some((item) => item.subject.startsWith('ALARM')));
    expect((await world.describe())['StateValue']).toBe('ALARM');
    world.advance(MINUTE);
    await world.reached('OK');
  });

  it('records an action that is not emulated as failed', async () => {
    await world.alarm({ AlarmActions: ['arn:aws:automate:us-east-1:ec2:reboot'] });
    await world.call('SetAlarmState', { AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'test' });
    const actions = () =>
      world.call<{ AlarmHistoryItems: { HistorySummary: string }[] }>('DescribeAlarmHistory', {
        AlarmName: 'errors',
        HistoryItemType: 'Action',
      });
    await until(async () => (await actions()).AlarmHistoryItems[0]?.HistorySummary.startsWith('Failed to execute action') ?? false);
  });
});
