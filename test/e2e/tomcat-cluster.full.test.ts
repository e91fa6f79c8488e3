/** A Tomcat cluster on servers on premises, under users who stay: rolled when copies arrive, and stopped before the first server when they do not. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../cli/cloud.ts';
import { readCloudState } from '../../cli/cloud-state.ts';
import { followDeploy } from '../../cli/deploys/follow-deploy.ts';
import { buildTomcatRelease } from '../../cli/release/tomcat/build-release.ts';
import type { TomcatApp } from '../../infra/config/app.ts';
import { type HoldfastConfig, holdfastConfig } from '../../infra/config.ts';
import { freePort } from '../../local/aws/processes/free-port.ts';
import { publishApp } from '../../local/publish-app.ts';
import { ensureMavenOutput, whyNoJava } from '../../setup/java.mjs';
import { writeWar } from '../examples/java/tomcat-releases.ts';
import { until } from '../until.ts';
import { cdkFor } from './cdk.ts';
import { elb, kept } from './fleet.ts';
import { adoptingConfig } from './foreign/adopting-config.ts';
import { LISTENERS, STACK } from './foreign/names.ts';
import { openShop, type Shop } from './foreign/shop.ts';

const INSTALLATION = 'clustered';
const FLEET = 'edge';
const USERS = 20;
const THINK_MS = 300;
const WEB_XML = '<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0"><distributable/></web-app>';
/** Counts in the session; what is asked with `bye` ends it. */
const PAGE = `<%
if (request.getParameter("bye") != null) { session.invalidate(); out.print("bye"); return; }
Integer count = (Integer) session.getAttribute("count");
count = Integer.valueOf(count == null ? 1 : count.intValue() + 1);
session.setAttribute("count", count);
%><%= count %>`;
const withoutJava = whyNoJava();

interface Tally {
  requests: number;
  failed: number;
  lost: number;
}

/** Users who log in once, and count in their session until they are sent home. */
function startUsers(url: string) {
  const tally: Tally = { requests: 0, failed: 0, lost: 0 };
  let isOver = false;
  const live = async (): Promise<void> => {
    const jar = new Map<string, string>();
    const ask = async (query = '') => {
      tally.requests += 1;
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
      const response = await fetch(`${url}/${query}`, { headers: { cookie }, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
      if (response === undefined || response.status >= 500) {
        tally.failed += 1;
        return undefined;
      }
      for (const each of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (each.split(';')[0] ?? '').split(/=(.*)/s);
        jar.set(name, value);
      }
      return (await response.text()).trim();
    };
    let count = 0;
    while (!isOver) {
      const answer = await ask();
      if (answer !== undefined) {
        count += 1;
        if (Number(answer) !== count) tally.lost += 1;
        count = Number(answer);
      }
      await sleep(THINK_MS);
    }
    await ask('?bye=1');
  };
  const users = Array.from({ length: USERS }, live);
  return {
    async stop(): Promise<Tally> {
      isOver = true;
      await Promise.all(users);
      return tally;
    },
  };
}

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

  async function publish(version: string, change = (serverXml: string) => serverXml): Promise<void> {
    const { app, port, strategy, existing } = config.fleets[FLEET] as HoldfastConfig['fleets'][string];
    const war = await writeWar(path.join(folder, `${version}.war`), {
      'WEB-INF/web.xml': WEB_XML,
      'index.jsp': PAGE,
      live: version,
    });
    const release = path.join(folder, `release-${version}`);
    await buildTomcatRelease({ war, fleet: { app: app as TomcatApp, port, strategy, existing }, folder: release });
    const file = path.join(release, 'conf/server.xml');
    writeFileSync(file, change(readFileSync(file, 'utf8')));
    const cloud = await connect({ installation: INSTALLATION, fleet: FLEET });
    await publishApp({ cloud, app: { build: async () => release }, version, runFolder: folder, signal: new AbortController().signal });
  }

  async function deploy(version: string) {
    const cloud = await connect({ installation: INSTALLATION, fleet: FLEET });
    const { executionArn = '' } = await cloud.stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: cloud.deployStateMachineArn,
        input: JSON.stringify({ version, requestedBy: 'test' }),
      }),
    );
    const ended = await followDeploy(cloud, executionArn, () => {});
    return { ended, record: await cloud.records.getDeploy(FLEET, executionArn.split(':').at(-1) as string) };
  }

  it(
    'whose port is closed is left as it is, with every session, and the members are named',
    async () => {
      // No server listens where the others look for it.
      await publish('1.0.0', (serverXml) =>
        serverXml.replace(/port="[$][{]holdfast[.]clusterPort[}]"/, 'port="0"').replace(/port="[0-9]+" uniqueId/g, 'port="1" uniqueId'),
      );
      const { ended: first } = await deploy('1.0.0');
      expect(first, first?.message).toMatchObject({ status: 'SUCCEEDED' });
      await publish('1.1.0');
      const users = startUsers(url);
      await sleep(2_000);
      const { ended } = await deploy('1.1.0').finally(() => sleep(1_000));
      const tally = await users.stop();
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
});
