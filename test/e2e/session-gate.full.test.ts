/** A release that does not keep sessions ends before any user meets it, tried by two users of the gate's own through the load balancer. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeRulesCommand, DescribeTargetGroupsCommand, DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateSecretCommand, DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEPLOY_GATE_SECONDS } from '../../functions/gate/contract.ts';
import type { DeployRecord, TargetProgress } from '../../functions/records/types.ts';
import { GATE_HEADER } from '../../functions/shared/aws/drain-rule-contract.ts';
import { functionName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { startCrowd } from '../../lab/bench/people/crowd.ts';
import { buildRelease, type Release } from '../../lab/bench/people/shops.ts';
import { callJsonService } from './call-json-service.ts';
import { cdkFor, keptConfig, physicalIds } from './cdk.ts';
import { currentVersion, deploy, elb, kept, publish, recordOf, secrets, untilHealthy, versions } from './fleet.ts';

const PEOPLE = ['canary-anna', 'canary-ben', 'gate-anna', 'gate-ben'] as const;
const user = (name: string) => ({ name, password: { secret: `shop/${name}` } });
const recipe = {
  users: { a: user(PEOPLE[0]), b: user(PEOPLE[1]) },
  login: [{ post: '/login', form: { user: '{name}', password: '{password}' } }],
  who: { get: '/account' },
  logout: [{ post: '/logout' }],
  release: { get: '/', take: { header: 'x-release' } },
  cart: { change: [{ post: '/cart', form: { item: '1' } }], get: '/cart', take: { between: ['<p>Cart: ', ' items'] as [string, string] } },
};
const gateUsers = { a: user(PEOPLE[2]), b: user(PEOPLE[3]) };

function withGate(config: HoldfastConfig): HoldfastConfig {
  const { web } = config.fleets;
  return {
    ...config,
    fleets: {
      ...config.fleets,
      web: { ...web, canary: { url: kept.loadBalancerUrl, everyMinutes: 15, recipe, gateUsers } } as typeof web & object,
    },
  };
}

async function publishShop(version: string, release: Release): Promise<void> {
  await publish(version, await buildRelease(path.join(kept.runFolder, 'gated', version), 'express', release));
}

/** The rule's condition and its group's targets, as they are now. */
async function front() {
  const ids = Object.values(
    await physicalIds('holdfast-web-web-tier', ['AWS::ElasticLoadBalancingV2::ListenerRule', 'AWS::ElasticLoadBalancingV2::TargetGroup']),
  );
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ RuleArns: ids.filter((arn) => arn.includes(':listener-rule/')) }));
  const header = Rules.flatMap(({ Conditions = [] }) => Conditions.flatMap(({ HttpHeaderConfig }) => HttpHeaderConfig ?? []));
  const groupArn = Rules[0]?.Actions?.[0]?.TargetGroupArn;
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [groupArn as string] }));
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: groupArn }));
  const members = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State !== 'draining').length;
  return { header, members, neutral: `${TargetGroups[0]?.TargetGroupArn?.split(':').at(-1)}` };
}
async function expectClosed(): Promise<void> {
  const { header, members, neutral } = await front();
  expect(header).toMatchObject([{ HttpHeaderName: GATE_HEADER, Values: [neutral] }]);
  expect(members).toBe(0);
}

const USERS = 50;
/** Values that the rule has had. */
const seen = new Set<string>();
async function underCrowd(version: string) {
  const people = startCrowd({ url: kept.loadBalancerUrl, caFile: kept.caFile }, { users: USERS, everyMs: 1_000 });
  let goesOn = true;
  const watching = (async () => {
    while (goesOn) {
      for (const { Values = [] } of (await front()).header) for (const value of Values) if (/^[0-9a-f]{32}$/.test(value)) seen.add(value);
      await sleep(1_000);
    }
  })();
  try {
    await sleep(10_000);
    people.mark(version);
    const ended = await deploy(version);
    return { ended, met: await people.stop() };
  } finally {
    goesOn = false;
    await watching;
  }
}

