/**
 * An installation of an earlier version is updated to this one while a release is rolled under traffic. The earlier version's own app and
 * commands are those of the history; the local cloud is this version's, as AWS would be neither's.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCloudState } from '../../cli/cloud-state.ts';
import { CONTRACT } from '../../functions/installation/contract.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { parseConfig } from '../../infra/config.ts';
import { OWN_VERSION } from '../../infra/own-files.ts';
import { SHORT } from '../../lab/demo/local-settings.ts';
import { startTraffic, type Traffic } from '../../lab/demo/traffic/client.ts';
import { untilHealthy } from '../../lab/demo/wait-until-serving.ts';
import { onlyLine, type Ran } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { hasHistory, PREVIOUS, unpackPrevious } from '../upgrade/previous-version.ts';
import { cdkFor, keptConfig, physicalIds } from './cdk.ts';
import { kept } from './fleet.ts';
import { openCloud, type ScenarioCloud } from './open-cloud.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const INSTALLATION = 'earlier';
const ON = ['--installation', INSTALLATION, '--fleet', 'web'];
const SERVERS = 3;
const USERS = 40;
const ROLL_MS = 400_000;
const AFTER_MS = 2_500;
/** Next to a synthesis. */
const LOGGED_IN_MS = 120_000;

/** What both versions accept. The bake is long enough for stacks to be updated in the middle of the deploy. */
function earlierConfig(): object {
  const { sessionDrainSeconds: _, ruleLagSeconds: __, ...short } = SHORT as Record<string, unknown>;
  const { certificateArn } = keptConfig().fleets['web'] as HoldfastConfig['fleets'][string];
  return {
    installation: INSTALLATION,
    region: kept.region,
    account: keptConfig().account,
    retention: 'ephemeral',
    credentials: 'cli',
    store: { snapshotRetentionDays: 0, replicas: 1 },
    fleets: {
      web: {
        certificateArn,
        healthCheckIntervalSeconds: 5,
        healthCheckTimeoutSeconds: 2,
        minCapacity: SERVERS,
        maxCapacity: SERVERS + 1,
        deploy: { ...short, bakeSeconds: 20 },
      },
    },
  };
}

const cdk = (name: string, app?: string) => cdkFor(name, earlierConfig() as HoldfastConfig, app);
const cloudOf = (): Promise<ScenarioCloud> => openCloud({ installation: INSTALLATION, fleet: 'web' });
const signal = new AbortController().signal;

let previous: string;
let traffic: Traffic | undefined;

/** A command of a version, from its checkout. */
const commandOf =
  (checkout: () => string) =>
  (...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], HOME: STATE_FOLDER, USER: 'ann', HOLDFAST_STATE_FOLDER: STATE_FOLDER };
      const words = ['--disable-warning=ExperimentalWarning', path.join(checkout(), 'bin/main.ts'), ...args, ...ON];
      execFile(process.execPath, words, { env, cwd: checkout(), timeout: ROLL_MS }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, stdout, stderr }),
      );
    });
const earlier = commandOf(() => previous);
const current = commandOf(() => REPOSITORY);

/** What a refused command must leave as it is. */
async function whatIsThere() {
  const { records, fleet } = await cloudOf();
  const [releases, deploys, is] = await Promise.all([
    records.listReleases(fleet),
    records.latestDeploys(fleet, 10),
    records.getFleet(fleet),
  ]);
  return { releases: releases.map(({ version }) => version), deploys: deploys.map(({ deployId }) => deployId), is };
}

/** Builds a release from the earlier version's example, because that version refuses contracts with keys that it does not know. */
const build = async (version: string) => {
  const folder = path.join(kept.runFolder, 'example', `${INSTALLATION}-${version}`);
  const words = [path.join(previous, 'examples/node-app/build.mjs'), '--version', version, '--out', folder];
  await promisify(execFile)(process.execPath, words, { timeout: 30_000 });
  return folder;
};

/** What has data, and what traffic goes through, by logical id. */
const KEPT_TYPES = [
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::AutoScaling::AutoScalingGroup',
];
const keptIds = async () =>
  Promise.all(['releases', 'session-store', 'web-web-tier'].map((part) => physicalIds(`${INSTALLATION}-${part}`, KEPT_TYPES)));

