import type { LocalService } from './gateway/service.ts';
export function createCloudWatchService(_o: unknown): LocalService & { sink: { record(d: unknown): void }; ingestLogLine(l: unknown): void } {
  const names: string[] = []; const p = { create: async (r: { properties: Record<string, unknown>; logicalId: string }) => (names.push(String(r.properties['AlarmName'])), { physicalId: String(r.properties['AlarmName'] ?? r.logicalId), attributes: { Arn: 'arn:x' } }), update: async (r: { physicalId: string }) => ({ physicalId: r.physicalId, attributes: { Arn: 'arn:x' } }), delete: async () => {} };
  return { signingNames: ['monitoring'], protocol: { kind: 'json', version: '1.0' }, operations: { DescribeAlarms: () => ({ MetricAlarms: names.map((AlarmName) => ({ AlarmName, StateValue: 'OK' })) }) }, resourceTypes: { 'AWS::CloudWatch::Alarm': p }, notEmulated: [], stop: async () => {}, sink: { record: () => {} }, ingestLogLine: () => {} };
}
