/**
 * A shop that ran before Holdfast is adopted, rolled and let go: its own load balancer, servers and session store, under
 * live traffic all the while. After `cdk destroy` everything of the shop's is as it was.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCloudState } from '../../cli/cloud-state.ts';
import { followDeploy } from '../../cli/deploy/follow-deploy.ts';
import { type CdkOptions, deployStacks, destroyStacks, synthesize } from '../../lab/demo/deploy-stacks.ts';
import { publishApp } from '../../lab/demo/publish-app.ts';
import { startTraffic, type Traffic } from '../../lab/demo/traffic/client.ts';
import type { TrafficReport } from '../../lab/demo/traffic/contract.ts';
import { joinLedger } from '../../lab/processes/process-ledger.ts';
import { readSetup } from '../../setup/read-setup.mjs';
import { until } from '../until.ts';
import { deployedTemplate, withoutEntriesOfTheSynthesizer } from './aws-templates.ts';
import { buildExample } from './bad-releases.ts';
import { notingRefusals } from './deliberate-denials.ts';
import { kept } from './fleet.ts';
import { adoptingConfig, FLEETS, INSTALLATION } from './foreign/adopting-config.ts';
import { leftoversOf } from './foreign/leftovers.ts';
import { LISTENERS, STACK } from './foreign/names.ts';
import { openShop, SHOP_VERSION, type Shop } from './foreign/shop.ts';
import { snapshotOf } from './foreign/snapshot.ts';
import { ALL_KEPT, lookAtKeys, plantSessions } from './foreign/store-keys.ts';
import { openCloud, type ScenarioCloud } from './open-cloud.ts';

/** Users of each fleet, who send some 16 requests a second all the while. */
const USERS = 12;
/** The first release that Holdfast puts onto the shop's servers. */
const VERSION = '1.0.0';

const folder = path.join(kept.runFolder, INSTALLATION);
const release = path.join(folder, 'release');
let shop: Shop;
let before: Record<string, unknown>;
let cdk: CdkOptions;
const traffic = new Map<string, Traffic>();
const stopped = new AbortController();

const cloudOf = (fleet: string): Promise<ScenarioCloud> => openCloud({ installation: INSTALLATION, fleet });

/** Where a listener of the shop's answers on this machine. */
const urlOf = (listener: keyof typeof LISTENERS): Promise<string> =>
  until(async () => (await readCloudState())?.listeners?.[`${STACK}:${LISTENERS[listener]}`], `the listener ${listener}`);

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  [shop] = await Promise.all([openShop(), buildExample(release, VERSION)]);
  await plantSessions(shop);
  before = await snapshotOf(shop);
  cdk = {
    ledger: joinLedger(kept.runFolder),
    folder,
    node: readSetup().node,
    cloud: kept,
    config: adoptingConfig(shop),
    signal: stopped.signal,
  };
});
afterAll(async () => {
  await Promise.all([...traffic.values()].map((each) => each.stop().catch(() => {})));
  await shop?.close();
  stopped.abort();
});

const publish = async (fleet: string) =>
  publishApp({
    cloud: await cloudOf(fleet),
    app: { build: async () => release },
    version: VERSION,
    runFolder: cdk.folder,
    signal: stopped.signal,
  });

async function deploy(fleet: string) {
  const cloud = await cloudOf(fleet);
  const { executionArn } = await cloud.stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: cloud.deployStateMachineArn,
      input: JSON.stringify({ version: VERSION, requestedBy: 'test' }),
    }),
  );
  return followDeploy(cloud, executionArn as string, () => {});
}

describe('a shop that is there', () => {
  it('is adopted by cdk deploy, without a request that fails', async () => {
    for (const fleet of FLEETS) {
      const sender = startTraffic({ url: await urlOf(fleet), users: USERS, userPrefix: fleet });
      traffic.set(fleet, sender);
      await sender.ready;
    }
    await synthesize(cdk);
    await deployStacks(cdk);
    expect(await reports()).toEqual(allWell(SHOP_VERSION));
  });

  it('is adopted by the very templates of the assembly', async () => {
    const assembly = path.join(cdk.folder, 'cdk.out');
    const files = readdirSync(assembly).filter((name) => name.endsWith('.template.json'));
    // Neither a network nor a store is made: releases, alarms, the store's operations, incidents, and two for each fleet.
    expect(files).toHaveLength(4 + 2 * Object.keys(cdk.config.fleets).length);
    for (const file of files) {
      const text = readFileSync(path.join(assembly, file), 'utf8');
      expect(await deployedTemplate(file.replace('.template.json', ''))).toEqual(withoutEntriesOfTheSynthesizer(JSON.parse(text)));
    }
  });

  // Each address is out of service for the whole deregistration delay.
  it('is rolled: no request fails, no session is lost', { timeout: 400_000 }, async () => {
    await Promise.all(FLEETS.map(publish));
    const ended = await Promise.all(FLEETS.map(deploy));
    expect(ended.map((each) => [each?.status, each?.message, each?.plan?.targets])).toEqual(FLEETS.map(() => ['SUCCEEDED', undefined, 3]));
    expect(await reports()).toEqual(allWell(VERSION));
    for (const fleet of FLEETS) expect(await versionsOn(fleet)).toEqual([VERSION]);
  });

  it('lets a fleet of Holdfast serve behind a rule of its own', async () => {
    await publish('open');
    expect(await deploy('open')).toMatchObject({ status: 'SUCCEEDED' });
    const url = await urlOf('open');
    const answer = async (route: string) =>
      (await fetch(`${url}${route}`, { redirect: 'manual', signal: AbortSignal.timeout(5_000) })).json();
    expect(await until(async () => answer('/live').catch(() => undefined), 'the new server answers')).toEqual({
      status: 'UP',
      version: VERSION,
    });
  });

  it('is as it was after cdk destroy, and nothing of the installation is left', async () => {
    await notingRefusals(INSTALLATION, () => destroyStacks(cdk));
    expect(await reports()).toEqual(allWell(VERSION));
    expect(await snapshotOf(shop)).toEqual(before);
    expect(await lookAtKeys(shop)).toEqual(ALL_KEPT);
    expect(Object.values(await leftoversOf(INSTALLATION)).flat()).toEqual([]);
  });
});

/** What the servers of a fleet run, each asked by itself. */
async function versionsOn(fleet: (typeof FLEETS)[number]): Promise<string[]> {
  const url = await urlOf(fleet);
  const answers = await Promise.all(
    Array.from({ length: 12 }, async () => (await fetch(`${url}/live`, { signal: AbortSignal.timeout(5_000) })).json()),
  );
  return [...new Set(answers.map((answer) => (answer as { version: string }).version))];
}

const reports = async (): Promise<Record<string, TrafficReport>> =>
  Object.fromEntries(await Promise.all([...traffic].map(async ([fleet, sender]) => [fleet, await sender.snapshot()])));

/** Every user of every fleet still has the session of the first login, and was answered by this version. */
const allWell = (version: string) =>
  Object.fromEntries(
    FLEETS.map((fleet) => [
      fleet,
      expect.objectContaining({
        failed: 0,
        sessions: USERS,
        sessionsLost: 0,
        perVersion: expect.objectContaining({ [version]: expect.any(Number) }),
      }),
    ]),
  );