describe.skipIf(!hasHistory())(`an installation of ${PREVIOUS.slice(0, 8)}${hasHistory() ? '' : ' (this checkout has no history)'}`, () => {
  beforeAll(async () => {
    previous = unpackPrevious(path.join(kept.runFolder, 'apps'));
    await cdk('earlier', previous).deploy();
    const published = await earlier('releases', 'publish', '1.0.0', await build('1.0.0'));
    expect(published.code, `${published.stdout}${published.stderr}`).toBe(0);
    await untilHealthy(await cloudOf(), SERVERS, signal);
    const first = await earlier('deploy', '1.0.0');
    expect(first.code, first.stderr).toBe(0);
    expect((await earlier('releases', 'publish', '2.0.0', await build('2.0.0'))).code).toBe(0);
  }, 600_000);
  afterAll(async () => {
    await traffic?.stop().catch(() => {});
    await cdk('later').destroy();
  }, 300_000);

  it('is read by this version’s commands', async () => {
    for (const words of [['status'], ['releases'], ['deploys'], ['incidents'], ['sweeps']]) {
      const { code, stdout, stderr } = await current(...words);
      expect([code, stderr], `${words.join(' ')}: ${stdout}`).toEqual([0, '']);
    }
  });

  it('is updated while a release is rolled: no request fails, no session is lost, the deploy ends', { timeout: 600_000 }, async () => {
    const update = cdk('later');
    await update.synthesize();
    const ids = await keptIds();
    expect(new Set(ids.flatMap((one) => Object.keys(one))).size).toBeGreaterThanOrEqual(KEPT_TYPES.length);
    const cloud = await cloudOf();
    const url = await until(async () => (await readCloudState())?.listeners?.[`${INSTALLATION}-web:443`], 'its listener');
    traffic = startTraffic({ url, caFile: kept.caFile, users: USERS, userPrefix: INSTALLATION }, LOGGED_IN_MS);
    await traffic.ready;
    traffic.mark('during');
    let ended = false;
    const rolling = earlier('deploy', '2.0.0').finally(() => (ended = true));
    await until(async () => {
      const [latest] = await cloud.records.latestDeploys('web', 1);
      return latest?.to === '2.0.0' && Object.values(latest.targets).some(({ phase }) => phase !== 'waiting');
    }, 'a target is drained');
    await update.deployAgain();
    const endedFirst = ended;
    const { code, stdout, stderr } = await rolling;
    traffic.mark('after');
    await sleep(AFTER_MS);
    const { failed, sessionsLost, sessions, users } = await traffic.stop();
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect({ failed, sessionsLost, sessions }).toEqual({ failed: 0, sessionsLost: 0, sessions: users });
    expect(endedFirst, 'the deploy ended before the update: its bake is too short').toBe(false);
    expect((await cloud.records.getFleet('web'))?.currentVersion).toBe('2.0.0');
    expect(await keptIds()).toEqual(ids);
  });

  it('has this version’s contract then: its commands publish, deploy and roll back', { timeout: 3 * ROLL_MS }, async () => {
    const own = { version: OWN_VERSION, contract: CONTRACT };
    expect(onlyLine((await current('version', '--json')).stdout)).toMatchObject({ deployed: { ...own, parts: { web: own, store: own } } });
    expect(await current('status')).toMatchObject({ code: 0, stderr: '' });
    const { records } = await cloudOf();
    const currentVersion = async () => (await records.getFleet('web'))?.currentVersion;
    for (const [words, version] of [
      [['releases', 'publish', '3.0.0', await build('3.0.0')], '2.0.0'],
      [['deploy', '3.0.0'], '3.0.0'],
      [['rollback'], '2.0.0'],
    ] as const) {
      const { code, stdout, stderr } = await current(...words);
      expect([code, await currentVersion()], `${words.join(' ')}: ${stdout}${stderr}`).toEqual([0, version]);
    }
  });

  it('is used by the earlier version’s commands as before, or these end with 2 and change nothing', { timeout: 2 * ROLL_MS }, async () => {
    const commands = [
      ['status'],
      ['releases'],
      ['releases', 'publish', '4.0.0', await build('4.0.0')],
      ['deploy', '4.0.0'],
      ['sweep', '--dry-run'],
    ];
    for (const words of commands) {
      const before = await whatIsThere();
      const { code, stdout, stderr } = await earlier(...words);
      expect([0, 2], `${words.join(' ')}: ${stdout}${stderr}`).toContain(code);
      if (code === 2) expect(await whatIsThere()).toEqual(before);
    }
  });
});

/** This version accepts it, with defaults for what the earlier one had not. */
it('has a configuration that both versions accept', () => {
  expect(parseConfig(JSON.stringify(earlierConfig()), 'the configuration').fleets['web']?.deploy.sessionDrainSeconds).toBeGreaterThan(0);
});
