/** By function: each permission that it uses, with a step that needs it and is cheap. */
import { SetInstanceHealthCommand } from '@aws-sdk/client-auto-scaling';
import type { RollReply } from '../../functions/deploy/contract/roll.ts';
import { continued, continuing } from './continuing.ts';
import { autoScaling, cloud, targetHealth } from './fleet.ts';
import { lifecycleAction as action, asked, type Subject, suspension } from './hold-fleet.ts';
import { lookByBalancer, openDeploy } from './open-deploy.ts';

/** What prepares the step is done before the permission is taken. */
type Case = readonly [action: string, request: (subject: Subject) => object | Promise<object>];

const rolling =
  (step: string, more: object = {}) =>
  (given: Subject) => ({
    step,
    deploy: given.deploy,
    lease: given.lease,
    roll: { instanceId: given.instanceId, quietSeconds: 1, phaseStartedAtMs: Date.now(), ...more },
  });
const assessing =
  (step: string, more: object = {}) =>
  ({ deploy, lease }: Subject) => ({ step, deploy, lease, ...more });
const launching =
  (step: string, more: object = {}) =>
  async ({ instanceId, launching: open }: Subject) => ({ step, launch: { ...((await open?.()) ?? action(instanceId)), ...more } });
const terminating =
  (step: string) =>
  ({ instanceId }: Subject) => ({ step, termination: action(instanceId) });
const reporting = ({ deploy }: Subject) => ({ step: 'report', deploy, error: { Error: 'Any', Cause: 'any' } });
const settling = { settleStartedAtMs: 1 };
/** It knows every alarm that the deploy watches, so that it goes on to what may be wrong. */
const passingPreflight = ({ deploy, lease }: Subject) => ({
  step: 'preflight',
  deploy: { ...deploy, version: '9.9.9', settings: { ...deploy.settings, alarmNames: [] } },
  lease,
});

/** Sends a command to the instance; gives the roll that waits for it. */
const sendFirst = async (given: Subject, step: string, more: object = {}): Promise<RollReply['roll']> =>
  (await asked<RollReply>('deploy-command', rolling(step, more)(given))).roll;
/** A command that runs for a minute, and should have ended long ago. */
const overdue = async ({ deploy, ...given }: Subject) => {
  const patient = { ...deploy, settings: { ...deploy.settings, drainSliceSeconds: 60 } };
  return {
    ...(await sendFirst({ ...given, deploy: patient }, 'sendWaitIdle', { quietSeconds: 120 })),
    phaseStartedAtMs: 1,
    commandSentAtMs: Date.now() - 30_000,
  };
};
/** Has the deploy on record that it worked on the instance, which stays where it is. */
const workedOn = async (given: Subject) => {
  await asked('deploy-assess', assessing('plan')(given));
  await asked('deploy-traffic', rolling('register')(given));
};

/** Ends a bake whose people the load balancer's metrics show, on a server that the cases before have left in service; another roll's, so that nothing is on record. */
const bakedByBalancer = async (before: Subject) => {
  const [healthy] = Object.entries(await targetHealth()).find(([, state]) => state === 'healthy') ?? [];
  const given = { ...before, instanceId: healthy as string };
  const deploy = { ...given.deploy, settings: { ...given.deploy.settings, bakeSeconds: 0 } };
  await lookByBalancer(deploy.deployId);
  const roll = await sendFirst({ ...given, deploy }, 'sendBake');
  return { ...rolling('checkBake')({ ...given, deploy }), roll: { ...roll, executionName: 'another' } };
};

const claiming = ({ deploy }: Subject) => ({
  step: 'claim',
  input: { deployId: deploy.deployId },
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:any:any',
});
/** Has the deploy on record that it rolls the instance, and waits for a command there. */
const rolls = async ({ deploy, instanceId, current }: Subject, commandId: string): Promise<void> => {
  const nowMs = Date.now();
  await (await cloud()).records.putTarget('web', deploy.deployId, instanceId, {
    phase: 'installing',
    order: 0,
    fromVersion: current,
    phaseStartedAtMs: nowMs,
    startedAtMs: nowMs,
    executionName: 'never-started',
    commandId,
  });
};
const NO_COMMAND = '00000000-0000-0000-0000-000000000000';
const onRolled = (step: string) => async (given: Subject) => {
  await rolls(given, NO_COMMAND);
  return assessing(step)(given);
};
const reconciling = (kind: Parameters<typeof openDeploy>[0]) => async () => {
  await openDeploy(kind);
  return { step: 'reconcile' };
};

