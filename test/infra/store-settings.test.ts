import { afterAll, beforeAll, expect, it } from 'vitest';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

const WINDOWS = { maintenanceWindow: 'sat:18:00-sat:19:00', snapshotWindow: '17:00-18:00', autoMinorVersionUpgrade: false };

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create({ ...AWS_CONFIG, store: WINDOWS });
});
afterAll(() => app?.remove());

it('has the configured windows, and no upgrades where they are turned off', () => {
  expect(app.resources('AWS::ElastiCache::ReplicationGroup').map(({ Properties }) => Properties)).toMatchObject([
    { PreferredMaintenanceWindow: 'sat:18:00-sat:19:00', SnapshotWindow: '17:00-18:00', AutoMinorVersionUpgrade: false },
  ]);
});

it('delivers the logs of services below /aws/vendedlogs/ alone, which needs no line in the account’s resource policy', () => {
  const groups = app.resources('AWS::Logs::LogGroup');
  const referred = (one: FoundResource, property: string) =>
    [...JSON.stringify(one.Properties[property]).matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)].flatMap(([, id]) =>
      groups.filter(({ stackName, logicalId }) => stackName === one.stackName && logicalId === id),
    );
  const delivered = [
    ...app.resources('AWS::ElastiCache::ReplicationGroup').flatMap((one) => referred(one, 'LogDeliveryConfigurations')),
    ...app
      .resources('AWS::StepFunctions::StateMachine')
      .filter(({ Properties }) => Properties['LoggingConfiguration'] !== undefined)
      .flatMap((one) => referred(one, 'LoggingConfiguration')),
  ].map(({ Properties }) => Properties['LogGroupName']);
  expect(delivered).toContain('/aws/vendedlogs/elasticache/holdfast-sessions/engine');
  expect(delivered.length).toBeGreaterThan(5);
  expect(delivered.filter((name) => !String(name).startsWith('/aws/vendedlogs/'))).toEqual([]);
});
