/** The shop's servers in AWS: an Auto Scaling group, three plain instances, and the roles of these and of those on premises. */
import { readFileSync } from 'node:fs';
import { getAtt } from './names.ts';

const SCRIPT = readFileSync(new URL('user-data.sh', import.meta.url), 'utf8');
/** The script's variables; every value is a reference or text without quotes. */
const settings = {
  bucket: '$' + '{ArtifactsBucket}',
  secret: '$' + '{ApplicationSecret.Id}',
  store_host: '$' + '{Sessions.PrimaryEndPoint.Address}',
  store_port: '$' + '{Sessions.PrimaryEndPoint.Port}',
};
const head = (values: Record<string, string>): string =>
  ['#!/bin/bash', 'set -euo pipefail', ...Object.entries(values).map(([name, value]) => `${name}='${value}'`), ''].join('\n');

/** The same script for a machine that no template starts, after what gives it a role. */
export const serverScript = (values: Record<keyof typeof settings, string>, first: string): string => head(values) + first + SCRIPT;

const IMAGE = 'ami-0abcdef1234567890';
/** Fn::Sub applies to the settings only: the script contains the shell's own placeholders. */
const userData = { 'Fn::Base64': { 'Fn::Join': ['', [{ 'Fn::Sub': head(settings) }, SCRIPT]] } };

export const servers = (): object => ({
  InstanceRole: role('ec2.amazonaws.com'),
  ServerPolicy: {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'shop',
      Roles: [{ Ref: 'InstanceRole' }, { Ref: 'OnPremisesRole' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 's3:GetObject', Resource: { 'Fn::Sub': 'arn:aws:s3:::$' + '{ArtifactsBucket}/*' } },
          { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: getAtt('ApplicationSecret', 'Id') },
        ],
      },
    },
  },
  OnPremisesRole: role('ssm.amazonaws.com'),
  InstanceProfile: {
    Type: 'AWS::IAM::InstanceProfile',
    Properties: { InstanceProfileName: 'shop-servers', Roles: [{ Ref: 'InstanceRole' }] },
  },
  LaunchTemplate: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateName: 'shop-servers',
      LaunchTemplateData: {
        ImageId: IMAGE,
        InstanceType: 't4g.small',
        UserData: userData,
        IamInstanceProfile: { Name: 'shop-servers' },
        SecurityGroupIds: [getAtt('ServerSecurityGroup', 'GroupId')],
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'shop' }] }],
      },
    },
    DependsOn: ['InstanceProfile', 'ServerPolicy'],
  },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      AutoScalingGroupName: 'foreign-shop',
      MinSize: '3',
      MaxSize: '6',
      VPCZoneIdentifier: [{ Ref: 'WebSubnetA' }, { Ref: 'WebSubnetB' }],
      LaunchTemplate: { LaunchTemplateId: { Ref: 'LaunchTemplate' }, Version: getAtt('LaunchTemplate', 'LatestVersionNumber') },
      TargetGroupARNs: [{ Ref: 'AsgTargets' }],
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 60,
      LifecycleHookSpecificationList: [
        {
          LifecycleHookName: 'shop-collects-logs',
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
          HeartbeatTimeout: 30,
          DefaultResult: 'CONTINUE',
        },
      ],
      Tags: [{ Key: 'owner', Value: 'shop', PropagateAtLaunch: true }],
    },
  },
  Instance1: instance('WebSubnetA', 'shop-1'),
  Instance2: instance('WebSubnetB', 'shop-2'),
  Instance3: instance('WebSubnetA', 'shop-3'),
});

const instance = (subnet: string, name: string): object => ({
  Type: 'AWS::EC2::Instance',
  Properties: {
    ImageId: IMAGE,
    InstanceType: 't4g.small',
    SubnetId: { Ref: subnet },
    SecurityGroupIds: [getAtt('ServerSecurityGroup', 'GroupId')],
    IamInstanceProfile: 'shop-servers',
    UserData: userData,
    Tags: [
      { Key: 'Name', Value: name },
      { Key: 'owner', Value: 'shop' },
    ],
  },
  DependsOn: ['InstanceProfile', 'ServerPolicy'],
});

function role(service: string): object {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      },
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
    },
  };
}
