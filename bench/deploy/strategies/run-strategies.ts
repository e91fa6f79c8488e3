/** Rolls one release under the same visits with sessions in the store, and with sessions in memory that a deploy waits for or not. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { NODE_EXAMPLE } from '../../../local/app/examples.ts';
import type { PrepareExample } from '../../../local/app/local-app.ts';
import { bringUp, NEXT_VERSION } from '../../../local/bring-up.ts';
import { deployRelease } from '../../../local/deploy-release.ts';
import type { FleetInput } from '../../../local/local-settings.ts';
import type { StrategyCase, StrategyName } from './judge-strategies.ts';
import { startVisitors } from './visitors.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../examples/node-app');
/** Visits before the deploy: as long as the longest one. */
const STEADY_MS = 40_000;
const AFTER_MS = 5_000;

/** The Node example with its sessions in its server's memory. */
const inMemory =
  (deploy: FleetInput['deploy']): PrepareExample =>
  async () => {
    const { server } = await NODE_EXAMPLE();
    return {
      server: { ...server, strategy: 'sticky', deploy },
      async build({ folder, version, temporary, signal }) {
        const words = ['--version', version, '--out', folder, '--sessions', 'memory'];
        const options = { env: { ...process.env, TMPDIR: temporary }, timeout: 60_000, signal };
        await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), ...words], options);
        return folder;
      },
    };
  };

const APPS: Readonly<Record<StrategyName, PrepareExample>> = {
  redis: NODE_EXAMPLE,
  'sticky-drain-rule': inMemory({}),
  'sticky-plain': inMemory({ sessionDrainSeconds: 0 }),
};

/** @throws Error when the deploy does not succeed */
export async function runStrategy(name: StrategyName, log: (line: string) => void): Promise<StrategyCase> {
  const { daemon, cloud, loadBalancerUrl, publish } = await bringUp({
    ...{ fleet: 'web', realTime: false, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log },
    app: APPS[name],
  });
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    await publish(NEXT_VERSION);
    const visitors = startVisitors(loadBalancerUrl, daemon.state.caFile);
    log(`${name}: visits`);
    await sleep(STEADY_MS);
    const { status, message, executionArn } = await deployRelease(cloud, NEXT_VERSION, log);
    await sleep(AFTER_MS);
    const visits = await visitors.stop();
    if (status !== 'SUCCEEDED') throw new Error(`${name}: the deploy ended ${status}: ${message}`);
    const record = await cloud.records.getDeploy(cloud.fleet, executionArn.split(':').at(-1) ?? '');
    const finished = Object.values(record?.targets ?? {}).map(({ finishedAtMs = 0 }) => finishedAtMs);
    const untilEveryServerSeconds = (Math.max(...finished) - (record?.startedAtMs ?? 0)) / 1000;
    return { name, untilEveryServerSeconds, ...visits, sessionsCutOff: record?.sessionsCutOff ?? 0 };
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await daemon.stop();
  }
}
