/** By function: each permission that it uses, with a step that needs it and is cheap. */
import type { DeployContext, Lease } from '../../functions/deploy/contract.ts';
import { GROUP } from './fleet.ts';

/** What the steps are asked with: a deploy of its own that holds the fleet's lock, and one real instance. */
export interface Subject {
  readonly deploy: DeployContext;
  readonly lease: Lease;
  readonly instanceId: string;
  readonly current: string;
  /** Asks a function, by the end of its name, and gives its reply. */
  ask(name: string, request: object): Promise<object>;
}

/** What prepares the step is done before the permission is taken. */
type Case = readonly [action: string, request: (subject: Subject) => object | Promise<object>];

const rolling =
  (step: string, more: object = {}) =>
  (given: Subject) => ({
    step,
    deploy: given.deploy,
    lease: given.lease,
    roll: { instanceId: given.instanceId, fromVersion: given.current, quietSeconds: 1, phaseStartedAtMs: Date.now(), ...more },
  });
const assessing =
  (step: string, more: object = {}) =>
  ({ deploy, lease }: Subject) => ({ step, deploy, lease, ...more });
const launching =
  (step: string, more: object = {}) =>
  ({ instanceId }: Subject) => ({ step, launch: { ...action(instanceId), ...more } });
const action = (instanceId: string) => ({
  autoScalingGroupName: GROUP,
  lifecycleHookName: 'wait-until-idle',
  lifecycleActionToken: '00000000-0000-0000-0000-000000000000',
  instanceId,
});
export const suspension = { autoScalingGroupName: GROUP, alreadySuspended: [], suspendedByDeploy: ['AZRebalance'] };
const settling = { settleStartedAtMs: 1 };

/** By function: the permission, and a step that needs it and changes nothing without it. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'deploy-control': [
    ['dynamodb:UpdateItem', assessing('acquireLock')],
    ['dynamodb:PutItem', assessing('acquireLock')],
    ['dynamodb:GetItem', ({ deploy }) => ({ step: 'report', deploy, error: { Error: 'Any', Cause: 'any' } })],
  ],
  'deploy-assess': [
    ['dynamodb:UpdateItem', assessing('settle', settling)],
    ['dynamodb:GetItem', assessing('settle', settling)],
    ['dynamodb:Query', assessing('plan')],
    ['elasticloadbalancing:DescribeTargetHealth', assessing('plan')],
    ['autoscaling:DescribeAutoScalingGroups', assessing('plan')],
    ['ssm:DescribeInstanceInformation', ({ deploy, lease }) => ({ step: 'preflight', deploy: { ...deploy, version: '9.9.9' }, lease })],
    ['cloudwatch:DescribeAlarms', assessing('settle', settling)],
    ['ssm:DescribeDocument', assessing('pinDocuments')],
    [
      'cloudwatch:GetMetricData',
      ({ deploy, lease }) => ({ step: 'nextTarget', deploy: { ...deploy, version: '9.9.9', recover: true }, lease, waitingSinceMs: 0 }),
    ],
  ],
  'deploy-traffic': [
    ['dynamodb:UpdateItem', rolling('deregister')],
    ['dynamodb:GetItem', (given) => ({ ...rolling('putBack')(given), error: { Error: 'Any', Cause: 'any' } })],
    ['elasticloadbalancing:DeregisterTargets', rolling('deregister')],
    ['elasticloadbalancing:RegisterTargets', rolling('register')],
    ['elasticloadbalancing:DescribeTargetHealth', rolling('checkHealthy')],
  ],
  'deploy-command': [
    ['dynamodb:UpdateItem', rolling('sendWaitIdle')],
    ['dynamodb:GetItem', rolling('sendInstall')],
    ['ssm:SendCommand', rolling('sendWaitIdle')],
    ['ssm:GetCommandInvocation', rolling('checkWaitIdle', { commandId: '00000000-0000-0000-0000-000000000000' })],
    [
      'elasticloadbalancing:DescribeTargetHealth',
      async (given) => ({ ...rolling('checkBake')(given), ...(await given.ask('deploy-command', rolling('sendBake')(given))) }),
    ],
  ],
  'deploy-scaling': [
    ['dynamodb:UpdateItem', assessing('suspend')],
    ['dynamodb:Query', assessing('suspend')],
    ['dynamodb:GetItem', assessing('resume', { suspension })],
    ['autoscaling:DescribeAutoScalingGroups', assessing('suspend')],
    ['autoscaling:SuspendProcesses', assessing('suspend')],
    ['autoscaling:ResumeProcesses', assessing('resume', { suspension })],
  ],
  lifecycle: [
    ['dynamodb:GetItem', launching('sendInstall')],
    ['dynamodb:PutItem', launching('complete', { version: '1.0.0' })],
    ['dynamodb:DeleteItem', () => ({ step: 'completeTermination', termination: action('i-00000000000000000') })],
    ['ssm:DescribeInstanceInformation', launching('sendInstall')],
    ['ssm:SendCommand', launching('sendInstall')],
    ['ssm:GetCommandInvocation', launching('checkInstall', { version: '1.0.0', commandId: '00000000-0000-0000-0000-000000000000' })],
    ['autoscaling:CompleteLifecycleAction', launching('abandon')],
    ['autoscaling:RecordLifecycleActionHeartbeat', (given) => launching('sendInstall')({ ...given, instanceId: 'i-00000000000000000' })],
  ],
};

const SHARED = 'all of the deploy share what they may do with the records; no step of this one asks for it';
const CANCELLED = 'asked only for a command that is overdue, and a refusal of it is logged rather than thrown';

/** What a role has beside, and why no case takes it. */
export const NOT_TAKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'deploy-control': { 'dynamodb:Query': SHARED },
  'deploy-assess': { 'dynamodb:PutItem': SHARED },
  'deploy-traffic': { 'dynamodb:Query': SHARED, 'dynamodb:PutItem': SHARED },
  'deploy-command': {
    'dynamodb:Query': SHARED,
    'dynamodb:PutItem': 'asked after a real installation: the deploy itself shows that it is there',
    'ssm:CancelCommand': CANCELLED,
  },
  'deploy-scaling': {
    'dynamodb:PutItem': SHARED,
    'autoscaling:SetInstanceHealth': 'asked only for a member that Auto Scaling holds to be unhealthy',
  },
  lifecycle: { 'dynamodb:Query': SHARED, 'dynamodb:UpdateItem': SHARED, 'ssm:CancelCommand': CANCELLED },
};
