/** By function of incidents: what each of its permissions is for, and the next thing beyond it, which has to be refused. */
import {
  AddTagsCommand,
  CreateRuleCommand,
  DeleteRuleCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeReplicationGroupsCommand, ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache';
import { GetParametersCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import {
  type Call,
  executions,
  HERE,
  OTHER_FLEET,
  objects,
  publish,
  putObjects,
  records,
  type StatementCase,
  starting,
} from './statement-cases.ts';

interface RoleCases {
  /** Actions on anything: AWS knows no narrower resource, or the statement says why it names none. */
  readonly anywhere: readonly string[];
  /** By action, resource and what its condition requires. */
  readonly narrowed: Readonly<Record<string, StatementCase>>;
}

const parameters =
  (name: string): Call =>
  (as) =>
    as.ssm.send(new GetParametersCommand({ Names: [name] }));
const fleetParameters: Record<string, StatementCase> = {
  'ssm:GetParameters parameter/holdfast/holdfast/incidents/web': {
    within: parameters('/holdfast/holdfast/incidents/web'),
    beyond: parameters('/holdfast/holdfast/incidents/other'),
  },
};

/** Without the parameters that the document requires. */
const command =
  (DocumentName: string): Call =>
  (as, { instanceId }) =>
    as.ssm.send(new SendCommandCommand({ DocumentName, InstanceIds: [instanceId] }));
const ofFleet: Record<string, StatementCase> = {
  'ssm:SendCommand instance/* of holdfast/web': {
    within: { resource: `arn:aws:ec2:${HERE}:instance/i-1`, context: { 'ssm:resourceTag/holdfast:fleet': 'holdfast/web' } },
    beyond: { resource: `arn:aws:ec2:${HERE}:instance/i-1`, context: { 'ssm:resourceTag/holdfast:fleet': 'holdfast/other' } },
  },
};
const commands: Record<string, StatementCase> = {
  'ssm:SendCommand document/holdfast-access-log': {
    within: command('holdfast-access-log'),
    beyond: command('AWS-RunShellScript'),
  },
  'ssm:SendCommand document/holdfast-read-logs': { within: command('holdfast-read-logs'), beyond: command('AWS-RunShellScript') },
  ...ofFleet,
};

const witness: Record<string, StatementCase> = {
  'lambda:InvokeFunction function:holdfast-web-store-witness:live': {
    within: { resource: `arn:aws:lambda:${HERE}:function:holdfast-web-store-witness:live` },
    beyond: { resource: `arn:aws:lambda:${HERE}:function:holdfast-other-store-witness:live` },
  },
};

const GROUP = 'holdfast-sessions';
const ON_GROUP = {
  DescribeReplicationGroups: (ReplicationGroupId: string) => (as) =>
    as.elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId })),
  ModifyReplicationGroup: (ReplicationGroupId: string) => (as) =>
    as.elastiCache.send(new ModifyReplicationGroupCommand({ ReplicationGroupId, CacheNodeType: 'cache.none' })),
} satisfies Record<string, (id: string) => Call>;
const storeGroup = (...operations: (keyof typeof ON_GROUP)[]): Record<string, StatementCase> =>
  Object.fromEntries(
    operations.map((operation) => [
      `elasticache:${operation} replicationgroup:${GROUP}`,
      { within: ON_GROUP[operation](GROUP), beyond: ON_GROUP[operation]('other') },
    ]),
  );

const connecting = (what: string, beyond: string): Record<string, StatementCase> => ({
  [`elasticache:Connect ${what}`]: {
    within: { resource: `arn:aws:elasticache:${HERE}:${what}` },
    beyond: { resource: `arn:aws:elasticache:${HERE}:${beyond}` },
  },
});

const stickiness =
  (of: (arn: string) => string): Call =>
  (as, { targetGroupArn }) =>
    as.elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: of(targetGroupArn),
        Attributes: [{ Key: 'stickiness.enabled', Value: 'false' }],
      }),
    );
/** With a priority that there is not. */
const rule =
  (of: (arn: string) => string, tagged = {}): Call =>
  (as, { listenerArn }) =>
    as.elb.send(new CreateRuleCommand({ ListenerArn: of(listenerArn), Priority: 0, Conditions: [], Actions: [], ...tagged }));
const Tags = [{ Key: 'holdfast:incident', Value: 'inc-000000000000' }];
const ofOther = (arn: string) => arn.replace('holdfast-web', 'other');
const RULES = 'listener-rule/app/holdfast-web/*';
const balancer: Record<string, StatementCase> = {
  'elasticloadbalancing:ModifyTargetGroupAttributes targetgroup/holdfast-web': {
    within: stickiness((arn) => arn),
    beyond: stickiness(ofOther),
  },
  'elasticloadbalancing:CreateRule listener/app/holdfast-web/*': { within: rule((arn) => arn), beyond: rule(ofOther) },
  [`elasticloadbalancing:AddTags ${RULES} of CreateRule`]: {
    within: rule((arn) => arn, { Tags }),
    beyond: (as, { ruleArn }) => as.elb.send(new AddTagsCommand({ ResourceArns: [ruleArn], Tags })),
  },
  [`elasticloadbalancing:DeleteRule ${RULES} of *`]: {
    within: {
      resource: `arn:aws:elasticloadbalancing:${HERE}:listener-rule/app/holdfast-web/1/2/3`,
      context: { 'elasticloadbalancing:ResourceTag/holdfast:incident': 'inc-000000000000' },
    },
    beyond: (as, { ruleArn }) => as.elb.send(new DeleteRuleCommand({ RuleArn: ruleArn })),
  },
};

