/** Two releases of a shop as processes on one store, behind the local load balancer: over HTTPS, with a production and a test listener. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CertificateAuthority } from '#local-aws/interfaces.ts';
import { createWorld, forwardTo, healthy, type World } from '#local-aws/test/elbv2/support.ts';
import { APP_CONTRACT_FILE } from '../../functions/shared/app-contract.ts';
import { type App, buildRelease, type Release } from '../../lab/bench/people/shops.ts';
import { freePort, releasePort } from '../../lab/processes/free-port.ts';
import { type Between, type Spoil, startBetween } from './between.ts';

/** The secret of the store that the shops log in with. */
export const STORE_PASSWORD = 'password-of-the-store';

export interface Site {
  /** Where the old release is. */
  readonly url: string;
  /** Where the new one is, and nothing else. */
  readonly testUrl: string;
  /** Of the production listener: chooses the new release. */
  readonly header: string;
  /** What the keys of both releases in the store begin with. */
  readonly keyPrefix: string;
  /** What came from, and went to, both releases. */
  readonly watched: readonly Between[];
  stop(): Promise<void>;
}

export interface SiteOptions {
  readonly folder: string;
  readonly authority: CertificateAuthority;
  readonly storePort: number;
  /** Of the keys of both releases. */
  readonly keyPrefix: string;
  readonly app: App;
  readonly old: Release;
  readonly next: Release;
  /** Answers in the place of the new release. */
  readonly spoil?: Spoil;
  /** The test listener redirects to the production one. */
  readonly redirectsBack?: true;
}

const HEADER = { name: 'x-release-of-choice', value: 'next' } as const;
const TARGETS = { old: 'i-00000000000000001', next: 'i-00000000000000002' } as const;
const READY_MS = 90_000;
const STOP_MS = 5_000;

export async function startSite(options: SiteOptions): Promise<Site> {
  const { authority, app, spoil, redirectsBack, keyPrefix } = options;
  const ports = new Map<string, number>();
  const releases: Running[] = [];
  const watched: Between[] = [];
  const world = createWorld({ secondMs: 1_000, healthCheckSecondMs: 100 }, authority, (id) => {
    const port = ports.get(id);
    return port === undefined ? undefined : { host: '127.0.0.1', port };
  });
  const stop = async () => {
    await world.stop();
    for (const one of watched) one.stop();
    await Promise.all(releases.map((one) => one.stop()));
  };
  try {
    for (const which of ['old', 'next'] as const) {
      const release = await startRelease(options, which, app);
      releases.push(release);
      const between = await startBetween(release.port, which === 'next' ? spoil : undefined);
      watched.push(between);
      ports.set(TARGETS[which], between.port);
    }
    return { ...(await listen(world, redirectsBack ?? false)), header: `${HEADER.name}: ${HEADER.value}`, keyPrefix, watched, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listen(world: World, redirectsBack: boolean): Promise<Pick<Site, 'url' | 'testUrl'>> {
  const group = (id: string) =>
    world.group([{ id }], { HealthCheckPath: '/live', HealthCheckIntervalSeconds: '5', HealthCheckTimeoutSeconds: '4' });
  const [old, next] = [await group(TARGETS.old), await group(TARGETS.next)];
  const { loadBalancer } = await world.front(old);
  const secure = async (Port: string, action: object) => {
    const { Listeners } = await world.call<{ Listeners: { ListenerArn: string }[] }>('CreateListener', {
      ...{ LoadBalancerArn: loadBalancer, Port, Protocol: 'HTTPS', DefaultActions: [action] },
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/any' }],
    });
    return { arn: Listeners[0]?.ListenerArn, port: world.elb.addressOf(loadBalancer, Number(Port))?.port };
  };
  const production = await secure('443', forwardTo(old));
  await world.call('CreateRule', {
    ListenerArn: production.arn,
    Priority: '1',
    Conditions: [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: HEADER.name, Values: [HEADER.value] } }],
    Actions: [forwardTo(next)],
  });
  const back = { Type: 'redirect', RedirectConfig: { Port: `${production.port}`, StatusCode: 'HTTP_302' } };
  const test = await secure('8443', redirectsBack ? back : forwardTo(next));
  await healthy(world, old, { id: TARGETS.old });
  // Without a listener that leads there a group is not checked.
  await healthy(world, next, { id: TARGETS.next });
  return { url: `https://localhost:${production.port}/`, testUrl: `https://localhost:${test.port}/` };
}

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

const VERSIONS = { old: '1.0.0', next: '1.1.0' } as const;

async function startRelease(options: SiteOptions, which: 'old' | 'next', app: App): Promise<Running> {
  const folder = await buildRelease(path.join(options.folder, which), app, options[which]);
  const { start } = JSON.parse(readFileSync(path.join(folder, APP_CONTRACT_FILE), 'utf8')) as { start: [string, ...string[]] };
  const data = path.join(folder, 'data');
  await mkdir(data, { recursive: true });
  const port = await freePort();
  const [program, ...words] = start;
  const output = openSync(path.join(folder, 'output.log'), 'a');
  const child = spawn(program, words, {
    cwd: folder,
    stdio: ['ignore', output, output],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOST: '127.0.0.1',
      PORT: `${port}`,
      HOLDFAST_DATA: data,
      HOLDFAST_VERSION: VERSIONS[which],
      SESSION_STORE_HOST: '127.0.0.1',
      SESSION_STORE_PORT: `${options.storePort}`,
      SESSION_STORE_USER: 'default',
      SESSION_STORE_PASSWORD: STORE_PASSWORD,
      SESSION_STORE_TLS: 'false',
      SESSION_STORE_KEY_PREFIX: options.keyPrefix,
    },
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
    releasePort(port);
  };
  try {
    await untilLive(child, port);
  } catch (error) {
    await stop();
    throw new Error(`${which} release of ${app}: ${readFileSync(path.join(folder, 'output.log'), 'utf8').slice(-2_000)}`, { cause: error });
  }
  return { port, stop };
}

async function untilLive(child: ChildProcess, port: number): Promise<void> {
  for (const untilMs = Date.now() + READY_MS; ; ) {
    const status = await fetch(`http://127.0.0.1:${port}/live`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (child.exitCode !== null || Date.now() > untilMs) throw new Error('it does not answer');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
