/** What the deploy's functions and state machines may do, each with the findings of cdk-nag that this explains. */
import { aws_iam as iam, Stack, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  cleanUpStateMachineName,
  deployStateMachineName,
  launchStateMachineName,
  rollTargetStateMachineName,
  terminateStateMachineName,
} from '../../../functions/shared/naming.ts';
import { gateRecipe } from '../../config/own-session-gate.ts';
import { acknowledge, EXECUTION_NAMES, GROUP_IDS, NO_NARROWER_RESOURCE, wildcard } from '../acknowledge.ts';
import { secretsOf } from '../canary/scheduled-canary.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { ownRecords } from '../records-table.ts';
import type { DrainFrontArns } from '../web-tier/drain-front.ts';
import { allowCommands, allowDocuments, documentsOf } from '../web-tier/members.ts';
import { type DeployFunctions, type DeployFunctionsProps, machineArns } from './deploy-functions.ts';

/** Gives each function of the deploy the narrowest role that its work needs; the store check has its own from the store. */
export function allowFunctions(
  stack: Stack,
  functions: DeployFunctions,
  { config: { installation }, fleetName, fleet: { canary }, releases, webTier }: DeployFunctionsProps,
): void {
  const { control, assess, traffic, command, scaling, cleanUp, reconcile, sessions, sessionGate } = functions;
  const { members, targetGroupArn } = webTier;
  const drain = webTier.drain?.(stack);
  const gate = webTier.gate?.(stack);
  const group = members.autoScalingGroupName;
  const machines = machineArns(stack, installation, fleetName);
  const useRecords = (fn: HoldfastFunction, ...actions: string[]) => fn.allow(actions, [releases.records.tableArn], ownRecords(fleetName));

  useRecords(control, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem');

  useRecords(assess, 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
  // Describe calls of these services know no narrower resource.
  assess.allow(
    [
      'elasticloadbalancing:DescribeTargetHealth',
      'elasticloadbalancing:DescribeTargetGroups',
      'elasticloadbalancing:DescribeTargetGroupAttributes',
      ...(group ? ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks'] : []),
      'ssm:DescribeInstanceInformation',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetMetricData',
    ],
    ['*'],
  );
  const documents = Object.values(documentsOf(releases.documents, members));
  allowDocuments(assess, members, documents);
  // Before a server is taken out, each is asked whether it can read the fleet's variables, by the document that only reads.
  if (webTier.environmentParameter !== undefined) {
    assess.allow(['ssm:GetCommandInvocation'], ['*']);
    allowCommands(assess, { ...members, prepareDocument: undefined }, [releases.documents.observe]);
  }

  useRecords(traffic, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
  traffic.allow(['elasticloadbalancing:DescribeTargetHealth', 'elasticloadbalancing:DescribeTargetGroups'], ['*']);
  traffic.allow(['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'], [targetGroupArn]);

  if (sessions && drain) {
    useRecords(sessions, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    allowDrain(sessions, [targetGroupArn, drain.targetGroupArn], drain);
    sessions.allow(['elasticloadbalancing:DescribeTargetGroups', 'elasticloadbalancing:DescribeTargetGroupAttributes'], ['*']);
    allowDrain(reconcile, [targetGroupArn, drain.targetGroupArn], drain);
  }

  if (sessionGate && gate && canary) {
    useRecords(sessionGate, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    sessionGate.allow(['elasticloadbalancing:RegisterTargets'], [gate.targetGroupArn]);
    sessionGate.allow(['secretsmanager:GetSecretValue'], secretsOf(stack, { recipe: gateRecipe(canary) }));
    for (const fn of [sessionGate, cleanUp, reconcile]) allowClosing(fn, gate);
  }

  useRecords(command, 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
  command.allow(
    ['elasticloadbalancing:DescribeTargetHealth', 'elasticloadbalancing:DescribeTargetGroups', 'cloudwatch:GetMetricData'],
    ['*'],
  );
  command.allow(['ssm:GetCommandInvocation', 'ssm:CancelCommand'], ['*']);
  allowCommands(command, members, documents);

  useRecords(scaling, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
  if (group) {
    const resource = `autoScalingGroup:*:autoScalingGroupName/${group}`;
    scaling.allow(['autoscaling:DescribeAutoScalingGroups'], ['*']);
    const arns = [stack.formatArn({ service: 'autoscaling', resource })];
    scaling.allow(['autoscaling:SuspendProcesses', 'autoscaling:ResumeProcesses', 'autoscaling:SetInstanceHealth'], arns);
    // For what the mitigation keep-servers of an earlier version has left.
    reconcile.allow(['autoscaling:ResumeProcesses', 'autoscaling:SetInstanceHealth'], arns);
    for (const fn of [scaling, reconcile]) acknowledge(fn, { [wildcard(stack, 'autoscaling', resource)]: GROUP_IDS });
  }

  const executionsOf = (stateMachineArn: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:*`;
  const ended = [executionsOf(machines.deploy), executionsOf(machines.cleanUp)];
  useRecords(cleanUp, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
  cleanUp.allow(
    ['elasticloadbalancing:DescribeTargetHealth', 'ssm:ListCommandInvocations', 'ssm:GetCommandInvocation', 'ssm:CancelCommand'],
    ['*'],
  );
  cleanUp.allow(['states:DescribeExecution'], ended);
  const rolls = executionsOf(machines.rollTarget);
  cleanUp.allow(['states:StopExecution', 'states:DescribeExecution'], [rolls]);
  assess.allow(['states:DescribeExecution'], [rolls]);

  useRecords(reconcile, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
  reconcile.allow(['states:DescribeExecution'], ended);
  reconcile.allow(['states:StartExecution'], [machines.cleanUp]);
  if (group) {
    const lifecycles = [machines.launch, machines.terminate];
    reconcile.allow(['autoscaling:DescribeAutoScalingGroups'], ['*']);
    reconcile.allow(['states:ListExecutions', 'states:StartExecution'], lifecycles);
    reconcile.allow(['states:DescribeExecution'], lifecycles.map(executionsOf));
    for (const name of [launchStateMachineName, terminateStateMachineName]) {
      acknowledge(reconcile, { [wildcard(stack, 'states', `execution:${name(installation, fleetName)}:*`)]: EXECUTION_NAMES });
    }
  }
  for (const name of [deployStateMachineName, rollTargetStateMachineName, cleanUpStateMachineName]) {
    const id = wildcard(stack, 'states', `execution:${name(installation, fleetName)}:*`);
    acknowledge(cleanUp, { [id]: EXECUTION_NAMES });
    acknowledge(reconcile, { [id]: EXECUTION_NAMES });
  }
  acknowledge(assess, {
    [wildcard(stack, 'states', `execution:${rollTargetStateMachineName(installation, fleetName)}:*`)]: EXECUTION_NAMES,
  });
}

/** Lets a function change the drain rule and register targets in the fleet's groups. It can change no other rule, and create none. */
function allowDrain(fn: HoldfastFunction, targetGroupArns: string[], { ruleArn }: DrainFrontArns): void {
  fn.allow(
    ['elasticloadbalancing:DescribeListeners', 'elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'],
    ['*'],
  );
  fn.allow(['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:DeregisterTargets'], targetGroupArns);
  fn.allow(['elasticloadbalancing:ModifyRule'], [ruleArn]);
}

/** Lets a function change the gate rule, and take servers out of its group. */
function allowClosing(fn: HoldfastFunction, { ruleArn, targetGroupArn }: DrainFrontArns): void {
  fn.allow(['elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTargetHealth'], ['*']);
  fn.allow(['elasticloadbalancing:DeregisterTargets'], [targetGroupArn]);
  fn.allow(['elasticloadbalancing:ModifyRule'], [ruleArn]);
}

export interface DeployMachines {
  readonly deploy: sfn.StateMachine;
  readonly cleanUp: sfn.StateMachine;
  readonly cleanUpName: string;
  readonly rollTarget: sfn.StateMachine;
}

export function allowStateMachines(scope: Construct, machines: DeployMachines, functions: DeployFunctions): void {
  const { deploy, cleanUp, rollTarget } = machines;
  // The permission names the machine and not its version, because IAM checks a start of a version against the machine's own ARN. @see the
  // page auth-version-alias of Step Functions' guide
  for (const parent of [deploy, cleanUp]) {
    parent.addToRolePolicy(new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [rollTarget.stateMachineArn] }));
  }
  const { control, assess, storeCheck, traffic, command, scaling, sessions, sessionGate } = functions;
  for (const fn of [traffic, command, storeCheck, sessions, sessionGate]) fn?.grantInvokeVersions(rollTarget);
  for (const fn of [control, assess, storeCheck, scaling, command, ...(sessions ? [sessions] : [])]) fn.grantInvokeVersions(deploy);

  const stack = Stack.of(scope);
  acknowledge(scope, { 'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE });
  acknowledge(scope, {
    [wildcard(stack, 'states', `execution:${machines.cleanUpName}*`)]:
      'A parent watches its clean-up, whose name is not known beforehand: the wildcard stands for it, under the one state machine; log delivery and X-Ray know no narrower resource.',
  });
}
