/** Sessions in the memory of servers, under people who come and go: a deploy waits for each, and nobody is logged out. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { DescribeListenersCommand, DescribeLoadBalancersCommand, DescribeRulesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DRAIN_HEADER } from '../../functions/shared/aws/drain-rule-contract.ts';
import { autoScalingGroupName } from '../../functions/shared/naming.ts';
import { NODE_EXAMPLE } from '../../lab/demo/app/examples.ts';
import type { LocalApp } from '../../lab/demo/app/local-app.ts';
import { elb, kept } from './fleet.ts';
import { startRefresh, untilRefreshed } from './instance-refresh.ts';
import { deployJavaFleets, type JavaFleet, type JavaFleets } from './java-fleets.ts';
import { startPeople, type Tally } from './sticky-drain/people.ts';
import { plainApp } from './sticky-drain/plain-app.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/node-app');
const NAMES = ['memory', 'plain'] as const;
const PEOPLE = { people: 12, thinkMs: 400, lifeMs: [5_000, 20_000] } as const;
/** About as long as an instance refresh of two servers: most people are there for all of it. */
const STAY_MS = 60_000;
const OLD = '1.0.0';
const NEW = '1.1.0';

async function memoryApp(): Promise<LocalApp> {
  const { server } = await NODE_EXAMPLE();
  return {
    server: { ...server, strategy: 'sticky' },
    async build({ folder, version }) {
      const args = ['--version', version, '--out', folder, '--sessions', 'memory'];
      await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), ...args], { timeout: 30_000 });
      return folder;
    },
  };
}

async function rollUnderPeople({ cloud, loadBalancerUrl: url, publish, deploy, recordOf }: JavaFleet) {
  await publish(OLD);
  expect(await deploy(OLD)).toMatchObject({ status: 'SUCCEEDED' });
  await publish(NEW);
  const people = startPeople({ url, caFile: kept.caFile, ...PEOPLE });
  try {
    const ended = await deploy(NEW);
    return { ended, record: await recordOf(ended.executionArn), tally: await people.stop(), fleet: cloud.fleet };
  } finally {
    await people.stop();
  }
}

/** Conditions of the fleet's drain rule. */
async function drainConditions(fleet: string) {
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({ Names: [`java-${fleet}`] }));
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn }));
  const rules = await Promise.all(Listeners.map(({ ListenerArn }) => elb.send(new DescribeRulesCommand({ ListenerArn }))));
  return rules
    .flatMap(({ Rules = [] }) => Rules.filter(({ Priority }) => Priority === '50000'))
    .flatMap(({ Conditions = [] }) => Conditions);
}

let fleets: JavaFleets;
const results = new Map<string, ReturnType<typeof rollUnderPeople>>();
beforeAll(async () => {
  fleets = await deployJavaFleets(NAMES, {}, { memory: memoryApp, plain: async () => plainApp });
  for (const name of NAMES) results.set(name, rollUnderPeople(fleets.fleets[name] as JavaFleet));
  await Promise.allSettled([...results.values()]);
}, 15 * 60_000);
afterAll(() => fleets?.destroy(), 120_000);

describe.each(NAMES)('a deploy of the fleet %s, whose sessions are in memory', (name) => {
  const result = () => results.get(name) as ReturnType<typeof rollUnderPeople>;

  it('succeeds, and nobody loses a session or a request', async () => {
    const { ended, tally } = await result();
    expect(ended, ended.message).toMatchObject({ status: 'SUCCEEDED' });
    expect(tally).toMatchObject({ failed: 0, lost: 0 } satisfies Partial<Tally>);
    expect(tally.sessions).toBeGreaterThan(PEOPLE.people);
  });

  it('waits for the sessions of each server, and cuts none off', async () => {
    const { record } = await result();
    const targets = Object.values(record?.targets ?? {});
    expect(targets).toHaveLength(2);
    for (const { phases = [], sessionsCutOff } of targets) {
      expect(phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(['pinning', 'sessionDrain', 'draining', 'installing']));
      expect(sessionsCutOff).toBe(0);
    }
    expect(record?.sessionsCutOff).toBe(0);
  });

  it('leaves a drain rule that takes no session', async () => {
    await result();
    expect(await drainConditions(name)).toMatchObject([{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: DRAIN_HEADER } }]);
  });
});

describe('an instance refresh of the fleet memory', () => {
  /** Twelve people, six of whom lose their session twice, as where one of two servers goes first. */
  const MOST_LOST = 18;

  it('fails no request, and ends no more sessions than those of each server in turn', { timeout: 300_000 }, async () => {
    const { loadBalancerUrl: url, cloud } = fleets.fleets['memory'] as JavaFleet;
    const people = startPeople({ url, caFile: kept.caFile, ...PEOPLE, lifeMs: [STAY_MS, STAY_MS] });
    try {
      const group = autoScalingGroupName(cloud.installation, cloud.fleet);
      expect(await untilRefreshed(await startRefresh({}, group), group)).toMatchObject({ Status: 'Successful' });
    } finally {
      await people.stop();
    }
    expect(people.tally.failed).toBe(0);
    expect(people.tally.lost).toBeGreaterThan(0);
    expect(people.tally.lost).toBeLessThanOrEqual(MOST_LOST);
  });
});
