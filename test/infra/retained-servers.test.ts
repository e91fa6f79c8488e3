/** What becomes of a server whose termination nobody completed: it is kept where a created fleet has its sessions in memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetAlarmNames } from '../../functions/shared/naming.ts';
import { adopted, EXISTING_GROUP } from './adopted-configs.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

const apps = {} as Record<'sticky' | 'redis' | 'existing', SynthesizedApp>;
beforeAll(async () => {
  apps.sticky = await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } });
  apps.redis = await SynthesizedApp.create(AWS_CONFIG);
  apps.existing = await SynthesizedApp.create(adopted({ ...EXISTING_GROUP, strategy: 'sticky', deploy: { sessionDrainSeconds: 0 } }));
});
afterAll(async () => {
  for (const app of Object.values(apps)) await app.remove();
});

const hook = (app: SynthesizedApp) =>
  app
    .resources('AWS::AutoScaling::LifecycleHook')
    .find(({ Properties }) => String(Properties['LifecycleTransition']).endsWith('TERMINATING'));
const alarm = (app: SynthesizedApp) =>
  app.resources('AWS::CloudWatch::Alarm').find(({ Properties }) => String(Properties['AlarmName']).endsWith('-retained-servers'));

describe('a created fleet with sessions in memory', () => {
  it('retains a server whose hook timed out, and collects how many there are', () => {
    expect(hook(apps.sticky)?.Properties['DefaultResult']).toBe('ABANDON');
    expect(apps.sticky.resources('AWS::AutoScaling::AutoScalingGroup')[0]?.Properties).toMatchObject({
      InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
      MetricsCollection: [{ Granularity: '1Minute', Metrics: ['GroupTerminatingRetainedInstances'] }],
    });
  });

  it('is asked by doctor for that alarm, and no other fleet is', () => {
    const names = (retention: boolean) => fleetAlarmNames('holdfast', 'web', { group: true, retention, canary: false });
    expect([names(true), names(false)].map((all) => all.includes(String(alarm(apps.sticky)?.Properties['AlarmName'])))).toEqual([
      true,
      false,
    ]);
  });

  it('has an alarm for one that is retained, which a minute without data leaves as it is', () => {
    expect(alarm(apps.sticky)?.Properties).toMatchObject({
      Namespace: 'AWS/AutoScaling',
      MetricName: 'GroupTerminatingRetainedInstances',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'holdfast-web' }],
      Statistic: 'Maximum',
      Period: 60,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'ignore',
      AlarmDescription: expect.stringContaining('docs/runbook/deploys.md#retained-servers'),
    });
  });
});

describe.each(['redis', 'existing'] as const)('a fleet of another kind: %s', (kind) => {
  it('lets a server end whose termination nobody completed', () => {
    expect(hook(apps[kind])?.Properties['DefaultResult']).toBe('CONTINUE');
    expect(alarm(apps[kind])).toBeUndefined();
    if (kind === 'existing') return;
    const properties = apps[kind].resources('AWS::AutoScaling::AutoScalingGroup')[0]?.Properties;
    for (const name of ['InstanceLifecyclePolicy', 'MetricsCollection']) expect(properties).not.toHaveProperty(name);
  });
});
