/** What a reader reads for doctor and the console: descriptions and metrics alone, of neither servers' files nor archives. */
import { ArnFormat, aws_iam as iam, type Stack } from 'aws-cdk-lib';
import { alarmsTopicName, documentName, functionName, terminationProtectionStackName } from '../../functions/shared/naming.ts';
import { hasVariables } from '../config/environment.ts';
import type { FleetConfig } from '../config/fleet.ts';
import type { HoldfastConfig } from '../config.ts';
import { accountOf, wildcard } from './acknowledge.ts';
import { arnsOf, environmentReasons } from './variables.ts';

export interface DoctorReads {
  readonly statements: readonly iam.PolicyStatement[];
  /** What shows other teams' secrets or identities too: user data of each launch template of the Region, each instance profile, how many users and roles the account has. Operators alone have it. */
  readonly beyond: readonly iam.PolicyStatement[];
  /** Findings of cdk-nag that this explains. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** AWS knows no narrower resource for these, or none whose name is known: the reader may read the same in the console. */
export const DESCRIBED = [
  'acm:DescribeCertificate',
  'cloudwatch:DescribeAlarms',
  'cloudwatch:GetMetricStatistics',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeInstances',
  'ec2:DescribeSecurityGroups',
  'elasticache:DescribeCacheClusters',
  'elasticache:DescribeCacheParameters',
  'elasticache:DescribeReplicationGroups',
  'elasticache:DescribeUserGroups',
  'elasticache:DescribeUsers',
  'elasticloadbalancing:DescribeAccountLimits',
  'elasticloadbalancing:DescribeListenerCertificates',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeLoadBalancerAttributes',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeRules',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroupAttributes',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
  'lambda:GetAccountSettings',
  'ssm:DescribeInstanceInformation',
];

/** What the console draws dashboards and curves by, next to their bodies. A metric and a list have no resource. */
const DRAWN = ['cloudwatch:GetMetricData', 'cloudwatch:ListDashboards'];

/**
 * CloudFormation generates a role's name from the stack's name, which it shortens: patterns of role names use only this many characters.
 */
const KEPT_CHARACTERS = 20;
const DASHBOARDS = "The installation's dashboards: the wildcard follows its name.";
const GENERATED = 'AWS generates a part of the name: the wildcard replaces it.';

/** What doctor reads of the store and of the installation, where no fleet is. */
const DESCRIBED_OF_STORE = DESCRIBED.filter((action) => action === 'cloudwatch:DescribeAlarms' || action.startsWith('elasticache:'));

export function storeDoctorReads(stack: Stack, config: HoldfastConfig): Omit<DoctorReads, 'beyond'> {
  const { statements, reasons } = installationReads(stack, config);
  return {
    statements: [new iam.PolicyStatement({ actions: [...DESCRIBED_OF_STORE, ...DRAWN], resources: ['*'] }), ...statements],
    reasons: { 'AwsSolutions-IAM5[Resource::*]': 'Describe calls of ElastiCache and CloudWatch, which change nothing.', ...reasons },
  };
}

/** The bodies of dashboards; with the retention `protected`, whether the last stack has termination protection; whom alarms notify. */
function installationReads(stack: Stack, { installation, retention }: HoldfastConfig): Omit<DoctorReads, 'beyond'> {
  const protection = `${terminationProtectionStackName(installation)}/*`;
  const lastStack = stack.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: protection });
  const allow = (action: string, resource: string) => new iam.PolicyStatement({ actions: [action], resources: [resource] });
  const dashboards = `dashboard/${installation}-*`;
  return {
    statements: [
      allow('cloudwatch:GetDashboard', `arn:${stack.partition}:cloudwatch::${stack.account}:${dashboards}`),
      allow('sns:GetTopicAttributes', stack.formatArn({ service: 'sns', resource: alarmsTopicName(installation) })),
      ...(retention === 'protected' ? [allow('cloudformation:DescribeStacks', lastStack)] : []),
    ],
    reasons: {
      [wildcard(stack, 'cloudformation', `stack/${protection}`)]: GENERATED,
      [`AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudwatch::${accountOf(stack)}:${dashboards}]`]: DASHBOARDS,
    },
  };
}

