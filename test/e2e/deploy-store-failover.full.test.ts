/** The primary of the session store is killed in mid-deploy: the deploy waits for the store and goes on. */
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, describe, expect, it } from 'vitest';
import type { TrafficReport } from '../../lab/demo/traffic/contract.ts';
import { until } from '../until.ts';
import { deployUnderFault, untilInPhase } from './deploy-under-fault.ts';
import { kept, recordOf, statesOf } from './fleet.ts';
import { killPrimary, untilFailedOver } from './store-failover.ts';

const cloudWatch = new CloudWatchClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
const ALARM = 'holdfast-web-target-5xx';
const setAlarm = (StateValue: 'OK' | 'ALARM') =>
  cloudWatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: 'test' }));
const alarmState = async () => (await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [ALARM] }))).MetricAlarms?.[0]?.StateValue;
afterAll(() => cloudWatch.destroy());

/** Replication is asynchronous: what the old primary had answered and not passed on is gone, so that a count goes back. */
const byReplication = ({ losses, sessionsLost }: TrafficReport): number =>
  Object.keys(losses).every((reason) => reason === 'countWentBack') ? sessionsLost : 0;

describe('the primary of the session store that is killed', () => {
  it('while the deploy settles is asked about before an alarm condemns the release', { timeout: 600_000 }, async () => {
    // A deploy takes no notice of an alarm that was on before it began, and each failover may raise this one.
    await until(async () => (await alarmState()) !== 'ALARM', 'the alarm on the servers’ errors is calm', 300_000);
    const { record } = await deployUnderFault({
      fault: 'a failover of the store',
      settings: { bakeSeconds: 5, settleSeconds: 20, alarmNames: [ALARM] },
      meanwhile: async (arn) => {
        await until(async () => (await recordOf(arn))?.stage === 'settling', 'it settles', 300_000);
        await untilFailedOver(await killPrimary());
        await setAlarm('ALARM');
        await until(async () => (await statesOf(arn)).includes('Check store after alarm'), 'the question to the store');
        await setAlarm('OK');
      },
      ends: 'SUCCEEDED',
      mayFail: ({ failure }) => failure === 'serverError',
      mayLose: byReplication,
    });
    expect(await statesOf(record.executionArn)).not.toContain('Clean up');
  });

  it.each(['draining', 'baking'] as const)(
    'while a target is %s holds the deploy up and no more',
    // An alarm on the servers' errors, which it may raise, is calm again some four minutes later.
    { timeout: 600_000 },
    async (phase) => {
      const { record, report, scene } = await deployUnderFault({
        fault: 'a failover of the store',
        settings: { bakeSeconds: 5 },
        meanwhile: async (arn) => {
          await untilInPhase(arn, phase);
          await untilFailedOver(await killPrimary());
        },
        ends: 'SUCCEEDED',
        // Servers that cannot connect to the store report it, on either release.
        mayFail: ({ failure }) => failure === 'serverError',
        mayLose: byReplication,
      });
      expect(report.failed).toBeGreaterThan(0);
      expect(report.phases.after.failed).toBe(0);
      const bakes = record.targets[scene.targets[0] as string]?.phases?.filter((entry) => entry.phase === 'baking');
      if (phase === 'baking') expect(bakes?.length).toBeGreaterThan(1);
    },
  );
});
