/** A second `cdk deploy`: without a change it changes nothing; with one it updates in place, under traffic. */
import { DescribeAutoScalingGroupsCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTraffic } from '../../lab/demo/traffic/client.ts';
import { cdkFor, keptConfig, lastChanges, physicalIds } from './cdk.ts';
import { autoScaling, GROUP, kept, untilHealthy } from './fleet.ts';

const LASTING = [
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::AutoScaling::AutoScalingGroup',
];
const lasting = async () => ({
  ...(await physicalIds('holdfast-web-web-tier', LASTING)),
  ...(await physicalIds('holdfast-session-store', ['AWS::ElastiCache::ReplicationGroup'])),
});
const minSize = async () =>
  (await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }))).AutoScalingGroups?.[0]?.MinSize;

beforeAll(() => untilHealthy(3).then(() => {}));

describe('a second `cdk deploy`', () => {
  it('of the same configuration changes no stack', { timeout: 300_000 }, async () => {
    const config = keptConfig();
    await cdkFor('same', config).deploy();
    const before = await lastChanges();
    await cdkFor('same', config).deploy();
    expect(await lastChanges()).toEqual(before);
  });

  it('of changed settings and a larger fleet updates in place, and no request fails', { timeout: 300_000 }, async () => {
    const config = keptConfig();
    const web = config.fleets['web'] as (typeof config.fleets)[string];
    const changed = {
      ...config,
      store: { ...config.store, evictionPolicy: 'volatile-ttl' as const },
      fleets: { web: { ...web, minCapacity: 4, deploy: { ...web.deploy, deregistrationDelaySeconds: 40 } } },
    };
    const before = await lasting();
    expect(Object.keys(before).length).toBeGreaterThanOrEqual(6);
    const traffic = startTraffic({ url: kept.loadBalancerUrl, caFile: kept.caFile, users: 20 });
    try {
      await traffic.ready;
      await cdkFor('larger', changed).deploy();
      expect(await minSize()).toBe(4);
      await untilHealthy(4);
      const report = await traffic.stop();
      expect(report.failed, JSON.stringify(report)).toBe(0);
    } finally {
      await traffic.stop().catch(() => {});
    }
    expect(await lasting()).toEqual(before);
    await cdkFor('larger', config).deploy();
    // A lower minimum takes nobody away: the scenarios that follow have three.
    await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 3 }));
    await untilHealthy(3);
  });
});