/** All in one request: it reads everything anew. Where servers hold the sessions, the role has more: test/infra/session-drain-rights.test.ts. */
const DRY_RUN_ACTIONS = [
  // The subject's deploy is on record: reading the latest ones needs BatchGetItem.
  ...['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'cloudwatch:DescribeAlarms', 'autoscaling:DescribeAutoScalingGroups'],
  'autoscaling:DescribeLifecycleHooks',
  ...['elasticloadbalancing:DescribeTargetHealth', 'elasticloadbalancing:DescribeTargetGroups'],
  ...['elasticloadbalancing:DescribeTargetGroupAttributes', 'ssm:DescribeInstanceInformation', 'lambda:InvokeFunction'],
  'lambda:GetAccountSettings',
];

/** By function: the permission, and a step that needs it and changes nothing without it. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'deploy-control': [
    ['dynamodb:UpdateItem', assessing('acquireLock')],
    ['dynamodb:PutItem', assessing('acquireLock')],
    ['dynamodb:GetItem', ({ deploy }) => ({ step: 'report', deploy, error: { Error: 'Any', Cause: 'any' } })],
    ['dynamodb:Query', reporting],
    ['events:PutEvents', reporting],
    ['sns:Publish', reporting],
  ],
  'deploy-assess': [
    ['dynamodb:UpdateItem', assessing('settle', settling)],
    ['dynamodb:GetItem', assessing('settle', settling)],
    ['dynamodb:Query', assessing('plan')],
    ['dynamodb:BatchGetItem', passingPreflight],
    [
      'states:DescribeExecution',
      async ({ deploy, lease, current }) => {
        const nowMs = Date.now();
        // A target that is no member of the fleet, so that nothing waits for it.
        await (await cloud()).records.putTarget('web', deploy.deployId, 'i-00000000000000000', {
          ...{ phase: 'failed', order: 9, fromVersion: current, executionName: 'never-started' },
          ...{ phaseStartedAtMs: nowMs, startedAtMs: nowMs, finishedAtMs: nowMs },
        });
        return { step: 'nextTarget', deploy: { ...deploy, version: '9.9.9', recover: true }, lease, waitingSinceMs: 0 };
      },
    ],
    ['elasticloadbalancing:DescribeTargetHealth', assessing('plan')],
    ['autoscaling:DescribeAutoScalingGroups', assessing('plan')],
    ['ssm:DescribeInstanceInformation', ({ deploy, lease }) => ({ step: 'preflight', deploy: { ...deploy, version: '9.9.9' }, lease })],
    ['elasticloadbalancing:DescribeTargetGroups', passingPreflight],
    ['elasticloadbalancing:DescribeTargetGroupAttributes', passingPreflight],
    ['autoscaling:DescribeLifecycleHooks', passingPreflight],
    ['cloudwatch:DescribeAlarms', ({ deploy, lease }) => ({ step: 'preflight', deploy: { ...deploy, version: '9.9.9' }, lease })],
    ['ssm:DescribeDocument', assessing('pinDocuments')],
    [
      'cloudwatch:GetMetricData',
      ({ deploy, lease }) => ({ step: 'nextTarget', deploy: { ...deploy, version: '9.9.9', recover: true }, lease, waitingSinceMs: 0 }),
    ],
  ],
  'deploy-continue': [
    ['dynamodb:UpdateItem', continuing],
    ['dynamodb:GetItem', continued],
    ['dynamodb:Query', continuing],
  ],
  'deploy-dry-run': DRY_RUN_ACTIONS.map((action): Case => [action, () => ({ version: '9.9.9' })]),
  'deploy-traffic': [
    ['dynamodb:UpdateItem', rolling('deregister')],
    ['dynamodb:Query', rolling('deregister')],
    ['dynamodb:GetItem', (given) => ({ ...rolling('putBack')(given), error: { Error: 'Any', Cause: 'any' } })],
    // The cases before leave servers at work, which do not count as healthy.
    ['elasticloadbalancing:DeregisterTargets', (given) => rolling('deregister')({ ...given, deploy: { ...given.deploy, recover: true } })],
    ['elasticloadbalancing:DescribeTargetGroups', rolling('deregister')],
    ['elasticloadbalancing:RegisterTargets', rolling('register')],
    ['elasticloadbalancing:DescribeTargetHealth', rolling('checkHealthy')],
  ],
  'deploy-command': [
    ['dynamodb:UpdateItem', rolling('sendWaitIdle')],
    ['dynamodb:Query', rolling('sendWaitIdle')],
    ['dynamodb:GetItem', rolling('sendInstall')],
    ['ssm:SendCommand', rolling('sendWaitIdle')],
    ['ssm:GetCommandInvocation', rolling('checkWaitIdle', { commandId: '00000000-0000-0000-0000-000000000000' })],
    [
      'elasticloadbalancing:DescribeTargetHealth',
      async (given) => ({ ...rolling('checkBake')(given), roll: await sendFirst(given, 'sendBake') }),
    ],
    ['dynamodb:PutItem', async (given) => ({ ...rolling('checkInstall')(given), roll: await sendFirst(given, 'sendInstall') })],
    ['ssm:CancelCommand', async (given) => ({ ...rolling('checkWaitIdle')(given), roll: await overdue(given) })],
    ['dynamodb:BatchGetItem', ({ deploy, lease }) => ({ step: 'stageAssets', deploy, lease, ends: false, staging: {} })],
    ['elasticloadbalancing:DescribeTargetGroups', bakedByBalancer],
    ['cloudwatch:GetMetricData', bakedByBalancer],
  ],
  'deploy-scaling': [
    ['dynamodb:UpdateItem', assessing('suspend', { round: 0 })],
    ['autoscaling:DescribeAutoScalingGroups', assessing('suspend', { round: 0 })],
    // Once a resume has begun, the same round is no longer suspended.
    ['autoscaling:SuspendProcesses', assessing('suspend', { round: 0 })],
    ['dynamodb:GetItem', assessing('resume', { suspension })],
    ['dynamodb:Query', assessing('resume', { suspension })],
    ['autoscaling:ResumeProcesses', assessing('resume', { suspension })],
    [
      'autoscaling:SetInstanceHealth',
      async (given) => {
        await workedOn(given);
        // It is not replaced meanwhile, and the fleet's own resume in the end marks it Healthy.
        const mark = { InstanceId: given.instanceId, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false };
        await autoScaling.send(new SetInstanceHealthCommand(mark));
        return assessing('resume', { suspension })(given);
      },
    ],
  ],
  'deploy-clean-up': [
    ['dynamodb:GetItem', claiming],
    ['dynamodb:UpdateItem', assessing('stopExecutions')],
    ['dynamodb:Query', assessing('nextTarget')],
    ['states:DescribeExecution', claiming],
    ['states:StopExecution', onRolled('stopExecutions')],
    ['ssm:ListCommandInvocations', onRolled('cancelCommands')],
    ['ssm:GetCommandInvocation', onRolled('cancelCommands')],
    [
      'ssm:CancelCommand',
      async (given) => {
        await rolls(given, (await overdue(given)).commandId ?? NO_COMMAND);
        return assessing('cancelCommands')(given);
      },
    ],
    ['elasticloadbalancing:DescribeTargetHealth', assessing('checkServing', { waitingSinceMs: 0 })],
  ],
  'deploy-reconcile': [
    ['dynamodb:GetItem', () => ({ step: 'reconcile' })],
    ['dynamodb:Query', reconciling('finished')],
    ['dynamodb:UpdateItem', reconciling('finished')],
    ['states:DescribeExecution', reconciling('dead')],
    ['states:StartExecution', reconciling('dead')],
    ['autoscaling:DescribeAutoScalingGroups', () => ({ step: 'reconcile' })],
    ['states:ListExecutions', () => ({ step: 'reconcile' })],
  ],
  lifecycle: [
    ['dynamodb:GetItem', launching('sendInstall')],
    ['dynamodb:Query', launching('prepare', { staging: 0 })],
    ['dynamodb:BatchGetItem', launching('prepare', { staging: 0 })],
    ['dynamodb:PutItem', launching('complete', { version: '1.0.0' })],
    ['dynamodb:DeleteItem', () => ({ step: 'completeTermination', termination: action('i-00000000000000000') })],
    ['ssm:DescribeInstanceInformation', launching('sendInstall')],
    ['ssm:DescribeDocument', launching('sendInstall')],
    ['ssm:SendCommand', launching('sendInstall')],
    ['ssm:GetCommandInvocation', launching('checkInstall', { version: '1.0.0', commandId: '00000000-0000-0000-0000-000000000000' })],
    ['autoscaling:CompleteLifecycleAction', launching('abandon')],
    [
      'ssm:CancelCommand',
      async (given) => {
        const { commandId, phaseStartedAtMs } = await overdue(given);
        return { step: 'checkWaitIdle', termination: { ...action(given.instanceId), commandId, phaseStartedAtMs } };
      },
    ],
    ['autoscaling:RecordLifecycleActionHeartbeat', launching('sendInstall')],
    ['elasticloadbalancing:DescribeTargetHealth', terminating('sendWaitIdle')],
    // Before a case that takes it out.
    ['elasticloadbalancing:DeregisterTargets', terminating('sendWaitIdle')],
    ['elasticloadbalancing:DescribeTargetGroups', terminating('sendWaitIdle')],
  ],
};

/** What ends an earlier version's keep-servers: test/e2e/kept-servers.test.ts. */
export const OF_UPGRADE: Readonly<Record<string, readonly string[]>> = {
  'deploy-reconcile': ['autoscaling:ResumeProcesses', 'autoscaling:SetInstanceHealth'],
};

/**
 * Their refusal is logged rather than thrown: the command is given up all the same, the deploy has ended as it has, and a termination
 * is held up by nothing. By action, or by function and action.
 */
export const NOT_THROWN: ReadonlySet<string> = new Set([
  'ssm:CancelCommand',
  'events:PutEvents',
  'sns:Publish',
  // What they would show is stated as unchecked.
  'deploy-dry-run lambda:InvokeFunction',
  'deploy-dry-run lambda:GetAccountSettings',
  'deploy-command elasticloadbalancing:DescribeTargetGroups',
  'deploy-command cloudwatch:GetMetricData',
  'lifecycle elasticloadbalancing:DescribeTargetHealth',
  'lifecycle elasticloadbalancing:DescribeTargetGroups',
  'lifecycle elasticloadbalancing:DeregisterTargets',
]);
