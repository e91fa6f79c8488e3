/** Every permission of the functions of incidents allows what it is for, and refuses what lies next to it. */
import { DescribeListenersCommand, DescribeRulesCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PolicyStatement, permissionsOf } from '#local-aws/iam/compare-permissions.ts';
import { incidentsFunctionName } from '../../functions/incidents/contract/environment.ts';
import { functionName, targetGroupName } from '../../functions/shared/naming.ts';
import { physicalIds } from './cdk.ts';
import { elb, groupInstances, kept } from './fleet.ts';
import { STATEMENTS } from './incident-permission-cases.ts';
import { makeDouble, type RoleDouble } from './role-double.ts';
import { HERE, type Place, type Try } from './statement-cases.ts';
import { policiesOf } from './taken-permission.ts';

let place: Place;

beforeAll(async () => {
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }));
  const [{ TargetGroupArn: targetGroupArn = '', LoadBalancerArns: [LoadBalancerArn] = [] } = {}] = TargetGroups;
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const listenerArn = Listeners[0]?.ListenerArn ?? '';
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn: listenerArn }));
  const [instance] = await groupInstances();
  const [queueUrl = ''] = Object.values(await physicalIds('holdfast-incidents', ['AWS::SQS::Queue']));
  place = {
    ...{ targetGroupArn, listenerArn, ruleArn: Rules.find(({ IsDefault }) => IsDefault)?.RuleArn ?? '' },
    ...{ instanceId: instance?.id ?? '', queueArn: `arn:aws:sqs:${HERE}:${queueUrl.split('/').at(-1)}` },
  };
});

/** The inline policies of a function's role, without what the runtime itself may do: logs, traces, network interfaces. */
async function statementsOf(role: string): Promise<readonly PolicyStatement[]> {
  const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  try {
    const FunctionName = role === 'lines' ? functionName('holdfast', 'web', role) : incidentsFunctionName('holdfast', role);
    const { Role = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    return (await policiesOf(Role)).flatMap(({ statements }) => statements);
  } finally {
    lambda.destroy();
  }
}

/** Errors of the credentials or of the connection: they show nothing of permissions. */
const OF_NOBODY = /security token|signature|ECONNREFUSED|timed out/i;
const OF_THE_RUNTIME = /^(logs|xray|ec2):/;
/** What generated ids are part of is named without them. */
const nameOf = (arn: string): string =>
  arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/^(targetgroup\/[^/]+)\/.*$/, '$1')
    .replace(/^(holdfast-incidents-Unhandled)Queue.*$/, '$1')
    .replace(/^holdfast-releases-[^/]+/, 'releases');

function labelsOf(statements: readonly PolicyStatement[]): { readonly anywhere: string[]; readonly narrowed: string[] } {
  const own = permissionsOf('', statements).filter(({ action }) => !OF_THE_RUNTIME.test(action));
  const narrowed = own.filter(({ resource }) => resource !== '*');
  return {
    anywhere: own.filter(({ resource }) => resource === '*').map(({ action }) => action),
    narrowed: narrowed.map(({ action, resource, condition }) => {
      const required = Object.values(condition ?? {}).flatMap((keys) => Object.values(keys as Record<string, string | string[]>));
      return `${action} ${nameOf(resource)}${required.length > 0 ? ` of ${required.flat().join(', ')}` : ''}`;
    }),
  };
}

describe.each(Object.entries(STATEMENTS))('the role of %s', (role, { anywhere, narrowed }) => {
  let statements: readonly PolicyStatement[];
  let double: RoleDouble;
  beforeAll(async () => {
    statements = await statementsOf(role);
    double = await makeDouble(`double-of-${role}`, statements);
  });
  afterAll(() => double?.remove());

  /** Refused by its policies; whatever else an API answers is not. @throws what says that nobody was asked */
  async function isRefused(action: string, attempt: Try): Promise<boolean> {
    if (typeof attempt !== 'function') {
      const { resource, context } = attempt;
      return !(await double.allows(action, typeof resource === 'string' ? resource : resource(place), context));
    }
    try {
      await attempt(double.clients, place);
      return false;
    } catch (error) {
      const { name, message } = error as Error;
      if (OF_NOBODY.test(message)) throw error;
      // S3 names no action.
      return message.includes(`not authorized to perform: ${action}`) || (action.startsWith('s3:') && name === 'AccessDenied');
    }
  }

  it('has no permission but those that are tried here, and none for anything but where AWS knows nothing narrower', () => {
    const found = labelsOf(statements);
    expect(found.anywhere.toSorted()).toEqual([...anywhere].toSorted());
    expect(found.narrowed.toSorted()).toEqual(Object.keys(narrowed).toSorted());
  });

  it.each(Object.entries(narrowed))('is allowed %s, and nothing beyond', async (label, { within, beyond }) => {
    const [action = ''] = label.split(' ');
    expect({ within: await isRefused(action, within), beyond: await isRefused(action, beyond) }).toEqual({ within: false, beyond: true });
  });
});
