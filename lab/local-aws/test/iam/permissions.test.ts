import { describe, expect, it } from 'vitest';
import type { Group, Member } from '../../auto-scaling/group-state.ts';
import { permissionsOf as autoScalingPermissions } from '../../auto-scaling/permissions.ts';
import { permissionsOf as elbPermissions } from '../../elbv2/permissions.ts';
import type { ManagedInstance } from '../../interfaces.ts';
import { permissionsOf as ssmPermissions } from '../../ssm/permissions.ts';

const place = { region: 'eu-west-1', accountId: '000000000000' };
const ANY = [{ resource: '*' }];
const only = (resource: string) => [{ resource }];

describe('Elastic Load Balancing', () => {
  const group = 'arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/web/0123456789abcdef';
  it.each<[string, object, object]>([
    ['RegisterTargets', { TargetGroupArn: group }, only(group)],
    ['DeregisterTargets', { TargetGroupArn: group }, only(group)],
    ['DescribeTargetHealth', { TargetGroupArn: group }, ANY],
    ['AddTags', { ResourceArns: ['arn:1', 'arn:2'] }, [...only('arn:1'), ...only('arn:2')]],
    ['CreateTargetGroup', { Name: 'web' }, ANY],
    ['CreateRule', { ListenerArn: 'arn:aws:elb:listener/app/web/1/2' }, only('arn:aws:elb:listener/app/web/1/2')],
    [
      'CreateRule',
      { ListenerArn: 'arn:aws:elb:listener/app/web/1/2', Tags: [{ Key: 'holdfast:incident', Value: 'inc-1' }] },
      [
        { resource: 'arn:aws:elb:listener/app/web/1/2' },
        {
          action: 'AddTags',
          resource: 'arn:aws:elb:listener-rule/app/web/1/2/*',
          context: { 'elasticloadbalancing:CreateAction': 'CreateRule' },
        },
      ],
    ],
    [
      'DeleteRule',
      { RuleArn: 'arn:mine' },
      [{ resource: 'arn:mine', context: { 'elasticloadbalancing:ResourceTag/holdfast:incident': 'inc-1' } }],
    ],
    ['DeleteRule', { RuleArn: 'arn:other' }, only('arn:other')],
  ])('%s of %j needs %j', (operation, input, expected) => {
    const rules = new Map([['arn:mine', { tags: new Map([['holdfast:incident', 'inc-1']]) }]]);
    expect(elbPermissions(rules)(operation, input as Record<string, unknown>)).toEqual(expected);
  });
});

describe('Auto Scaling', () => {
  const arn = 'arn:aws:autoscaling:eu-west-1:000000000000:autoScalingGroup:11111111:autoScalingGroupName/web';
  const web = { name: 'web', arn } as Group;
  const registry = {
    groups: new Map([['web', web]]),
    find: (id: string) => (id === 'i-1' ? { group: web, member: {} as Member } : undefined),
  };
  const permissions = autoScalingPermissions({
    ...place,
    registry: registry as unknown as Parameters<typeof autoScalingPermissions>[0]['registry'],
  });
  it.each<[string, object, object]>([
    ['SuspendProcesses', { AutoScalingGroupName: 'web' }, only(arn)],
    ['CompleteLifecycleAction', { AutoScalingGroupName: 'web', InstanceId: 'i-1' }, only(arn)],
    ['SetInstanceHealth', { InstanceId: 'i-1' }, only(arn)],
    ['SetInstanceHealth', { InstanceId: 'i-9' }, ANY],
    ['ResumeProcesses', { AutoScalingGroupName: 'gone' }, only(arn.replace('11111111', '*').replace(/web$/, 'gone'))],
    ['DescribeAutoScalingGroups', { AutoScalingGroupNames: ['web'] }, ANY],
  ])('%s of %j needs %j', (operation, input, expected) => {
    expect(permissions(operation, input as Record<string, unknown>)).toEqual(expected);
  });
});

