import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { expect, test } from 'vitest';
import { createAlarms } from '../../../functions/shared/aws/alarms.ts';
import { createRequestRate } from '../../../functions/shared/aws/balancer-metrics.ts';
import { EPOCH_MS, Kernel } from '../kernel/kernel.ts';
import { createCloudWatch } from './cloudwatch.ts';
import { FakeServers, SERVER_IDS, TARGET_GROUP } from './fake-servers.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { SimulatedStore } from './store.ts';
import { startTraffic } from './traffic/users.ts';

const MINUTE_MS = 60_000;
const [FIRST = ''] = SERVER_IDS;
const ALARM = {
  namespace: 'AWS/ApplicationELB',
  dimensions: { LoadBalancer: 'app/hf-web/2222222222222222', TargetGroup: 'targetgroup/hf-web/1111111111111111' },
  periodSeconds: 60,
  evaluationPeriods: 3,
  datapointsToAlarm: 2,
  comparisonOperator: 'GreaterThanOrEqualToThreshold',
  treatMissingData: 'notBreaching',
};
const TARGET_5XX = { ...ALARM, name: 'target-5xx', metricName: 'HTTPCode_Target_5XX_Count', statistic: 'Sum', threshold: 3 };
const UNHEALTHY = { ...ALARM, name: 'unhealthy', metricName: 'UnHealthyHostCount', statistic: 'Maximum', threshold: 1 };

function world() {
  const kernel = new Kernel(1);
  const store = new SimulatedStore({ kernel });
  const servers = new FakeServers(kernel, store);
  const cloudWatch = createCloudWatch({ kernel, alarms: [TARGET_5XX, UNHEALTHY] });
  const loadBalancer = createLoadBalancer({ kernel, servers, front: { targetGroup: TARGET_GROUP }, metrics: cloudWatch.metrics });
  for (const id of SERVER_IDS) loadBalancer.register(id);
  const tally = startTraffic({ kernel, loadBalancer, store, watcher: {}, phases: [{ fromMs: 30_000, users: 20 }] });
  const client = {
    send: async ({ constructor: { name }, input }: { readonly constructor: { readonly name: string }; readonly input: object }) =>
      cloudWatch.service[name.replace(/Command$/, '')]?.(input as never),
  } as unknown as CloudWatchClient;
  return { kernel, servers, cloudWatch, client, tally, until: (minutes: number) => kernel.run(EPOCH_MS + minutes * MINUTE_MS) };
}

test('an alarm fires after real errors, two to five minutes later, and recovers after them', async () => {
  const { servers, client, until } = world();
  const read = () => createAlarms(client).read(['target-5xx', 'unhealthy']);
  expect(await read()).toMatchObject({ 'target-5xx': { state: 'OK' }, unhealthy: { state: 'OK' } });
  await until(3);
  servers.behaviours.set(FIRST, 'failsWith500');
  await until(5);
  expect((await read())['target-5xx']?.state).toBe('OK');
  await until(8);
  const { 'target-5xx': fired, unhealthy } = await read();
  expect(fired).toMatchObject({ state: 'ALARM', dataUntilMs: expect.any(Number) });
  expect((fired?.dataUntilMs ?? 0) - EPOCH_MS).toBe(5 * MINUTE_MS);
  expect(unhealthy?.state).toBe('OK');
  servers.behaviours.clear();
  await until(15); // Minutes without an error have no data: older ones are judged until the evaluation range has passed them.
  expect((await read())['target-5xx']?.state).toBe('OK');
});

test('unhealthy hosts are counted from health checks', async () => {
  const { servers, cloudWatch, until } = world();
  await until(1);
  servers.behaviours.set(FIRST, 'refuses');
  await until(7);
  expect(cloudWatch.stateOf('unhealthy')).toBe('ALARM');
});

test('the rate of requests is what users sent, by target and minute', async () => {
  const { client, kernel, tally, until } = world();
  await until(7.5);
  const rates = await createRequestRate(client, TARGET_GROUP.arn).perMinute(kernel.now());
  expect(rates).toHaveLength(6); // One for each of the minutes 0 to 5: the last one is not there yet.
  const sum = rates.reduce((total, rate) => total + rate * SERVER_IDS.length, 0);
  expect(sum).toBeGreaterThan(tally.sent * 0.6);
  expect(sum).toBeLessThan(tally.sent);
});

test('a forced alarm is red for its time, by data from before', async () => {
  const { client, cloudWatch, until } = world();
  cloudWatch.forceRed('target-5xx', 3 * MINUTE_MS);
  const read = async () => (await createAlarms(client).read(['target-5xx']))['target-5xx'];
  expect(await read()).toMatchObject({ state: 'ALARM', dataUntilMs: EPOCH_MS });
  await until(2.9);
  expect((await read())?.state).toBe('ALARM');
  await until(5);
  expect((await read())?.state).toBe('OK');
  expect(() => cloudWatch.forceRed('other', 1)).toThrow('no alarm other');
});
