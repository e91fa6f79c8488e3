/** The kept cloud as the world of a scenario. */
import path from 'node:path';
import { TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { ScenarioWorld } from '../../lab/simulation/scenarios/play-scenario.ts';
import type { Quality } from '../../lab/simulation/scenarios/scenario.ts';
import { until } from '../until.ts';
import { crashesOnStart, neverUp, unfitForLoadBalancer } from './bad-releases.ts';
import { writeFailsLater } from './fails-later.ts';
import {
  autoScaling,
  cloud,
  currentVersion,
  kept,
  killServer,
  publish,
  publishBad,
  recordOf,
  startDeploy,
  suspendedProcesses,
  targetHealth,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';
import { spoilRelease } from './spoil-release.ts';
import { killPrimary, untilFailedOver } from './store-failover.ts';

const ALARM = 'holdfast-web-target-5xx';
const WAIT_MS = 150_000;

const PUBLISH: Readonly<Record<Quality, (version: string) => Promise<unknown>>> = {
  good: (version) => publish(version),
  async checksum(version) {
    await publish(version);
    await spoilRelease(version);
  },
  start: (version) => publishBad(version, crashesOnStart),
  ready: (version) => publishBad(version, neverUp),
  loadBalancer: (version) => publishBad(version, unfitForLoadBalancer),
  async bake(version) {
    const folder = path.join(kept.runFolder, 'bad', version);
    await publish(version, await writeFailsLater(folder, `${folder}-marks`, 'errors', 0));
  },
  // Its servers are good; the alarm is what the scenario makes red.
  settle: (version) => publish(version),
};

/** @param major of the versions that it publishes */
export function createLocalWorld(major: number): ScenarioWorld {
  let published = 0;
  return {
    untilHealthy: async (servers) => void (await untilHealthy(servers)),
    currentVersion,
    async publish(quality) {
      published += 1;
      const version = `${major}.${published}.0`;
      await PUBLISH[quality](version);
      return version;
    },
    deploy: (version, onFailure) => startDeploy({ version, ...(onFailure && { onFailure }) }),
    ended: untilEnded,
    record: recordOf,
    lock: async () => (await cloud()).records.getLock('web'),
    versions: async () => new Map(Object.entries(await versions())),
    targetHealth: async () => new Map(Object.entries(await targetHealth())),
    suspended: suspendedProcesses,
    async abort(executionArn) {
      await (await cloud()).stepFunctions.send(new StopExecutionCommand({ executionArn, cause: 'scenario' }));
    },
    kill: async (instanceId) => void (await until(() => killServer(instanceId), `${instanceId} is killed`)),
    async terminate(InstanceId) {
      await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false }));
      // On a busy machine its requests can end after the deploy has.
      await until(async () => !(InstanceId in (await versions())), `${InstanceId} is gone`, WAIT_MS);
    },
    failOver: async () => void (await untilFailedOver(await killPrimary())),
    redAlarm: keepAlarmRed,
    until: (condition, what) => until(condition, what, WAIT_MS),
  };
}

/** Sets it again and again, since the evaluator sets the state itself every minute. */
async function keepAlarmRed(): Promise<() => Promise<void>> {
  const cloudWatch = new CloudWatchClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  const set = (StateValue: 'OK' | 'ALARM') =>
    cloudWatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: 'scenario' }));
  await set('ALARM');
  const timer = setInterval(() => void set('ALARM').catch(() => {}), 300);
  return async () => {
    clearInterval(timer);
    await set('OK');
    cloudWatch.destroy();
  };
}
