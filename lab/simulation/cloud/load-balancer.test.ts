import type {
  DescribeListenersCommandOutput,
  DescribeRulesCommandOutput,
  DescribeTargetHealthCommandOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { EPOCH_MS, Kernel } from '../kernel/kernel.ts';
import { FakeServers, SERVER_IDS, TARGET_GROUP } from './fake-servers.ts';
import { createLoadBalancer } from './load-balancer.ts';
import type { Answer, ClientRequest } from './load-balancer-requests.ts';
import { SimulatedStore } from './store.ts';

const [FIRST = '', SECOND = '', THIRD = ''] = SERVER_IDS;
const LOAD_BALANCER_ARN = 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer/app/hf-web/2222222222222222';
const SECOND_MS = 1_000;

function world(seed = 1) {
  const kernel = new Kernel(seed);
  const servers = new FakeServers(kernel, new SimulatedStore({ kernel }));
  const loadBalancer = createLoadBalancer({ kernel, servers, front: { targetGroup: TARGET_GROUP }, metrics: { record: () => {} } });
  const call = (operation: string, input: object): object => {
    const carryOut = loadBalancer.service[operation];
    if (carryOut === undefined) throw new Error(`no ${operation}`);
    return carryOut(input as never);
  };
  const describe = (): string[] => {
    const { TargetHealthDescriptions = [] } = call('DescribeTargetHealth', {
      TargetGroupArn: TARGET_GROUP.arn,
    }) as DescribeTargetHealthCommandOutput;
    return TargetHealthDescriptions.map(({ Target, TargetHealth }) =>
      `${Target?.Id} ${TargetHealth?.State} ${TargetHealth?.Reason ?? ''}`.trim(),
    );
  };
  const send = (request: Partial<ClientRequest> = {}): Answer[] => {
    const answers: Answer[] = [];
    loadBalancer.send({ sessionId: 's', durationMs: 100, cookie: undefined, answered: (answer) => answers.push(answer), ...request });
    return answers;
  };
  return { kernel, servers, loadBalancer, call, describe, send, until: (seconds: number) => kernel.run(EPOCH_MS + seconds * SECOND_MS) };
}

test('a registered target is initial, then healthy within two intervals', async () => {
  const { loadBalancer, describe, until } = world();
  loadBalancer.register(FIRST);
  expect(describe()).toEqual([`${FIRST} initial Elb.RegistrationInProgress`]);
  await until(20);
  expect(describe()).toEqual([`${FIRST} healthy`]);
  expect(loadBalancer.stateOf(SECOND)).toBe('unused');
});

test.each([
  ['refuses', 'unhealthy', 'Target.FailedHealthChecks'],
  ['hangs', 'unhealthy', 'Target.Timeout'],
  ['isStopped', 'unused', 'Target.InvalidState'],
] as const)('a target that %s becomes %s', async (behaviour, state, reason) => {
  const { servers, loadBalancer, describe, until } = world();
  loadBalancer.register(FIRST);
  await until(20);
  servers.behaviours.set(FIRST, behaviour);
  await until(20 + 30 + 5);
  expect(describe()).toEqual([`${FIRST} ${state} ${reason}`]);
});

test('a client stays with its target as long as its cookie is sent', async () => {
  const { kernel, loadBalancer, until, send } = world();
  for (const id of [FIRST, SECOND, THIRD]) loadBalancer.register(id);
  await until(20);
  const [first] = await answers([undefined]);
  const again = await answers(Array.from({ length: 5 }, () => first?.cookie));
  expect(again.map(({ instanceId }) => instanceId)).toEqual(Array.from({ length: 5 }, () => first?.instanceId));
  const without = await answers(Array.from({ length: 5 }, () => undefined));
  expect(new Set(without.map(({ instanceId }) => instanceId)).size).toBe(3);

  async function answers(cookies: readonly Answer['cookie'][]): Promise<Answer[]> {
    const sent = cookies.map((cookie) => send({ cookie }));
    await kernel.run(kernel.now() + SECOND_MS);
    return sent.flat();
  }
});

test('requests still arrive for the lag after a deregistration, then never; after the delay what is in flight is cut', async () => {
  const { kernel, servers, loadBalancer, describe, send, until } = world(3);
  for (const id of [FIRST, SECOND]) loadBalancer.register(id);
  await until(20);
  const [bound] = await one();
  const target = bound?.instanceId ?? '';
  const long = send({ cookie: bound?.cookie, durationMs: 30_000 });
  const tooLong = send({ cookie: bound?.cookie, durationMs: 59_000 });
  loadBalancer.deregister(target);
  const leftAtMs = kernel.now();
  expect(describe()).toContain(`${target} draining Target.DeregistrationInProgress`);
  for (let seconds = 22; seconds < 150; seconds += 1) {
    send({ cookie: bound?.cookie });
    await until(seconds);
  }
  const arrivals = servers.served.filter(({ instanceId, atMs }) => instanceId === target && atMs > leftAtMs);
  expect(arrivals.length).toBeGreaterThan(0);
  expect(Math.max(...arrivals.map(({ atMs }) => atMs)) - leftAtMs).toBeLessThanOrEqual(25_000);
  expect(long).toEqual([expect.objectContaining({ status: 200, instanceId: target })]);
  expect(tooLong).toEqual([{ status: 502, instanceId: target, cause: 'deregistered' }]);
  expect(describe()).toEqual([`${target === FIRST ? SECOND : FIRST} healthy`]);

  async function one(): Promise<Answer[]> {
    const answers = send();
    await until(21);
    return answers;
  }
});

test.each([
  ['refuses', 502, 'targetClosed'],
  ['isStopped', 502, 'targetClosed'],
  ['hangs', 504, 'targetTimedOut'],
] as const)('a target that %s gives %i', async (behaviour, status, cause) => {
  const { servers, loadBalancer, send, until } = world();
  loadBalancer.register(FIRST);
  await until(20);
  servers.behaviours.set(FIRST, behaviour);
  const answers = send();
  await until(90);
  expect(answers).toEqual([{ status, instanceId: FIRST, cause }]);
});

test('without any target it answers 503 itself', () => {
  expect(world().send()).toEqual([{ status: 503, cause: 'noTarget' }]);
});

test('it describes its listener and its rules', () => {
  const { call } = world();
  expect(call('DescribeTargetGroups', { TargetGroupArns: [TARGET_GROUP.arn] })).toMatchObject({
    TargetGroups: [{ LoadBalancerArns: [LOAD_BALANCER_ARN] }],
  });
  const { Listeners } = call('DescribeListeners', { LoadBalancerArn: LOAD_BALANCER_ARN }) as DescribeListenersCommandOutput;
  const { Rules } = call('DescribeRules', { ListenerArn: Listeners?.[0]?.ListenerArn }) as DescribeRulesCommandOutput;
  expect(Rules?.[0]?.IsDefault).toBe(true);
});