/** Milliseconds from the readiness check's beginning to the registration. */
const readinessMs = ({ phases = [] }: TargetProgress): number =>
  (phases.find(({ phase }) => phase === 'registering')?.startedAtMs ?? Number.NaN) -
  (phases.find(({ phase }) => phase === 'checkingReadiness')?.startedAtMs ?? Number.NaN);

const startedAtMs = Date.now();
let before: string;
beforeAll(async () => {
  await untilHealthy(3);
  before = await currentVersion();
  for (const name of PEOPLE) await secrets.send(new CreateSecretCommand({ Name: `shop/${name}`, SecretString: `secret of ${name}` }));
  await publishShop('91.0.0', {});
  await deploy('91.0.0', { expect: 'turned-away' });
  await cdkFor('gated', withGate(keptConfig())).deploy(['holdfast-web-web-tier', 'holdfast-web-deploy']);
}, 600_000);
afterAll(async () => {
  await deploy(before, { expect: 'turned-away' });
  await cdkFor('ungated', keptConfig()).deploy(['holdfast-web-deploy', 'holdfast-web-web-tier']);
  for (const name of PEOPLE) await secrets.send(new DeleteSecretCommand({ SecretId: `shop/${name}`, ForceDeleteWithoutRecovery: true }));
}, 600_000);

it('a release with another secret ends before any user meets it', { timeout: 600_000 }, async () => {
  await publishShop('91.9.0', { secret: 'second secret of the shop' });
  const { ended, met } = await underCrowd('91.9.0');
  const record = (await recordOf(ended.executionArn)) as DeployRecord;
  const why = JSON.stringify({ ended, met, gate: record.sessionGate, warnings: record.warnings });
  process.stdout.write(`incompatible: ${why}\n`);
  expect(ended, why).toMatchObject({ status: 'FAILED', error: 'SessionsIncompatible' });
  expect([met.hurt, met.metNewAtMs.length], why).toEqual([0, 0]);
  expect(record.sessions).toMatch(/^incompatible, by the session gate: the new release shows nobody with a session that the old one began/);
  expect(Object.values(record.targets).filter(({ phases = [] }) => phases.length > 0)).toHaveLength(1);
  await untilHealthy(3);
  expect(Object.values(await versions())).toEqual(Array(3).fill('91.0.0'));
  await expectClosed();
});

it('a good release is rolled, a little later', { timeout: 600_000 }, async () => {
  await publishShop('91.1.0', { sameSite: 'lax' });
  const { ended, met } = await underCrowd('91.1.0');
  const record = (await recordOf(ended.executionArn)) as DeployRecord;
  const spent = Object.values(record.targets)
    .map(readinessMs)
    .toSorted((a, b) => b - a);
  const why = JSON.stringify({ ended, met, spent, sessions: record.sessions, warnings: record.warnings });
  process.stdout.write(`good: ${why}\n`);
  expect(ended, why).toMatchObject({ status: 'SUCCEEDED' });
  expect(record.sessions, why).toBe('compatible, by the session gate');
  expect(met.hurt, why).toBe(0);
  expect(((spent[0] ?? Number.NaN) - (spent[1] ?? Number.NaN)) / 1000, why).toBeLessThan(DEPLOY_GATE_SECONDS);
  await expectClosed();
});

it('leaves its values and passwords out of its log', async () => {
  const logGroupName = `/aws/lambda/${functionName('holdfast', 'web', 'deploy-session-gate')}`;
  const { events } = await callJsonService<{ events: { message: string }[] }>('logs', 'Logs_20140328.FilterLogEvents', {
    logGroupName,
    startTime: startedAtMs,
  });
  expect(seen.size).toBeGreaterThanOrEqual(2);
  expect(events.length).toBeGreaterThan(2);
  const text = events.map(({ message }) => message).join('\n');
  for (const secret of [...seen, ...PEOPLE.map((name) => `secret of ${name}`)]) expect(text).not.toContain(secret);
});
