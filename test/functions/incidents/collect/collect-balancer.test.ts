import { describe, expect, it } from 'vitest';
import { type BalancerPorts, createBalancer, stickinessOf } from '../../../../functions/incidents/collect/collect-balancer.ts';
import type { AppContract } from '../../../../functions/shared/app-contract.ts';
import { BALANCER, factsOf, fleet, request, SIGN_MS } from './request.ts';

const contract: AppContract = { start: ['node', 'server.js'], port: 8080, health: { loadBalancer: '/live', ready: '/ready' } };
const attributes = { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie', 'stickiness.lb_cookie.duration_seconds': '86400' };

const collect = (more: Partial<BalancerPorts> = {}, described: object = { healthCheckPath: '/live', loadBalancerArn: BALANCER }) =>
  createBalancer({
    fleets: { web: fleet(), shop: fleet() },
    front: () => ({
      describe: async () => described,
      attributes: async () => attributes,
      listeners: async () => [{ protocol: 'HTTP', port: 80, redirectsToHttps: true }],
    }),
    targetGroup: () => ({
      describeHealth: async () => [
        { instanceId: 'i-1', state: 'healthy' },
        { instanceId: 'i-2', state: 'unhealthy', detail: 'Target.ResponseCodeMismatch: Health checks failed with these codes: [503]' },
      ],
    }),
    appContract: async () => contract,
    now: () => SIGN_MS,
    ...more,
  });

describe('the facts of the load balancer', () => {
  it('are the settings as they are and as they were deployed', async () => {
    expect(await collect()(request())).toEqual({
      takenAtMs: SIGN_MS,
      facts: {
        strategy: 'sticky',
        stickiness: { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 },
        expectedStickiness: { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 },
        targets: [
          { instanceId: 'i-1', state: 'healthy' },
          { instanceId: 'i-2', state: 'unhealthy', reason: 'Target.ResponseCodeMismatch' },
        ],
        listeners: [{ protocol: 'HTTP', port: 80, redirectsToHttps: true }],
        arns: { targetGroup: fleet().targetGroupArn, loadBalancer: BALANCER },
        healthCheckAsksStore: false,
        sessionsInMemory: false,
      },
    });
  });

  it('name a health check that asks the store, and sessions in memory', async () => {
    const inMemory = { ...contract, sessions: { path: '/status', field: 'sessions' } };
    const facts = factsOf(
      await collect({ appContract: async () => inMemory }, { healthCheckPath: '/ready', loadBalancerArn: BALANCER })(request()),
    );
    expect(facts).toMatchObject({ healthCheckAsksStore: true, sessionsInMemory: true });
  });

  it.each([
    ['no deploy has succeeded', async () => undefined, 'no deploy has succeeded yet'],
    ['the record cannot be read', async () => Promise.reject(new Error('throttled')), 'Error: throttled'],
  ])('leave open what the contract would say when %s', async (_title, appContract, why) => {
    const collected = await collect({ appContract })(request());
    expect(factsOf(collected)).toMatchObject({ healthCheckAsksStore: null, sessionsInMemory: null });
    expect(collected).toMatchObject({ gaps: [`the contract of the current release is unknown: ${why}`] });
  });

  it('have no listener where none forwards to the group, and say so', async () => {
    const collected = await collect({}, {})(request());
    expect(factsOf(collected).listeners).toEqual([]);
    expect(collected).toMatchObject({ gaps: [expect.stringContaining('no listener forwards')] });
  });

  it('are a gap for an incident of several fleets', async () => {
    expect(await collect()(request({ fleets: ['web', 'shop'] }))).toEqual({ gap: expect.stringContaining('2 fleets') });
  });

  it('are refused for a fleet that the stack does not know', async () => {
    await expect(collect()(request({ fleets: ['toString'] }))).rejects.toThrow('knows no fleet named toString');
  });
});

it.each([
  [{}, { enabled: false }],
  [{ 'stickiness.enabled': 'false', 'stickiness.type': 'lb_cookie' }, { enabled: false }],
  [
    {
      'stickiness.enabled': 'true',
      'stickiness.type': 'app_cookie',
      'stickiness.app_cookie.cookie_name': 'JSESSIONID',
      'stickiness.app_cookie.duration_seconds': '60',
    },
    { enabled: true, type: 'app_cookie', cookieName: 'JSESSIONID', durationSeconds: 60 },
  ],
])('reads stickiness from %j', (given, stickiness) => {
  expect(stickinessOf(given)).toEqual(stickiness);
});
