import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definitionOf } from './state-machine-definition.ts';
import { SynthesizedApp } from './synthesized.ts';

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Every statement of every role's policies. */
const statements = (of: SynthesizedApp) =>
  of.resources('AWS::IAM::Policy').flatMap(({ logicalId, Properties }) =>
    (Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement.map((statement) => ({
      role: logicalId,
      actions: list(statement['Action']).map(String),
      resources: list(statement['Resource']),
    })),
  );

describe('a fleet whose deploys wait for sessions', () => {
  let sticky: SynthesizedApp;
  beforeAll(async () => {
    sticky = await SynthesizedApp.create({
      fleets: { web: { allowPlainHttp: true, strategy: 'sticky', deploy: { onDrainTimeout: 'cut' } } },
    });
  });
  afterAll(() => sticky?.remove());

  const changing = (role: RegExp) =>
    statements(sticky).filter(
      (statement) => role.test(statement.role) && statement.actions.some((action) => /Rule$|Targets$/.test(action)),
    );

  it('lets two functions change the one drain rule and the two groups, and creates and deletes no rule', () => {
    for (const role of [/^Sessions/, /^Reconcile/]) {
      const [targets, rule] = changing(role).filter(({ resources }) => !resources.includes('*'));
      expect(targets?.actions.toSorted()).toEqual(['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets']);
      expect(targets?.resources).toHaveLength(2);
      expect(rule?.actions).toEqual(['elasticloadbalancing:ModifyRule']);
      expect(JSON.stringify(rule?.resources)).toMatch(/drainrule/i);
    }
    const rules = statements(sticky).filter(({ actions }) => actions.includes('elasticloadbalancing:ModifyRule'));
    expect(rules).toHaveLength(2);
    expect(changing(/^(Traffic|Command)/).flatMap(({ actions }) => actions)).not.toContain('elasticloadbalancing:ModifyRule');
  });

  it('lets the function that pins sessions read how the drain group is set, which the reconciler does not ask', () => {
    const read = 'elasticloadbalancing:DescribeTargetGroupAttributes';
    const reading = (role: RegExp) => statements(sticky).some((statement) => role.test(statement.role) && statement.actions.includes(read));
    expect([reading(/^Sessions/), reading(/^DryRun/), reading(/^Reconcile/)]).toEqual([true, true, false]);
  });

  it('looks at a server before it leaves the load balancer, where the end of a drain may cut', () => {
    const isIn = (name: string, before: string) => {
      const found = sticky.resources('AWS::StepFunctions::StateMachine').find(({ Properties }) => Properties['StateMachineName'] === name);
      if (!found) throw new Error(`there is no ${name}`);
      const { States } = definitionOf(found);
      return Object.values(States).some(({ Choices = [] }) => Choices.some(({ Next }) => Next === 'Deregister')) && before in States;
    };
    expect(isIn('holdfast-web-roll-target', 'Look at requests: check')).toBe(true);
  });

  it('lets an operator end the wait, and nobody else', () => {
    const invoking = sticky
      .resources('AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) => JSON.stringify(Properties).includes(':holdfast-web-end-drain:live'))
      .map(({ Properties }) => Properties['ManagedPolicyName']);
    expect(invoking).toEqual(['holdfast-web-operator']);
  });

  it('lets the dry run read the deploys on record, each by its key', () => {
    const [own] = statements(sticky).filter(({ role, actions }) => /^DryRun/.test(role) && actions.includes('dynamodb:BatchGetItem'));
    expect(own?.actions.toSorted()).toEqual(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']);
  });

  it('lets the dry run read the rules and run the one document that only reads, and change nothing', () => {
    const own = statements(sticky).filter(({ role }) => /^DryRun/.test(role));
    const actions = new Set(own.flatMap((statement) => statement.actions));
    expect([...actions].filter((action) => !/^(xray|logs):|:(Get|BatchGet|Describe|Query)/.test(action)).toSorted()).toEqual([
      'lambda:InvokeFunction',
      'ssm:SendCommand',
    ]);
    const sending = own.filter((statement) => statement.actions.includes('ssm:SendCommand'));
    expect(JSON.stringify(sending)).toContain('holdfast-observe');
    expect(JSON.stringify(sending)).not.toMatch(/install-release|wait-idle/);
    expect(JSON.stringify(own.find((statement) => statement.actions.includes('lambda:InvokeFunction'))?.resources)).toMatch(/StoreCheck/);
  });
});
