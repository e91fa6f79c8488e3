/** CloudFormation's CloudWatch types, through the same code that answers the API. */
import { randomUUID } from 'node:crypto';
import type { ResourceProvider, ResourceRequest } from '../service/service.ts';
import { type AlarmContext, putMetricAlarm } from './alarm-operations.ts';
import { type DashboardContext, putDashboard } from './dashboard-operations.ts';

export function resourceTypes(alarms: AlarmContext, dashboards: DashboardContext): Record<string, ResourceProvider> {
  return {
    'AWS::CloudWatch::Alarm': alarmProvider(alarms),
    'AWS::CloudWatch::Dashboard': dashboardProvider(dashboards),
  };
}

/** The property that names the resource; without it CloudFormation makes a name. */
function nameFor(request: ResourceRequest, property: string, existing?: string): string {
  const given = request.properties[property];
  if (typeof given === 'string' && given !== '') return given;
  return existing ?? `${request.stackName}-${request.logicalId}-${randomUUID().slice(0, 13).replace('-', '').toUpperCase()}`;
}

function alarmProvider(context: AlarmContext): ResourceProvider {
  const apply = async (request: ResourceRequest, existing?: string) => {
    const alarm = putMetricAlarm(context, { ...request.properties, AlarmName: nameFor(request, 'AlarmName', existing) });
    return { physicalId: alarm.name, attributes: { Arn: alarm.arn } };
  };
  return {
    create: (request) => apply(request),
    update: (request) => apply(request, request.physicalId),
    async delete({ physicalId }) {
      const alarm = context.registry.alarms.get(physicalId);
      if (alarm === undefined) return;
      context.registry.delete(alarm);
      context.tagStore.delete(alarm.arn);
    },
  };
}

function dashboardProvider(context: DashboardContext): ResourceProvider {
  const apply = async (request: ResourceRequest, existing?: string) => {
    const dashboard = putDashboard(context, { ...request.properties, DashboardName: nameFor(request, 'DashboardName', existing) });
    return { physicalId: dashboard.name, attributes: {} };
  };
  return {
    create: (request) => apply(request),
    update: (request) => apply(request, request.physicalId),
    async delete({ physicalId }) {
      context.dashboards.delete(physicalId);
    },
  };
}
