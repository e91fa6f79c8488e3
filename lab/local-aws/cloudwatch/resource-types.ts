/** CloudFormation's CloudWatch types, through the same code that answers the API. */
import { generatedName, type ProvidedResource, type ResourceProvider, type ResourceRequest } from '../service/service.ts';
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
  return existing ?? generatedName(request);
}

type Apply = (request: ResourceRequest, existing?: string) => Promise<ProvidedResource>;

/** @param apply creates the resource, or changes the existing one */
const provider = (apply: Apply, remove: (name: string) => void): ResourceProvider => ({
  create: (request) => apply(request),
  update: (request) => apply(request, request.physicalId),
  delete: async ({ physicalId }) => remove(physicalId),
});

function alarmProvider(context: AlarmContext): ResourceProvider {
  const apply: Apply = async (request, existing) => {
    const alarm = putMetricAlarm(context, { ...request.properties, AlarmName: nameFor(request, 'AlarmName', existing) });
    return { physicalId: alarm.name, attributes: { Arn: alarm.arn } };
  };
  return provider(apply, (name) => {
    const alarm = context.registry.alarms.get(name);
    if (alarm === undefined) return;
    context.registry.delete(alarm);
    context.tagStore.delete(alarm.arn);
  });
}

function dashboardProvider(context: DashboardContext): ResourceProvider {
  const apply: Apply = async (request, existing) => {
    const dashboard = putDashboard(context, { ...request.properties, DashboardName: nameFor(request, 'DashboardName', existing) });
    return { physicalId: dashboard.name, attributes: {} };
  };
  return provider(apply, (name) => context.dashboards.delete(name));
}