const INCIDENTS = 'INCIDENTS';
const SECRET = 'INCIDENT-SECRET';
const unhandled: Record<string, StatementCase> = {
  'sqs:SendMessage holdfast-incidents-Unhandled': {
    within: { resource: ({ queueArn }) => queueArn },
    beyond: { resource: `arn:aws:sqs:${HERE}:other` },
  },
};
const DESCRIBE_BALANCER = ['Listeners', 'Rules', 'TargetGroupAttributes', 'TargetGroups'].map(
  (what) => `elasticloadbalancing:Describe${what}`,
);

/** By function: every permission of its role but those of the runtime itself. */
export const STATEMENTS: Readonly<Record<string, RoleCases>> = {
  alarm: {
    anywhere: [],
    narrowed: {
      ...records(INCIDENTS, SECRET, 'Get', 'Put', 'Update'),
      ...starting('holdfast-runbook', 'holdfast-web-deploy'),
      ...unhandled,
    },
  },
  control: {
    anywhere: [],
    narrowed: {
      ...records(INCIDENTS, SECRET, 'Get', 'Update'),
      ...records(INCIDENTS, OTHER_FLEET, 'Put'),
      ...objects,
      ...publish,
    },
  },
  collect: {
    anywhere: [
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeScalingActivities',
      'cloudtrail:LookupEvents',
      'cloudwatch:GetMetricData',
      'elasticache:DescribeEvents',
      ...DESCRIBE_BALANCER,
      ...['elasticloadbalancing:DescribeTargetHealth', 'ssm:GetCommandInvocation'],
    ],
    narrowed: {
      ...records(SECRET, INCIDENTS, 'Get', 'Put'),
      ...records('CHANGES', INCIDENTS, 'Get', 'Put'),
      ...records('FLEET#web', OTHER_FLEET, 'Get', 'BatchGet', 'Query'),
      ...records('STORE', 'STORE-SECRET', 'Get', 'BatchGet', 'Query'),
      ...putObjects,
      ...fleetParameters,
      ...commands,
      ...witness,
      ...storeGroup('DescribeReplicationGroups'),
    },
  },
  'collect-store': {
    anywhere: [],
    narrowed: {
      ...records(SECRET, INCIDENTS, 'Get', 'Put'),
      ...records('STORE', 'STORE-SECRET', 'Get'),
      ...putObjects,
      ...connecting(`replicationgroup:${GROUP}`, 'replicationgroup:other'),
      ...connecting('user:holdfast-incidents', 'user:holdfast-sweep'),
    },
  },
  mitigate: {
    anywhere: [
      'cloudwatch:GetMetricData',
      ...DESCRIBE_BALANCER,
      ...['elasticloadbalancing:DescribeTags', 'elasticloadbalancing:DescribeTargetHealth', 'ssm:GetCommandInvocation'],
    ],
    narrowed: {
      ...records(INCIDENTS, SECRET, 'Get', 'Put', 'Update'),
      ...records('FLEET#web', OTHER_FLEET, 'Get', 'BatchGet', 'Query'),
      ...records('STORE', 'STORE-SECRET', 'Get', 'BatchGet', 'Query'),
      ...fleetParameters,
      ...witness,
      ...balancer,
      ...starting('holdfast-sweep', 'holdfast-runbook'),
      ...executions('Describe', 'holdfast-web-deploy', 'holdfast-web-clean-up'),
      ...executions('Stop', 'holdfast-web-deploy', 'holdfast-sweep'),
      ...executions('Describe', 'holdfast-sweep', 'holdfast-runbook'),
      ...storeGroup('DescribeReplicationGroups', 'ModifyReplicationGroup'),
      ...commands,
    },
  },
  do: {
    anywhere: [],
    narrowed: {
      ...records(INCIDENTS, OTHER_FLEET, 'Get'),
      ...records(INCIDENTS, SECRET, 'Update'),
      ...starting('holdfast-runbook', 'holdfast-sweep'),
      'lambda:InvokeFunction function:holdfast-incidents-mitigate:live': {
        within: { resource: `arn:aws:lambda:${HERE}:function:holdfast-incidents-mitigate:live` },
        beyond: { resource: `arn:aws:lambda:${HERE}:function:holdfast-incidents-control:live` },
      },
    },
  },
  lines: {
    anywhere: ['elasticloadbalancing:DescribeTargetHealth', 'ssm:GetCommandInvocation'],
    narrowed: {
      ...records(INCIDENTS, SECRET, 'Put'),
      ...fleetParameters,
      'ssm:SendCommand document/holdfast-show-lines': { within: command('holdfast-show-lines'), beyond: command('AWS-RunShellScript') },
      ...ofFleet,
    },
  },
  tend: {
    anywhere: ['cloudwatch:DescribeAlarms'],
    narrowed: {
      ...records(INCIDENTS, SECRET, 'Delete', 'Get', 'Put', 'Query', 'Update'),
      ...starting('holdfast-runbook', 'holdfast-sweep'),
      ...executions('Describe', 'holdfast-runbook', 'holdfast-web-deploy'),
      ...unhandled,
      ...publish,
      ...objects,
      ...witness,
      'lambda:InvokeFunction function:holdfast-incidents-mitigate:live': {
        within: { resource: `arn:aws:lambda:${HERE}:function:holdfast-incidents-mitigate:live` },
        beyond: { resource: `arn:aws:lambda:${HERE}:function:holdfast-incidents-control:live` },
      },
    },
  },
};
