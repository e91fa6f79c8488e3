/** The SDKs' own serializers against the gateway: what a service gives is what a program gets, and errors keep AWS's names. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeRulesCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeReplicationGroupsCommand, ElastiCacheClient, ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIST_ITEM_NAMES } from '../../elasticache/list-item-names.ts';
import { AwsError, type LocalService, type Operation, type Protocol } from '../../service/service.ts';
import { type Fixture, service, startFixture } from './gateway-fixture.ts';

const AT = new Date('2026-11-20T09:00:00.500Z');
const inputs: Record<string, Record<string, unknown>> = {};
const fail =
  (code: string, status = 400): Operation =>
  () => {
    throw new AwsError(code, `it is <${code}>`, status);
  };
/** Remembers the input and gives `output`. */
const answer =
  (name: string, output?: object): Operation =>
  (input) => {
    inputs[name] = input;
    return output;
  };

const fake = (signingName: string, protocol: Protocol, operations: LocalService['operations']) =>
  service({ signingNames: [signingName], protocol, operations });

let fixture: Fixture;
let config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string }; maxAttempts: number };

beforeAll(async () => {
  fixture = await startFixture([
    fake(
      'elasticloadbalancing',
      { kind: 'query', xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/' },
      {
        RegisterTargets: answer('RegisterTargets', {}),
        DescribeTargetHealth: answer('DescribeTargetHealth', {
          TargetHealthDescriptions: [{ Target: { Id: 'i-1', Port: 8080 }, TargetHealth: { State: 'healthy' } }],
        }),
        DescribeRules: fail('RuleNotFound'),
      },
    ),
    fake(
      'elasticache',
      { kind: 'query', xmlNamespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/', listItemNames: LIST_ITEM_NAMES },
      {
        DescribeReplicationGroups: answer('DescribeReplicationGroups', {
          ReplicationGroups: [
            { ReplicationGroupId: 'a', MemberClusters: ['a-1', 'a-2'], NodeGroups: [], TransitEncryptionEnabled: true, SnapshotWindow: '' },
          ],
        }),
        ModifyReplicationGroup: fail('ReplicationGroupNotFoundFault', 404),
      },
    ),
    fake(
      'autoscaling',
      { kind: 'query', xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/' },
      {
        DescribeAutoScalingGroups: answer('DescribeAutoScalingGroups', {
          AutoScalingGroups: [{ AutoScalingGroupName: 'g', MinSize: 0, CreatedTime: AT, SuspendedProcesses: [] }],
        }),
      },
    ),
    fake(
      'ssm',
      { kind: 'json', version: '1.1' },
      {
        SendCommand: answer('SendCommand', { Command: { CommandId: 'c', RequestedDateTime: AT, InstanceIds: ['i-1'], TargetCount: 1 } }),
        GetCommandInvocation: fail('InvocationDoesNotExist'),
      },
    ),
    fake(
      'monitoring',
      { kind: 'json', version: '1.0', xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/' },
      {
        PutMetricData: answer('PutMetricData'),
        GetMetricStatistics: answer('GetMetricStatistics', {
          Label: 'x',
          Datapoints: [{ Timestamp: AT, Average: 1.25, Sum: 3, Unit: undefined, ExtendedStatistics: { p99: 1.5 } }],
        }),
        DescribeAlarms: fail('InvalidNextToken'),
      },
    ),
  ]);
  config = {
    endpoint: fixture.gateway.url,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
});
afterAll(() => fixture.close());

const failure = (sent: Promise<unknown>) =>
  sent.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('Query clients', () => {
  it('Elastic Load Balancing sends lists of structures and reads numbers in them', async () => {
    const client = new ElasticLoadBalancingV2Client(config);
    const Targets = [{ Id: 'i-1', Port: 80 }, { Id: 'i-2' }];
    await client.send(new RegisterTargetsCommand({ TargetGroupArn: 'arn', Targets }));
    expect(inputs['RegisterTargets']).toEqual({ TargetGroupArn: 'arn', Targets: [{ Id: 'i-1', Port: '80' }, { Id: 'i-2' }] });
    const { TargetHealthDescriptions, $metadata } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'arn' }));
    expect(TargetHealthDescriptions).toEqual([{ Target: { Id: 'i-1', Port: 8080 }, TargetHealth: { State: 'healthy' } }]);
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('Elastic Load Balancing reads an error by its name', async () => {
    expect(await failure(new ElasticLoadBalancingV2Client(config).send(new DescribeRulesCommand({ RuleArns: ['r'] })))).toMatchObject({
      name: 'RuleNotFoundException',
      Code: 'RuleNotFound',
      message: 'it is <RuleNotFound>',
    });
  });

  it("ElastiCache reads lists with the items' own names, empty ones and flags", async () => {
    const reply = await new ElastiCacheClient(config).send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: 'a' }));
    expect(reply.ReplicationGroups).toEqual([
      { ReplicationGroupId: 'a', MemberClusters: ['a-1', 'a-2'], NodeGroups: [], TransitEncryptionEnabled: true, SnapshotWindow: '' },
    ]);
  });

  it('ElastiCache sends lists with their own item names, and reads an error by its name', async () => {
    const client = new ElastiCacheClient(config);
    const change = { ReplicationGroupId: 'a', UserGroupIdsToAdd: ['u'], ApplyImmediately: true };
    expect(await failure(client.send(new ModifyReplicationGroupCommand(change)))).toMatchObject({
      name: 'ReplicationGroupNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('Auto Scaling reads dates and sends lists of strings', async () => {
    const reply = await new AutoScalingClient(config).send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['g', 'h'], IncludeInstances: false }),
    );
    expect(inputs['DescribeAutoScalingGroups']).toEqual({ AutoScalingGroupNames: ['g', 'h'], IncludeInstances: 'false' });
    expect(reply.AutoScalingGroups).toMatchObject([{ MinSize: 0, CreatedTime: AT, SuspendedProcesses: [] }]);
  });
});

