/** What the mitigating function may change: what the mitigations do, whatever their modes are, since a person can ask for each. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AWS_CONFIG, EXTENDED_CONFIG, SynthesizedApp } from './synthesized.ts';

const made: SynthesizedApp[] = [];
let observing: readonly Grant[];
let acting: readonly Grant[];
interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly condition: string;
}

async function grantsOf(config: Parameters<typeof SynthesizedApp.create>[0]): Promise<readonly Grant[]> {
  const app = await SynthesizedApp.create(config);
  made.push(app);
  const policies = app
    .resources('AWS::IAM::Policy')
    .filter(({ Properties }) => JSON.stringify(Properties['Roles']).includes('FunctionsMitigate'));
  const statements = policies.flatMap(
    ({ Properties }) =>
      (Properties['PolicyDocument'] as { Statement: { Action: string | string[]; Resource: unknown; Condition?: unknown }[] }).Statement,
  );
  return statements.flatMap(({ Action, Resource, Condition }) =>
    [Action].flat().map((action) => ({ action, resource: JSON.stringify(Resource), condition: JSON.stringify(Condition ?? {}) })),
  );
}

beforeAll(async () => {
  observing = await grantsOf(AWS_CONFIG);
  acting = await grantsOf(EXTENDED_CONFIG);
});
afterAll(() => Promise.all(made.map((app) => app.remove())));

const actions = (grants: readonly Grant[]) => new Set(grants.map(({ action }) => action));
it('has the latest deploys of a fleet read, each by its key', () => {
  const onFleet = observing.filter(({ condition }) => condition.includes('FLEET#web'));
  expect(onFleet.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']),
  );
});

it('is what the mitigations change, and nothing else of these services', () => {
  const isChange = (action: string) => /^(?:autoscaling|elasticache|elasticloadbalancing|states):(?!Describe|List)/.test(action);
  for (const grants of [observing, acting])
    expect([...actions(grants)].filter(isChange).toSorted()).toEqual([
      'elasticache:ModifyReplicationGroup',
      'elasticloadbalancing:AddTags',
      'elasticloadbalancing:CreateRule',
      'elasticloadbalancing:DeleteRule',
      'elasticloadbalancing:ModifyTargetGroupAttributes',
      'states:StartExecution',
      'states:StopExecution',
    ]);
});

/** CloudFormation replaces the group when its family changes with the engine's version, and refuses that while another stack imports it. */
it('reaches it by a parameter that the next deployment reads again, and by no export', () => {
  const [app] = made as [SynthesizedApp];
  const [parameter] = app
    .resources('AWS::SSM::Parameter')
    .filter(({ Properties }) => Properties['Name'] === '/holdfast/holdfast/store-parameter-group');
  const [group] = app.resources('AWS::ElastiCache::ParameterGroup');
  expect(parameter).toMatchObject({ stackName: 'holdfast-session-store', Properties: { Value: { Ref: group?.logicalId } } });
  expect(JSON.stringify(app.template('session-store').toJSON()['Outputs'])).not.toContain(group?.logicalId);
});