describe('Systems Manager', () => {
  const machine = (instanceId: string, fleet: string) =>
    ({ instanceId, online: true, tags: { 'holdfast:fleet': fleet } }) as unknown as ManagedInstance;
  const grouped = { ...machine('i-3', ''), tags: { 'aws:autoscaling:groupName': 'shop' } };
  const machines = [machine('i-1', 'holdfast/web'), machine('i-2', 'holdfast/other'), grouped, machine('mi-1', 'shop/edge')];
  const instances = { get: (id: string) => machines.find(({ instanceId }) => instanceId === id), list: () => machines };
  const permissions = ssmPermissions({ ...place, instances });
  const document = (name: string) => ({ resource: `arn:aws:ssm:eu-west-1:000000000000:document/${name}` });
  const instance = (id: string, fleet: string) => ({
    resource: `arn:aws:ec2:eu-west-1:000000000000:instance/${id}`,
    context: { 'ssm:resourceTag/holdfast:fleet': fleet },
  });
  const node = (id: string, fleet: string) => ({
    resource: `arn:aws:ssm:eu-west-1:000000000000:managed-instance/${id}`,
    context: { 'ssm:resourceTag/holdfast:fleet': fleet },
  });
  it.each<[string, object, object]>([
    ['SendCommand', { DocumentName: 'observe', InstanceIds: ['i-1'] }, [document('observe'), instance('i-1', 'holdfast/web')]],
    [
      'SendCommand',
      { DocumentName: 'observe', Targets: [{ Key: 'tag:holdfast:fleet', Values: ['holdfast/other'] }] },
      [document('observe'), instance('i-2', 'holdfast/other')],
    ],
    ['SendCommand', { DocumentName: 'observe', InstanceIds: ['i-gone'] }, [document('observe')]],
    [
      'SendCommand',
      { DocumentName: 'observe', InstanceIds: ['i-3'] },
      [
        document('observe'),
        {
          resource: 'arn:aws:ec2:eu-west-1:000000000000:instance/i-3',
          context: { 'ssm:resourceTag/aws:autoscaling:groupName': 'shop' },
        },
      ],
    ],
    ['SendCommand', { DocumentName: 'observe', InstanceIds: ['mi-1'] }, [document('observe'), node('mi-1', 'shop/edge')]],
    ['AddTagsToResource', { ResourceType: 'ManagedInstance', ResourceId: 'mi-1' }, [node('mi-1', 'shop/edge')]],
    ['DeregisterManagedInstance', { InstanceId: 'mi-1' }, [node('mi-1', 'shop/edge')]],
    ['CreateActivation', { IamRole: 'on-premises' }, ANY],
    ['SendCommand', { DocumentName: 'AWS-RunShellScript', InstanceIds: [] }, only('arn:aws:ssm:eu-west-1::document/AWS-RunShellScript')],
    ['GetCommandInvocation', { CommandId: 'c', InstanceId: 'i-1' }, ANY],
    ['CancelCommand', { CommandId: 'c' }, ANY],
    ['DescribeInstanceInformation', {}, ANY],
    ['GetDocument', { Name: 'observe' }, [document('observe')]],
    ...['/a/b', '/a/b:7', 'arn:aws:ssm:eu-west-1:000000000000:parameter/a/b', 'arn:aws:ssm:eu-west-1:000000000000:parameter/a/b:7'].map(
      (Name): [string, object, object] => ['GetParameter', { Name }, only('arn:aws:ssm:eu-west-1:000000000000:parameter/a/b')],
    ),
    [
      'GetParameters',
      { Names: ['a', 'b'] },
      ['a', 'b'].map((name) => ({ resource: `arn:aws:ssm:eu-west-1:000000000000:parameter/${name}` })),
    ],
  ])('%s of %j needs %j', (operation, input, expected) => {
    expect(permissions(operation, input as Record<string, unknown>)).toEqual(expected);
  });
});
