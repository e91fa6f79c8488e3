/** A Tomcat cluster on servers on premises, under users who stay: rolled when copies arrive, and stopped before the first server when they do not. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCloudState } from '../../cli/cloud-state.ts';
import { askDryRun } from '../../cli/deploy/dry-run.ts';
import { followDeploy } from '../../cli/deploy/follow-deploy.ts';
import { buildTomcatRelease } from '../../cli/releases/tomcat/build-release.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import type { TomcatApp } from '../../infra/config/app-kind.ts';
import { type HoldfastConfig, holdfastConfig } from '../../infra/config.ts';
import { publishApp } from '../../lab/demo/publish-app.ts';
import { freePort } from '../../lab/processes/free-port.ts';
import { ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { writeWar } from '../examples/java/tomcat-releases.ts';
import { until } from '../until.ts';
import { cdkFor } from './cdk.ts';
import { elb, kept } from './fleet.ts';
import { adoptingConfig } from './foreign/adopting-config.ts';
import { LISTENERS, STACK } from './foreign/names.ts';
import { openShop, type Shop } from './foreign/shop.ts';
import { openCloud } from './open-cloud.ts';
import { basketClass, PAGE } from './tomcat-cluster/basket.ts';
import { freezeTomcats } from './tomcat-cluster/freeze.ts';
import { startUsers, USERS } from './tomcat-cluster/users.ts';

const INSTALLATION = 'clustered';
const FLEET = 'edge';
/** Until a deploy has come to what a test waits for. */
const MOMENT_MS = 180_000;
const WEB_XML = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><distributable/></web-app>';
const withoutJava = whyNoJava();

