/** A fleet with a canary: what it adds to the templates, what it may do, and what it costs. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleetAlarmNames } from '../../functions/shared/naming.ts';
import { type Assembly, readAssembly } from '../../lab/cost/assembly.ts';
import { estimateCost } from '../../lab/cost/estimate-cost.ts';
import { runbookAnchors } from '../runbook.ts';
import { canaryConfig } from './canary-config.ts';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let without: SynthesizedApp;
let assembly: Assembly;
beforeAll(async () => {
  app = await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true, canary: canaryConfig() } } });
  without = await SynthesizedApp.create(AWS_CONFIG);
  assembly = await readAssembly(app.folder);
});
afterAll(async () => {
  await Promise.all([app, without].map((one) => one?.remove()));
});

const isCanary = ({ logicalId }: FoundResource) => logicalId.includes('Canary');
const added = () => {
  const before = new Set(
    without.stackNames.flatMap((name) => Object.keys(without.template(name.replace('holdfast-', '')).toJSON()['Resources'] as object)),
  );
  return app.stackNames.flatMap((name) =>
    Object.keys(app.template(name.replace('holdfast-', '')).toJSON()['Resources'] as object).filter(
      (id) => !before.has(id) && !/CurrentVersion/.test(id),
    ),
  );
};
interface Statement {
  readonly Action: unknown;
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
const statementsOf = (id: string): Statement[] =>
  app
    .resources('AWS::IAM::Policy')
    .filter(({ logicalId }) => logicalId.startsWith(id))
    .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement);
const alarm = (name: string) =>
  app.resources('AWS::CloudWatch::Alarm').find(({ Properties }) => Properties['AlarmName'] === `holdfast-web-${name}`)?.Properties;

describe('a fleet with a canary', () => {
  it('gets resources of the canary alone', () => {
    expect(added().filter((id) => !id.startsWith('Canary'))).toEqual([]);
    expect(added().length).toBeGreaterThan(8);
  });

  it('has a function outside the VPC, which a schedule calls every five minutes and nothing repeats', () => {
    const fn = app.resources('AWS::Lambda::Function').find(({ Properties }) => Properties['FunctionName'] === 'holdfast-web-canary');
    expect(fn?.Properties).toMatchObject({
      Timeout: 600,
      Environment: { Variables: { HOLDFAST_CANARY_URL: 'https://shop.example.com/' } },
    });
    expect(fn?.Properties).not.toHaveProperty('VpcConfig');
    expect(JSON.stringify(fn?.Properties['Environment']).length).toBeLessThan(4_096);
    const schedule = app.resources('AWS::Scheduler::Schedule').find(isCanary);
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      Target: { Input: '{"step":"turn"}', RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    expect(app.resources('AWS::Lambda::EventInvokeConfig').find(isCanary)?.Properties).toMatchObject({ MaximumRetryAttempts: 0 });
  });

  it('lets it read two passwords and the deploys, and write its own records and its own sessions', () => {
    const may = statementsOf('CanaryFunction').map(({ Action, Resource, Condition }) => [Action, JSON.stringify(Resource), Condition]);
    expect(may.filter(([action]) => !JSON.stringify(action).includes('logs:'))).toEqual([
      [
        ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        expect.any(String),
        { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['FLEET#web'] } },
      ],
      [
        ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        expect.any(String),
        { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['CANARY#web'] } },
      ],
      [['ssm:GetParameter', 'ssm:PutParameter'], expect.stringContaining('parameter/holdfast/holdfast/web/canary-sessions"'), undefined],
      ['secretsmanager:GetSecretValue', expect.stringMatching(/secret:shop\/anna-\?{6}.*secret:shop\/ben-\?{6}/), undefined],
    ]);
    // Nobody else reads the sessions.
    const others = app
      .resources('AWS::IAM::Policy')
      .filter((one) => !isCanary(one) && JSON.stringify(one.Properties).includes('canary-sessions'));
    expect(others).toEqual([]);
  });

  it('lets readers and the collector of incidents read what it found', () => {
    const reader = app
      .resources('AWS::IAM::ManagedPolicy')
      .find(({ Properties }) => Properties['ManagedPolicyName'] === 'holdfast-web-reader');
    expect(JSON.stringify(reader?.Properties)).toContain('CANARY#web');
    expect(JSON.stringify(reader?.Properties)).toContain('holdfast-web-canary-widget:live');
    expect(JSON.stringify(statementsOf('FunctionsCollectRole'))).toContain('CANARY#web');
    const parameters = app.resources('AWS::SSM::Parameter').map(({ Properties }) => JSON.stringify(Properties['Value']));
    expect(parameters.some((value) => value.includes('canary'))).toBe(true);
  });

  it('has two alarms, which doctor checks, with headings of the runbook', () => {
    expect(alarm('canary-findings')).toMatchObject({ MetricName: 'CanaryFindings', Threshold: 1, TreatMissingData: 'ignore', Period: 300 });
    expect(alarm('canary-silent')).toMatchObject({
      ...{ MetricName: 'CanaryRan', Threshold: 0, TreatMissingData: 'breaching', Period: 300, EvaluationPeriods: 4 },
      ...{ DatapointsToAlarm: 4, ComparisonOperator: 'LessThanOrEqualToThreshold' },
    });
    const names = fleetAlarmNames('holdfast', 'web', { group: true, retention: false, canary: true }).filter((name) =>
      name.includes('canary'),
    );
    expect(names).toEqual(['holdfast-web-canary-findings', 'holdfast-web-canary-silent']);
    for (const name of ['canary-findings', 'canary-silent']) {
      expect(String(alarm(name)?.['AlarmDescription'])).toContain(`docs/runbook/administration.md#${name}`);
      expect(runbookAnchors()).toContain(`docs/runbook/administration.md#${name}`);
    }
  });

  it('shows it on the dashboard of the web tier', () => {
    const bodyOf = (of: SynthesizedApp) =>
      JSON.stringify(
        of.resources('AWS::CloudWatch::Dashboard').find(({ Properties }) => Properties['DashboardName'] === 'holdfast-web-web-tier'),
      );
    for (const text of ['CanaryFindings', 'CanarySessionsVanished', 'CanaryRan', 'Canary of web']) expect(bodyOf(app)).toContain(text);
    expect(bodyOf(without)).not.toContain('Canary');
  });

  it('costs at most two dollars a month more, passwords included, and everything of it is priced', async () => {
    const before = await readAssembly(without.folder);
    const cost = (of: Assembly) => estimateCost(of, { servers: 4 });
    expect(cost(assembly).assumptions.notPriced).toEqual([]);
    const more = cost(assembly).monthlyUsd - cost(before).monthlyUsd;
    expect(more).toBeGreaterThan(1);
    expect(more).toBeLessThanOrEqual(2);
    expect(cost(assembly).lines.find(({ item }) => item === 'passwords of the canary')).toMatchObject({ quantity: 2 });
    expect(cost(before).lines.some(({ arithmetic }) => arithmetic.includes('canary'))).toBe(false);
  });

  it('changes the templates only on purpose', async () => {
    const template = app.template('web-web-tier').toJSON() as { Resources: Record<string, unknown> };
    const own = Object.fromEntries(Object.entries(template.Resources).filter(([id]) => id.startsWith('Canary')));
    const text = JSON.stringify(own, null, 2)
      .replaceAll(/[0-9a-f]{64}\.zip/g, '<asset>.zip')
      .replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1<version>');
    await expect(`${text}\n`).toMatchFileSnapshot(path.join(import.meta.dirname, '__snapshots__', 'canary.template.json'));
  });
});
