import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopted, EXISTING_GROUP } from './adopted-configs.ts';
import { AWS_CONFIG, EXTENDED_CONFIG, SynthesizedApp } from './synthesized.ts';

let created: SynthesizedApp;
let existing: SynthesizedApp;
let without: SynthesizedApp;
beforeAll(async () => {
  created = await SynthesizedApp.create(EXTENDED_CONFIG);
  existing = await SynthesizedApp.create(adopted({ ...EXISTING_GROUP, incidents: { criticalActions: true } }));
  without = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(async () => {
  await Promise.all([created, existing, without].map((app) => app?.remove()));
});

const tables = (app: SynthesizedApp) =>
  app.resources('AWS::DynamoDB::Table').filter(({ Properties }) => Properties['TableName'] === 'holdfast-web-critical-actions');

describe('criticalActions', () => {
  it('creates nothing by default', () => {
    expect(tables(without)).toEqual([]);
  });

  it('creates an encrypted table that expires and counts what is pending by a sparse index', () => {
    const [table] = tables(created);
    expect(table?.Properties).toMatchObject({
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [{ IndexName: 'pending', Projection: { ProjectionType: 'KEYS_ONLY' } }],
    });
    expect(table?.DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  it.each([
    ['created', () => created],
    ['existing', () => existing],
  ])("allows the servers' %s role three calls on that table, and no index", (_, app) => {
    const statements = app()
      .resources('AWS::IAM::Policy')
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown; Resource: unknown }[] }).Statement)
      .filter(({ Resource }) => JSON.stringify(Resource).includes('CriticalActionsTable'));
    expect(statements).toMatchObject([
      { Action: ['dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], Resource: { 'Fn::GetAtt': [expect.any(String), 'Arn'] } },
    ]);
  });

  it('allows the runbook to count by the index alone', () => {
    const statements = created
      .resources('AWS::IAM::Policy')
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown; Resource: unknown }[] }).Statement)
      .filter(({ Resource }) => JSON.stringify(Resource).includes('table/holdfast-web-critical-actions'));
    expect(statements).toMatchObject([{ Action: 'dynamodb:Query' }]);
    expect(JSON.stringify(statements)).toContain('table/holdfast-web-critical-actions/index/pending');
  });

  it("gives the application the table's name, the secret's ARN, and access to AWS", () => {
    const [template] = created.resources('AWS::EC2::LaunchTemplate');
    const text = JSON.stringify(template?.Properties);
    expect(text).toContain('critical_actions_secret_arn');
    expect(text).toContain("aws_access='true'");
  });
});