describe.skipIf(withoutJava !== undefined)(`a Tomcat cluster${withoutJava ? ` (${withoutJava})` : ''}`, () => {
  const folder = path.join(kept.runFolder, INSTALLATION);
  let shop: Shop;
  let config: HoldfastConfig;
  let cdk: ReturnType<typeof cdkFor>;
  let url: string;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    shop = await openShop();
    // As `doctor` wants it of a cluster.
    const Attributes = [
      { Key: 'stickiness.enabled', Value: 'true' },
      { Key: 'stickiness.type', Value: 'lb_cookie' },
    ];
    await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: shop.outputs.EdgeTargets, Attributes }));
    const whole = adoptingConfig(shop);
    const { edge } = whole.fleets as { edge: HoldfastConfig['fleets'][string] };
    const nodes = await Promise.all((edge.existing?.nodes ?? []).map(async (node) => ({ ...node, clusterPort: await freePort() })));
    const home = path.join(await ensureMavenOutput('tomcat-app'), 'tomcat');
    const app = { kind: 'tomcat', home, health: { loadBalancer: '/live' }, javaOptions: ['-XX:TieredStopAtLevel=1', '-Xmx192m'] };
    const deploy = { ...edge.deploy, installTimeoutSeconds: 120, healthDeadlineSeconds: 90, registerTimeoutSeconds: 90 };
    config = holdfastConfig.parse({
      ...whole,
      installation: INSTALLATION,
      fleets: { [FLEET]: { ...edge, deploy, strategy: 'tomcat-cluster', app, existing: { ...edge.existing, nodes } } },
    });
    cdk = cdkFor(INSTALLATION, config);
    await cdk.deploy();
    url = await until(async () => (await readCloudState())?.listeners?.[`${STACK}:${LISTENERS.edge}`], 'the listener edge');
  }, 10 * 60_000);
  afterAll(async () => {
    await cdk?.destroy();
    await shop?.close();
  }, 180_000);

  async function publish(version: string, { change = (serverXml: string) => serverXml, isChanged = false } = {}): Promise<void> {
    const { app, port, strategy, existing } = config.fleets[FLEET] as HoldfastConfig['fleets'][string];
    const war = await writeWar(path.join(folder, `${version}.war`), {
      'WEB-INF/web.xml': WEB_XML,
      'index.jsp': PAGE,
      live: version,
      ...basketClass(folder, isChanged),
    });
    const release = path.join(folder, `release-${version}`);
    await buildTomcatRelease({ war, fleet: { app: app as TomcatApp, port, strategy, existing }, folder: release });
    const file = path.join(release, 'conf/server.xml');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    const cloud = await openCloud({ installation: INSTALLATION, fleet: FLEET });
    await publishApp({ cloud, app: { build: async () => release }, version, runFolder: folder, signal: new AbortController().signal });
  }

  /** @param meanwhile gets the deploy's record until it answers */
  async function deploy(version: string, meanwhile: (record: DeployRecord) => boolean = () => true) {
    const cloud = await openCloud({ installation: INSTALLATION, fleet: FLEET });
    const recorded = (arn: string) => cloud.records.getDeploy(FLEET, arn.split(':').at(-1) as string);
    const { executionArn = '' } = await cloud.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: cloud.deployStateMachineArn,
        input: JSON.stringify({ version, requestedBy: 'test' }),
      }),
    );
    await until(
      async () => {
        const record = await recorded(executionArn);
        return record && (record.finishedAtMs !== undefined || meanwhile(record)) ? true : undefined;
      },
      `the moment of the deploy of ${version}`,
      MOMENT_MS,
    );
    const ended = await followDeploy(cloud, executionArn, () => {});
    return { ended, record: await recorded(executionArn) };
  }

  /** The release that users get. */
  const serving = async () => (await fetch(`${url}/live`, { signal: AbortSignal.timeout(10_000) })).text();
  /** A session with a count of 1. @returns its cookies */
  async function begin(): Promise<string> {
    const response = await fetch(`${url}/`, { signal: AbortSignal.timeout(10_000) });
    expect((await response.text()).trim()).toBe('1');
    return response.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
  }
  const ask = async (cookie: string) =>
    (await (await fetch(`${url}/`, { headers: { cookie }, signal: AbortSignal.timeout(10_000) })).text()).trim();

  it(
    'whose port is closed is left as it is, with every session, and the members are named',
    async () => {
      // No server listens where the others look for it.
      await publish('1.0.0', {
        change: (serverXml) =>
          serverXml.replace(/port="[$][{]holdfast[.]clusterPort[}]"/, 'port="0"').replace(/port="[0-9]+" uniqueId/g, 'port="1" uniqueId'),
      });
      const { ended: first } = await deploy('1.0.0');
      expect(first, first?.message).toMatchObject({ status: 'SUCCEEDED' });
      await publish('1.1.0');
      const users = startUsers(url);
      await sleep(2_000);
      const { refusals, copies } = await askDryRun(await openCloud({ installation: INSTALLATION, fleet: FLEET }), { version: '1.1.0' });
      const { ended } = await deploy('1.1.0').finally(() => sleep(1_000));
      const tally = await users.stop();
      expect(refusals, JSON.stringify(copies)).toContainEqual(
        expect.objectContaining({ error: 'SessionsAlone', message: expect.stringMatching(/no other server holds.* is not reached/) }),
      );
      expect(ended).toMatchObject({ status: 'FAILED', error: 'SessionsAlone' });
      expect(ended?.message).toMatch(/sessions that no other server holds.*127\.0\.0\.1:\d+ is not reached/);
      expect(tally).toMatchObject({ failed: 0, lost: 0 });
      expect(tally.requests).toBeGreaterThan(USERS * 20);
    },
    15 * 60_000,
  );

  it(
    'is rolled under users who stay: no request fails, no session is lost, and none was alone when its server stopped',
    async () => {
      const { ended: first } = await deploy('1.1.0');
      expect(first, first?.message).toMatchObject({ status: 'SUCCEEDED' });
      await publish('1.2.0');
      const users = startUsers(url);
      await sleep(2_000);
      const { ended, record } = await deploy('1.2.0').finally(() => sleep(1_000));
      const tally = await users.stop();
      expect(ended, ended?.message).toMatchObject({ status: 'SUCCEEDED' });
      expect(tally).toMatchObject({ failed: 0, lost: 0 });
      expect(Object.values(record?.targets ?? {}).map(({ sessionsAlone }) => sessionsAlone)).toEqual([0, 0, 0]);
    },
    15 * 60_000,
  );

  it(
    'is left with its old release by one whose class in the session has changed without a serialVersionUID: nobody loses anything',
    async () => {
      await publish('2.0.0', { isChanged: true });
      const users = startUsers(url);
      await sleep(2_000);
      const { ended, record } = await deploy('2.0.0').finally(() => sleep(1_000));
      const tally = await users.stop();
      expect(ended, ended?.message).toMatchObject({ status: 'FAILED' });
      expect(ended?.message).toMatch(/copies/);
      expect(tally).toMatchObject({ failed: 0, lost: 0 });
      expect(tally.requests).toBeGreaterThan(USERS * 20);
      // The first server alone had it, and has the old one again.
      expect(Object.values(record?.targets ?? {}).filter(({ startedAtMs }) => startedAtMs !== undefined)).toHaveLength(1);
      expect(await serving()).toBe('1.2.0');
    },
    15 * 60_000,
  );

  it(
    'stops no server whose members have gone since the first look: a count that is not known is not 0',
    async () => {
      await publish('1.3.0');
      const cookies = await Promise.all(Array.from({ length: 5 }, begin));
      let release = () => {};
      const freezeOthers = ({ targets }: DeployRecord): boolean => {
        const first = Object.entries(targets).find(([, { phase }]) => phase === 'installing')?.[0];
        if (first === undefined) return false;
        release = freezeTomcats(
          shop.nodes.filter(({ nodeId }) => nodeId !== first).map(({ ip }) => ip),
          kept.runFolder,
        );
        return true;
      };
      const { ended, record } = await deploy('1.3.0', freezeOthers).finally(() => release());
      expect(ended, ended?.message).toMatchObject({ status: 'FAILED', error: 'SessionsAlone' });
      expect(ended?.message).toMatch(/(no other server holds|not known which of its sessions).*it was not stopped/);
      expect(Object.values(record?.targets ?? {}).filter(({ sessionsAlone }) => sessionsAlone !== undefined)).toEqual([]);
      expect(await serving()).toBe('1.2.0');
      for (const cookie of cookies) await until(async () => (Number(await ask(cookie)) >= 2 ? true : undefined), 'the session goes on');
    },
    15 * 60_000,
  );
});
