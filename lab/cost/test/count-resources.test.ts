import { describe, expect, it } from 'vitest';
import { countAlarmMetrics, countResources, unknownTypes } from '../count-resources.ts';
import { alarms, functionOf, stackOf } from './templates.ts';

const metric = (Period: number) => ({ MetricStat: { Period } });

describe('an alarm is charged for', () => {
  it.each<[string, Record<string, unknown>, number, number]>([
    ['its metric', { Period: 60 }, 1, 0],
    ['its metric at high resolution', { Period: 10 }, 0, 1],
    ['each metric of its expression, and not for the expression', { Metrics: [metric(60), metric(300), { Expression: 'm1/m2' }] }, 2, 0],
    ['high resolution when one of its metrics has it', { Metrics: [metric(60), metric(10)] }, 0, 2],
    ['a metric and the two edges of its band', { Metrics: [metric(60), { Expression: 'ANOMALY_DETECTION_BAND(m1, 2)' }] }, 3, 0],
  ])('%s', (_, properties, standard, highResolution) => {
    expect(countAlarmMetrics(properties)).toEqual({ standard, highResolution });
  });
});

describe('counting resources', () => {
  it('adds up over stacks', () => {
    const counts = countResources([
      stackOf('a', { ...alarms(2), ...functionOf('web') }),
      stackOf('b', { ...alarms(1), Topic: { Type: 'AWS::SNS::Topic' }, Board: { Type: 'AWS::CloudWatch::Dashboard' } }),
    ]);
    expect(counts).toMatchObject({ alarms: 3, alarmMetrics: { standard: 3 }, topics: 1, dashboards: 1, keys: 0 });
  });

  it('counts an interface endpoint in each of its subnets, and gateway endpoints not at all', () => {
    const endpoint = (VpcEndpointType: string, SubnetIds: string[]) => ({
      Type: 'AWS::EC2::VPCEndpoint',
      Properties: { VpcEndpointType, SubnetIds },
    });
    const stack = stackOf('network', { A: endpoint('Interface', ['1', '2', '3']), B: endpoint('Gateway', []) });
    expect(countResources([stack]).interfaceEndpoints).toBe(3);
  });

  it('counts a custom metric for each transformation of a metric filter', () => {
    const filter = { Type: 'AWS::Logs::MetricFilter', Properties: { MetricTransformations: [{}, {}] } };
    expect(countResources([stackOf('a', { filter })]).metricFilters).toBe(2);
  });

  it('names the types that it has no price for', () => {
    const stack = stackOf('a', { Nat: { Type: 'AWS::EC2::NatGateway' }, Role: { Type: 'AWS::IAM::Role' } });
    expect(unknownTypes([stack, stack])).toEqual(['AWS::EC2::NatGateway']);
  });
});
