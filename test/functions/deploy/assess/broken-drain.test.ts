/**
 * A drain, as the load balancer and CloudWatch see it: the local ones, with the alarms of the deployed template, under the
 * deploy's own settle step.
 */
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type World as CloudWatch, createWorld as createCloudWatch, START_MS } from '#local-aws/test/cloudwatch/fakes.ts';
import { createWorld, healthy, type Instance, named, SECOND_MS, send, type World } from '#local-aws/test/elbv2/support.ts';
import { createAssess } from '../../../../functions/deploy/assess/assess.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import { createAlarms } from '../../../../functions/shared/aws/alarms.ts';
import template from '../../../infra/__snapshots__/web-web-tier.template.json' with { type: 'json' };
import { until } from '../../../until.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { beginDeploy, DEPLOY } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

/** That a deploy watches, in short. */
const WATCHED = ['target-connection-errors', 'load-balancer-5xx', 'target-5xx'];
/** Alarms are evaluated in the order in which they were put: when this one fires, the others have been evaluated. */
const LAST = 'last';
const MINUTE_MS = 60_000;
const LAG_MS = 100;

let lagMs: number;
let front: World;
let cloudWatch: CloudWatch;
let group: string;
let port: number;
let instances: readonly [Instance, Instance];
let settle: () => Promise<unknown>;

beforeEach(async () => {
  lagMs = LAG_MS;
  front = createWorld({ metricPeriodMs: 20, propagationLagMs: () => lagMs });
  cloudWatch = createCloudWatch({ visibilityDelayMs: 0 });
  instances = [await front.instance(named('one')), await front.instance(named('two'))];
  group = await front.group(instances, { attributes: { 'deregistration_delay.timeout_seconds': '1' } });
  const { loadBalancer, port: listening } = await front.front(group);
  port = listening;
  await healthy(front, group, ...instances);
  const alarmNames = await putAlarms({
    LoadBalancer: loadBalancer.split(':loadbalancer/')[1] ?? '',
    TargetGroup: group.split(':').at(-1) ?? '',
  });
  settle = await beginSettling(alarmNames);
});
afterEach(async () => {
  await front.stop();
  cloudWatch.service.stop();
});

it('settles green when no request meets a server that is out of service', async () => {
  await deregister(instances[0]);
  await new Promise((done) => setTimeout(done, LAG_MS + 2 * SECOND_MS));
  await instances[0].stop();
  await sendSome();
  await aMinuteLater();
  expect(await settle()).toMatchObject({ verdict: 'DONE' });
});

it('ends with the alarms on it when a server is stopped before its deregistration has spread', async () => {
  lagMs = 60_000;
  await deregister(instances[0]);
  await instances[0].stop();
  await sendSome();
  await aMinuteLater();
  await expect(settle()).rejects.toMatchObject({
    name: 'AlarmFired',
    message: expect.stringMatching(/: holdfast-web-load-balancer-5xx, holdfast-web-target-connection-errors$/),
  });
});

it('ends with the alarms on it when a server is deregistered too late', async () => {
  // On a slow machine its next check, 200 ms after the last one, would otherwise end before the first request.
  await front.call('ModifyTargetGroup', { TargetGroupArn: group, HealthCheckIntervalSeconds: 300, HealthCheckTimeoutSeconds: 60 });
  await new Promise((done) => setTimeout(done, 20 * SECOND_MS));
  await instances[0].stop();
  await sendSome();
  await deregister(instances[0]);
  await aMinuteLater();
  await expect(settle()).rejects.toMatchObject({ name: 'AlarmFired' });
});

const deregister = ({ id }: Instance) => front.call('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: id }] });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const sendSome = () => Promise.all(Array.from({ length: 12 }, () => send(port)));

/** What the load balancer reported is in the minute that has ended, and every alarm has been evaluated since. */
async function aMinuteLater(): Promise<void> {
  // Answers, for they are counted last: the errors of their requests are in the same report or an earlier one.
  const isAnswer = (name: string) => /^HTTPCode_(Target|ELB)_[2-5]XX_Count$/.test(name);
  const reported = () => front.metrics.filter(({ name, dimensions }) => isAnswer(name) && dimensions['TargetGroup'] === undefined);
  await until(async () => sum(reported().flatMap(({ values }) => values)) >= 12, 'all requests are reported');
  cloudWatch.service.sink.record(front.metrics.map((datum) => ({ ...datum, timestampMs: cloudWatch.now() })));
  await cloudWatch.put(1);
  cloudWatch.advance(MINUTE_MS);
  await cloudWatch.reached('ALARM', LAST);
}

/** The template's alarms, on this load balancer and group. */
async function putAlarms(names: Readonly<Record<string, string>>): Promise<string[]> {
  const alarms = Object.values(template.Resources as Record<string, { Type: string; Properties: Record<string, unknown> }>)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties)
    .filter(({ AlarmName }) => WATCHED.some((name) => AlarmName === `holdfast-web-${name}`));
  expect(alarms).toHaveLength(WATCHED.length);
  for (const { AlarmActions, OKActions, ...alarm } of alarms) {
    const placed = JSON.stringify(alarm, (_, value) => (value?.Name in names ? { Name: value.Name, Value: names[value.Name] } : value));
    await cloudWatch.call('PutMetricAlarm', JSON.parse(placed));
  }
  await cloudWatch.alarm({ AlarmName: LAST, Threshold: 0, TreatMissingData: 'notBreaching' });
  return alarms.map(({ AlarmName }) => String(AlarmName));
}

/** A deploy of a minute ago whose targets all have the release. @returns the settle step, at the end of its time */
async function beginSettling(alarmNames: string[]): Promise<() => Promise<unknown>> {
  const deploy: DeployContext = { ...DEPLOY, startedAtMs: START_MS, settings: { ...DEPLOY.settings, alarmNames } };
  const records = memoryRecords();
  const lease = await beginDeploy(records, deploy);
  const client = { send: ({ input }: { input: Record<string, unknown> }) => cloudWatch.call('DescribeAlarms', input) };
  const assess = createAssess({
    records,
    targetGroup: fakeTargetGroup({ 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' }),
    targetGroupArn: 'arn:group',
    attributes: async () => ({}),
    group: fakeAutoScalingGroup({ 'i-1': 'InService', 'i-2': 'InService', 'i-3': 'InService' }),
    agents: { describe: async (ids) => ids.map((instanceId) => ({ instanceId, version: '3.3.3000.0', online: true })) },
    alarms: createAlarms(client as unknown as CloudWatchClient),
    documentVersions: async () => ({ waitIdle: '1', install: '1', observe: '1' }),
    requestRate: { perMinute: async () => [] },
    executions: { describe: async () => undefined },
    rollTargetStateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:roll',
    prepares: false,
    now: cloudWatch.now,
  });
  await until(async () => (await cloudWatch.describe(LAST))['StateValue'] === 'OK', 'the alarms are evaluated');
  await assess({ step: 'preflight', deploy, lease, plan: { from: '1.0.0', to: '2.0.0', targets: [] } });
  return () =>
    assess({
      step: 'settle',
      deploy,
      lease,
      settleStartedAtMs: cloudWatch.now() - deploy.settings.settleSeconds * 1_000,
      storeFailedOver: false,
    });
}
