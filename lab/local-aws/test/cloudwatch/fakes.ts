/** Hand-written fakes around the service, and an injected clock that begins at a full hour. */

import { until } from '../../../../test/until.ts';
import { type CloudWatchSettings, createCloudWatchService } from '../../cloudwatch/service.ts';
import type { EventBus } from '../../interfaces.ts';
import type { CallContext } from '../../service/service.ts';

export const START_MS = Date.UTC(2026, 0, 1, 12);
export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';
export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:handler';
const caller: CallContext = { region: 'us-east-1', accountId: '000000000000', accessKeyId: 'test' };

export function createWorld(settings: Partial<CloudWatchSettings> = {}) {
  let nowMs = START_MS;
  const published: { topicArn: string; subject: string; message: Record<string, unknown> }[] = [];
  const invoked: { functionArn: string; payload: Record<string, unknown> }[] = [];
  const events: Parameters<EventBus['put']>[0][] = [];
  const service = createCloudWatchService({
    now: () => nowMs,
    region: 'us-east-1',
    accountId: '000000000000',
    topics: {
      async publish(topicArn, subject, message) {
        published.push({ topicArn, subject, message: JSON.parse(message) as Record<string, unknown> });
      },
    },
    functions: {
      async invokeAsync(functionArn, payload) {
        invoked.push({ functionArn, payload });
      },
    },
    events: {
      async put(event) {
        events.push(event);
      },
    },
    log: () => undefined,
    settings: { customVisibilityDelayMs: 0, evaluationIntervalMs: 2, ...settings },
  });
  const call = async <T = Record<string, unknown>>(operation: string, input: Record<string, unknown>): Promise<T> => {
    const run = service.operations[operation];
    if (run === undefined) throw new Error(`no operation ${operation}`);
    return (await run(input, caller)) as T;
  };
  const world = {
    service,
    published,
    invoked,
    events,
    call,
    advance(ms: number) {
      nowMs += ms;
    },
    now: () => nowMs,
    put: (value: number, changes: Record<string, unknown> = {}) =>
      call('PutMetricData', { Namespace: 'Shop', MetricData: [{ MetricName: 'Errors', Value: value, Unit: 'Count', ...changes }] }),
    alarm: (changes: Record<string, unknown> = {}) =>
      call('PutMetricAlarm', {
        AlarmName: 'errors',
        Namespace: 'Shop',
        MetricName: 'Errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmActions: [TOPIC, FUNCTION],
        OKActions: [TOPIC],
        ...changes,
      }),
    async describe(name = 'errors'): Promise<Record<string, unknown>> {
      const { MetricAlarms } = await call<{ MetricAlarms: Record<string, unknown>[] }>('DescribeAlarms', { AlarmNames: [name] });
      const found = MetricAlarms[0];
      if (found === undefined) throw new Error(`no alarm ${name}`);
      return found;
    },
    reached: (state: string, name = 'errors') => until(async () => (await world.describe(name))['StateValue'] === state),
  };
  return world;
}
export type World = ReturnType<typeof createWorld>;
