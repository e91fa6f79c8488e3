import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { SKIPPED } from '../../../cli/doctor/lookup.ts';
import {
  existingNetwork,
  healthy,
  LISTENER,
  LOAD_BALANCER,
  subjectOf,
  TARGET_GROUP,
  withExistingStore,
  withNamedTargetGroup,
} from './healthy-fleet.ts';

describe('what doctor checks', () => {
  it('has the names of created resources by default', () => {
    expect(subjectOf()).toMatchObject({
      targetGroup: { id: 'holdfast-web', named: false },
      group: { id: 'holdfast-web', named: false },
      store: { replicationGroup: { id: 'holdfast-sessions', named: false }, port: 6379, tls: true, auth: 'iam', replicas: 2 },
      recordsTable: 'holdfast-records',
      releasesBucket: 'holdfast-releases-111122223333-us-east-1',
      alarmNames: [
        'holdfast-web-unhealthy-hosts',
        'holdfast-web-target-5xx',
        'holdfast-web-target-connection-errors',
        'holdfast-web-load-balancer-5xx',
        'holdfast-web-target-p99',
        'holdfast-web-redirects',
        'holdfast-web-refusals',
        'holdfast-web-load-balancer-refusals',
        'holdfast-web-logins-repeated',
        'holdfast-web-redirect-loop',
        'holdfast-web-deploy-failed',
        'holdfast-web-deploy-timed-out',
        'holdfast-web-deploy-stuck',
        'holdfast-web-orphaned-lock',
        'holdfast-web-clean-up-failed',
        'holdfast-web-clean-up-dead-letters',
        'holdfast-web-lifecycle-dead-letters',
      ],
    });
  });

  it('is an existing target group by its ARN, without a health path', () => {
    const { targetGroup, loadBalancerArn, healthPath } = withNamedTargetGroup();
    expect([targetGroup, loadBalancerArn, healthPath]).toEqual([{ id: TARGET_GROUP, named: true }, LOAD_BALANCER, undefined]);
  });

  it('is the load balancer of an existing listener', () => {
    const existing = {
      listenerArn: LISTENER,
      listenerRule: { priority: 10, hosts: ['shop.example.com'] },
      loadBalancerSecurityGroupId: 'sg-0123456789abcdef0',
    };
    const subject = subjectOf({ existing }, { account: '111122223333', network: existingNetwork });
    expect(subject).toMatchObject({ listenerArn: LISTENER, loadBalancerArn: LOAD_BALANCER, hosts: ['shop.example.com'] });
  });

  it('are the existing instances and nodes, without a group', () => {
    const existing = { instanceIds: ['i-0123456789abcdef0'], targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER };
    const instances = subjectOf({ members: 'instances', existing }, { account: '111122223333', network: existingNetwork });
    expect(instances).toMatchObject({ members: 'instances', nodeIds: ['i-0123456789abcdef0'], group: undefined });
    const { instanceIds: _, ...rest } = existing;
    const nodes = [{ nodeId: 'mi-0123456789abcdef0', ip: '10.0.1.10', port: 8080 }];
    const ip = subjectOf({ members: 'ip', existing: { ...rest, nodes } }, { account: '111122223333', network: existingNetwork });
    expect(ip).toMatchObject({ members: 'ip', nodeIds: ['mi-0123456789abcdef0'], group: undefined });
  });

  it('is an existing store by its replication group', () => {
    expect(withExistingStore({ replicationGroupId: 'sessions', port: 6380 }).store).toMatchObject({
      replicationGroup: { id: 'sessions', named: true },
      port: 6380,
      auth: 'none',
    });
  });

  it('reports what is unknown about an existing store without a replication group', () => {
    const unseen = { store: SKIPPED, evictionPolicy: SKIPPED, keyspaceEvents: SKIPPED, storeUsers: SKIPPED };
    const lines = diagnose({ ...healthy, ...unseen }, withExistingStore({ tls: false })).filter(({ severity }) => severity !== 'ok');
    expect(lines.map(({ check, severity, what }) => [check, severity, what])).toEqual([
      ['store-access', 'unknown', expect.stringContaining('does not name the replication group of sessions.example.com')],
      ['store-access', 'warning', expect.stringContaining('not encrypted')],
      ['store-access', 'error', expect.stringContaining('requires no password')],
    ]);
  });
});
