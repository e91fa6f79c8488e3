import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { SKIPPED } from '../../../cli/doctor/look.ts';
import {
  healthy,
  LISTENER,
  LOAD_BALANCER,
  namedNetwork,
  subjectOf,
  TARGET_GROUP,
  withNamedStore,
  withNamedTargetGroup,
} from './healthy-fleet.ts';

describe('what doctor looks at', () => {
  it('has the names that Holdfast gives where nothing is named', () => {
    expect(subjectOf()).toMatchObject({
      targetGroup: { id: 'holdfast-web', named: false },
      group: { id: 'holdfast-web', named: false },
      store: { replicationGroup: { id: 'holdfast-sessions', named: false }, port: 6379, tls: true, auth: 'iam', replicas: 2 },
      recordsTable: 'holdfast-records',
      releasesBucket: 'holdfast-releases-111122223333-us-east-1',
      alarmNames: [
        'holdfast-web-unhealthy-hosts',
        'holdfast-web-target-5xx',
        'holdfast-web-target-p99',
        'holdfast-web-deploy-failed',
        'holdfast-web-deploy-timed-out',
        'holdfast-web-deploy-stuck',
        'holdfast-web-left-locked',
        'holdfast-web-left-rules',
        'holdfast-web-clean-up-failed',
        'holdfast-web-clean-up-dead-letters',
        'holdfast-web-lifecycle-dead-letters',
      ],
    });
  });

  it('is a target group by its ARN, with the path that its owner chose', () => {
    const { targetGroup, loadBalancerArn, healthPath } = withNamedTargetGroup();
    expect([targetGroup, loadBalancerArn, healthPath]).toEqual([{ id: TARGET_GROUP, named: true }, LOAD_BALANCER, undefined]);
  });

  it('is the load balancer of a named listener', () => {
    const existing = {
      listenerArn: LISTENER,
      listenerRule: { priority: 10, hosts: ['shop.example.com'] },
      loadBalancerSecurityGroupId: 'sg-0123456789abcdef0',
    };
    const subject = subjectOf({ existing }, { account: '111122223333', network: namedNetwork });
    expect(subject).toMatchObject({ listenerArn: LISTENER, loadBalancerArn: LOAD_BALANCER, hosts: ['shop.example.com'] });
  });

  it('are the instances and nodes that are named, and no group', () => {
    const existing = { instanceIds: ['i-0123456789abcdef0'], targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER };
    const instances = subjectOf({ members: 'instances', existing }, { account: '111122223333', network: namedNetwork });
    expect(instances).toMatchObject({ members: 'instances', nodeIds: ['i-0123456789abcdef0'], group: undefined });
    const { instanceIds: _, ...rest } = existing;
    const nodes = [{ nodeId: 'mi-0123456789abcdef0', ip: '10.0.1.10', port: 8080 }];
    const ip = subjectOf({ members: 'ip', existing: { ...rest, nodes } }, { account: '111122223333', network: namedNetwork });
    expect(ip).toMatchObject({ members: 'ip', nodeIds: ['mi-0123456789abcdef0'], group: undefined });
  });

  it('is a named store by its replication group', () => {
    expect(withNamedStore({ replicationGroupId: 'sessions', port: 6380 }).store).toMatchObject({
      replicationGroup: { id: 'sessions', named: true },
      port: 6380,
      auth: 'none',
    });
  });

  it('says what it could not look at of a store that is named by its host alone', () => {
    const unseen = { store: SKIPPED, evictionPolicy: SKIPPED, storeUsers: SKIPPED };
    const lines = diagnose({ ...healthy, ...unseen }, withNamedStore({ tls: false })).filter(({ severity }) => severity !== 'ok');
    expect(lines.map(({ check, severity, what }) => [check, severity, what])).toEqual([
      ['store-access', 'unknown', expect.stringContaining('sessions.example.com is named without its replication group')],
      ['store-access', 'warning', expect.stringContaining('not encrypted')],
      ['store-access', 'error', expect.stringContaining('asks for no password')],
    ]);
  });
});
