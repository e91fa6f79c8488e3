import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { createAlarms } from '../../../../functions/shared/aws/alarms.ts';

const alarm = (AlarmName: string, StateReasonData?: string) => ({ AlarmName, StateValue: 'ALARM', StateReasonData });
const point = (timestamp: string) => ({ timestamp, sampleCount: 1, value: 9 });
const alarms = createAlarms({
  send: async () => ({
    MetricAlarms: [
      alarm(
        'data',
        JSON.stringify({ period: 60, evaluatedDatapoints: [point('2026-01-01T12:01:00.000+0000'), point('2026-01-01T12:00:00.000+0000')] }),
      ),
      alarm('no-data', JSON.stringify({ period: 60, evaluatedDatapoints: [] })),
      alarm('by-hand', 'no JSON'),
      alarm('nothing'),
    ],
    CompositeAlarms: [{ AlarmName: 'composite', StateValue: 'OK' }],
  }),
} as unknown as CloudWatchClient);

it('reads until when the data are that put an alarm into its state, as far as CloudWatch reports any', async () => {
  expect(await alarms.read(['any'])).toEqual({
    data: { state: 'ALARM', dataUntilMs: Date.UTC(2026, 0, 1, 12, 2) },
    'no-data': { state: 'ALARM' },
    'by-hand': { state: 'ALARM' },
    nothing: { state: 'ALARM' },
    composite: { state: 'OK' },
  });
});