describe('JSON clients', () => {
  it('Systems Manager sends and reads maps, lists, numbers and dates', async () => {
    const Parameters = { Version: ['1.2.3'], Quoted: ['a "b"'] };
    const reply = await new SSMClient(config).send(
      new SendCommandCommand({ DocumentName: 'd', InstanceIds: ['i-1'], Parameters, TimeoutSeconds: 60 }),
    );
    expect(inputs['SendCommand']).toMatchObject({ DocumentName: 'd', InstanceIds: ['i-1'], Parameters, TimeoutSeconds: 60 });
    expect(reply.Command).toEqual({ CommandId: 'c', RequestedDateTime: AT, InstanceIds: ['i-1'], TargetCount: 1 });
  });

  it('Systems Manager reads an error by its name', async () => {
    const sent = new SSMClient(config).send(new GetCommandInvocationCommand({ CommandId: 'c', InstanceId: 'i-1' }));
    expect(await failure(sent)).toMatchObject({ name: 'InvocationDoesNotExist', message: 'it is <InvocationDoesNotExist>' });
  });
});

describe.each([
  ['JSON', undefined],
  ['RPC v2 CBOR', SmithyRpcV2CborProtocol],
])('CloudWatch clients that speak %s', (_, protocol) => {
  // This release announces the length before compression with CBOR, and then waits for an answer for ever.
  const client = () => new CloudWatchClient({ ...config, ...(protocol && { protocol, disableRequestCompression: true }) });

  it('read dates, fractions and maps', async () => {
    const reply = await client().send(
      new GetMetricStatisticsCommand({ Namespace: 'N', MetricName: 'm', StartTime: AT, EndTime: AT, Period: 60, Statistics: ['Sum'] }),
    );
    expect(reply.Datapoints).toEqual([{ Timestamp: AT, Average: 1.25, Sum: 3, ExtendedStatistics: { p99: 1.5 } }]);
    const { StartTime, Period } = inputs['GetMetricStatistics'] ?? {};
    expect([new Date(StartTime instanceof Date ? StartTime : Number(StartTime) * 1000), Period]).toEqual([AT, 60]);
  });

  it('send many data, which are compressed where the client can', async () => {
    const MetricData = Array.from({ length: 500 }, (_, index) => ({ MetricName: `metric-${index}`, Value: index + 0.5, Timestamp: AT }));
    await client().send(new PutMetricDataCommand({ Namespace: 'N', MetricData }));
    const sent = inputs['PutMetricData']?.['MetricData'] as unknown[];
    expect(sent).toHaveLength(500);
    expect(sent[499]).toMatchObject({ MetricName: 'metric-499', Value: 499.5 });
  });

  it('read an error by its name', async () => {
    expect(await failure(client().send(new DescribeAlarmsCommand({})))).toMatchObject({
      name: 'InvalidNextToken',
      message: 'it is <InvalidNextToken>',
    });
  });
});
