/** Rolls one release under the same visits with sessions in the store, and in memory that a deploy waits for or not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bringUp, NEXT_VERSION } from '../../../demo/bring-up.ts';
import { deployRelease } from '../../../demo/deploy-release.ts';
import { startTraffic } from '../../../demo/traffic/client.ts';
import { STAYING_USERS, type StrategyCase, type StrategyName, stays } from './judge-strategies.ts';
import { STRATEGY_APPS } from './strategy-apps.ts';
import { startVisitors, type Visitors } from './visitors.ts';

/** Visits before the deploy: as long as the longest one. */
const STEADY_MS = 40_000;
/** Steady traffic of users who stay, after all have logged in. */
const STAYING_STEADY_MS = 5_000;
const AFTER_MS = 5_000;

/** Users who log in once and work until the end: each has one session. */
async function startStaying(url: string, caFile: string): Promise<Visitors> {
  const traffic = startTraffic({ url, caFile, users: STAYING_USERS });
  try {
    await traffic.ready;
  } catch (error) {
    await traffic.stop().catch(() => {});
    throw error;
  }
  return {
    async stop() {
      const { requests, failed, sessions, sessionsLost } = await traffic.stop();
      return { requests, failed, sessions, sessionsLost };
    },
  };
}

/** @throws Error when the deploy does not succeed */
export async function runStrategy(name: StrategyName, log: (line: string) => void): Promise<StrategyCase> {
  const { daemon, cloud, loadBalancerUrl, publish } = await bringUp({
    ...{ fleet: 'web', realTime: false, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log },
    app: STRATEGY_APPS[name],
  });
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    await publish(NEXT_VERSION);
    const { caFile } = daemon.state;
    const visitors = stays(name) ? await startStaying(loadBalancerUrl, caFile) : startVisitors(loadBalancerUrl, caFile);
    log(`${name}: visits`);
    await sleep(stays(name) ? STAYING_STEADY_MS : STEADY_MS);
    const { status, message, executionArn } = await deployRelease(cloud, NEXT_VERSION, log);
    await sleep(AFTER_MS);
    const visits = await visitors.stop();
    if (status !== 'SUCCEEDED') throw new Error(`${name}: the deploy ended ${status}: ${message}`);
    const record = await cloud.records.getDeploy(cloud.fleet, executionArn.split(':').at(-1) ?? '');
    const finished = Object.values(record?.targets ?? {}).map(({ finishedAtMs = 0 }) => finishedAtMs);
    const untilEveryServerSeconds = (Math.max(...finished) - (record?.startedAtMs ?? 0)) / 1000;
    const sessionsCutOff = record?.sessionsCutOff ?? 0;
    return { name, untilEveryServerSeconds, ...visits, sessionsCutOff };
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await daemon.stop();
  }
}
