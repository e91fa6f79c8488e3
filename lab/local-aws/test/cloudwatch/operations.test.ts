import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from './fakes.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.service.stop());

describe('operations', () => {
  it('describes what was put, for the metric too', async () => {
    await world.alarm({
      Dimensions: [{ Name: 'Fleet', Value: 'web' }],
      TreatMissingData: 'notBreaching',
      Threshold: '5.5',
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    const described = await world.describe();
    expect(described).toMatchObject({
      AlarmName: 'errors',
      Dimensions: [{ Name: 'Fleet', Value: 'web' }],
      Threshold: 5.5,
      Period: 60,
      Statistic: 'Sum',
      TreatMissingData: 'notBreaching',
      ActionsEnabled: true,
    });
    const forMetric = { Namespace: 'Shop', MetricName: 'Errors', Dimensions: [{ Name: 'Fleet', Value: 'web' }] };
    expect(await world.call('DescribeAlarmsForMetric', forMetric)).toMatchObject({ MetricAlarms: [{ AlarmName: 'errors' }] });
    expect(await world.call('DescribeAlarmsForMetric', { ...forMetric, Dimensions: [] })).toEqual({ MetricAlarms: [] });
    expect(await world.call('ListTagsForResource', { ResourceARN: described['AlarmArn'] })).toEqual({ Tags: [{ Key: 'k', Value: 'v' }] });
    for (const others of [{ AlarmTypes: ['CompositeAlarm'] }, { ParentsOfAlarmName: 'errors' }])
      expect(await world.call('DescribeAlarms', others)).toEqual({ MetricAlarms: [], CompositeAlarms: [] });
    await world.call('DeleteAlarms', { AlarmNames: ['errors'] });
    expect(await world.call('DescribeAlarms', {})).toEqual({ MetricAlarms: [], CompositeAlarms: [] });
  });

  it.each([
    [{ Threshold: undefined }, 'MissingParameter'],
    [{ MetricName: undefined }, 'MissingParameter'],
    [{ ExtendedStatistic: 'p99' }, 'InvalidParameterCombination'],
    [{ Metrics: [{ Id: 'm', Expression: '1' }] }, 'InvalidParameterCombination'],
    [{ Period: 61 }, 'InvalidParameterValue'],
    [{ ComparisonOperator: 'GreaterThanUpperThreshold' }, 'InvalidParameterValue'],
    [{ TreatMissingData: 'never' }, 'InvalidParameterValue'],
    [{ DatapointsToAlarm: 2 }, 'ValidationError'],
    [{ EvaluationPeriods: 1441 }, 'ValidationError'],
    [{ AlarmActions: ['topic'] }, 'ValidationError'],
  ])('PutMetricAlarm with %j fails with %s', async (changes, code) => {
    await expect(world.alarm(changes)).rejects.toMatchObject({ code });
  });

  it.each([
    ['DeleteAlarms', { AlarmNames: ['none'] }, 'ResourceNotFound'],
    ['SetAlarmState', { AlarmName: 'none', StateValue: 'OK', StateReason: '' }, 'ResourceNotFound'],
    ['ListTagsForResource', { ResourceARN: 'arn:none' }, 'ResourceNotFoundException'],
    ['DescribeAlarms', { NextToken: 'x' }, 'InvalidNextToken'],
    ['PutDashboard', { DashboardName: 'd', DashboardBody: '{' }, 'InvalidParameterInput'],
    ['PutDashboard', { DashboardName: 'd', DashboardBody: '{"widgets":[{}]}' }, 'InvalidParameterInput'],
    ['GetDashboard', { DashboardName: 'none' }, 'ResourceNotFound'],
    ['DeleteDashboards', { DashboardNames: ['none'] }, 'ResourceNotFound'],
  ])('%s %j fails with %s', async (operation, input, code) => {
    await expect(world.call(operation, input)).rejects.toMatchObject({ code });
  });

  it('keeps dashboards', async () => {
    const body = JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: 'hi' } }] });
    await world.call('PutDashboard', { DashboardName: 'fleet', DashboardBody: body });
    expect(await world.call('GetDashboard', { DashboardName: 'fleet' })).toMatchObject({
      DashboardBody: body,
      DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/fleet',
    });
    expect(await world.call('ListDashboards', { DashboardNamePrefix: 'fl' })).toMatchObject({
      DashboardEntries: [{ DashboardName: 'fleet', Size: body.length }],
    });
  });
});

describe('CloudFormation', () => {
  it.each([
    [
      'AWS::CloudWatch::Alarm',
      {
        Namespace: 'Shop',
        MetricName: 'E',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
      },
    ],
    ['AWS::CloudWatch::Dashboard', { DashboardBody: '{"widgets":[]}' }],
  ])('creates, updates, replaces and deletes %s', async (type, properties) => {
    const provider = world.service.resourceTypes[type];
    if (provider === undefined) throw new Error('no provider');
    const request = { type, logicalId: 'Thing', stackName: 'stack', properties };
    const { physicalId, attributes } = await provider.create(request);
    expect(physicalId).toMatch(/^stack-Thing-/);
    if (type !== 'AWS::CloudWatch::Dashboard')
      expect(attributes['Arn']).toBe(`arn:aws:cloudwatch:us-east-1:000000000000:alarm:${physicalId}`);
    expect((await provider.update({ ...request, physicalId, previous: properties })).physicalId).toBe(physicalId);
    await provider.delete({ ...request, physicalId });
    await provider.delete({ ...request, physicalId });
  });
});