export function doctorReads(stack: Stack, config: HoldfastConfig, fleetName: string, fleet: FleetConfig): DoctorReads {
  const { installation } = config;
  const { autoScalingGroupName, instanceRoleName } = fleet.existing ?? {};
  const created = `${`${installation}-${fleetName}-web-tier`.slice(0, KEPT_CHARACTERS)}*`;
  // A name has no path, which the ARN has.
  const roles = instanceRoleName === undefined ? [created] : [instanceRoleName, `*/${instanceRoleName}`];
  const hasGroup = fleet.members === 'autoScalingGroup';
  const profile = autoScalingGroupName === undefined && hasGroup ? created : '*';
  const global = (resource: string) => `arn:${stack.partition}:iam::${stack.account}:${resource}`;
  const named = (service: string, resource: string, resourceName: string, arnFormat?: ArnFormat) =>
    stack.formatArn({ service, resource, resourceName, ...(arnFormat && { arnFormat }) });
  const ofInstallation = installationReads(stack, config);
  const documents = documentName(installation, '*');
  const functions = ['deploy-store-check', 'deploy-sessions'].map((role) =>
    named('lambda', 'function', functionName(installation, fleetName, role), ArnFormat.COLON_RESOURCE_NAME),
  );
  const { secrets } = arnsOf(stack, { installation, fleetName, fleet });
  const variables = hasVariables(fleet);
  const allow = (actions: string[], resources: string[]) => new iam.PolicyStatement({ actions, resources });
  const reading = allow(['iam:GetInstanceProfile'], [global(`instance-profile/${profile}`)]);
  const ofIam = (resource: string) => `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:iam::${accountOf(stack)}:${resource}]`;
  return {
    statements: [
      allow(
        [
          ...DESCRIBED,
          ...DRAWN,
          ...(hasGroup
            ? ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks', 'autoscaling:DescribeScalingActivities']
            : []),
        ],
        ['*'],
      ),
      allow(
        ['iam:GetRole', 'iam:ListAttachedRolePolicies', 'iam:SimulatePrincipalPolicy'],
        roles.map((role) => global(`role/${role}`)),
      ),
      ...(profile === '*' ? [] : [reading]),
      allow(['lambda:GetFunctionConfiguration'], functions),
      allow(['ssm:DescribeDocument', 'ssm:GetDocument'], [named('ssm', 'document', documents)]),
      // Which versions are current, for status: of no value.
      ...(variables ? [allow(['ssm:DescribeParameters'], ['*'])] : []),
      ...(secrets.length > 0 ? [allow(['secretsmanager:DescribeSecret'], secrets)] : []),
      ...ofInstallation.statements,
    ],
    beyond: [
      allow(['iam:GetAccountSummary', ...(hasGroup ? ['ec2:DescribeLaunchTemplateVersions'] : [])], ['*']),
      ...(profile === '*' ? [reading] : []),
    ],
    reasons: {
      'AwsSolutions-IAM5[Resource::*]':
        'Describe calls of ELB, Auto Scaling, EC2, ElastiCache, CloudWatch, IAM and SSM, which change nothing.',
      ...Object.fromEntries(roles.filter((role) => role.includes('*')).map((role) => [ofIam(`role/${role}`), GENERATED])),
      [ofIam(`instance-profile/${profile}`)]: GENERATED,
      [wildcard(stack, 'ssm', `document/${documents}`)]: "The installation's documents: the wildcard follows its name.",
      ...environmentReasons(stack, { installation, fleetName, fleet }),
      ...ofInstallation.reasons,
    },
  };
}
