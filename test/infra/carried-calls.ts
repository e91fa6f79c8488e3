/** Calls that are in a function's bundle and not allowed to its role: nothing in the function makes them, or another action allows them. */
import { DRY_RUN_CARRIED } from './dry-run-calls.ts';

/** Calls in a bundle's adapter that its function does not use, or uses only for another way to sign in. */
export const CARRIED: Readonly<Record<string, readonly string[]>> = {
  'holdfast-web-deploy-assess': [
    ...['RegisterTargets', 'DeregisterTargets', 'SuspendProcesses', 'ResumeProcesses', 'SetInstanceHealth'],
    // Only a fleet with variables has its servers asked for them.
    ...['SendCommand', 'GetCommandInvocation', 'CancelCommand'],
  ],
  'holdfast-web-deploy-dry-run': DRY_RUN_CARRIED,
  'holdfast-web-deploy-scaling': ['DescribeLifecycleHooks'],
  'holdfast-web-deploy-command': ['RegisterTargets', 'DeregisterTargets', 'DescribeDocument'],
  'holdfast-web-lifecycle': ['RegisterTargets'],
  // Called only if the environment has `password` as the store's authentication.
  'holdfast-web-deploy-store-check': ['GetSecretValue'],
  'holdfast-store-sweep': ['GetSecretValue'],
  'holdfast-store-collect': ['GetSecretValue'],
  'holdfast-web-store-witness': ['GetSecretValue'],
  'holdfast-incidents-collect-store': ['GetSecretValue'],
  'holdfast-web-deploy-clean-up': [
    ...['RegisterTargets', 'DeregisterTargets', 'DescribeTargetGroups', 'SendCommand'],
    ...['DescribeDocument', 'StartExecution', 'ListExecutions'],
    // Only a fleet whose deploys have a session gate has its rule.
    ...['ModifyRule', 'DescribeRules'],
  ],
  'holdfast-web-deploy-reconcile': [
    ...['StopExecution', 'SuspendProcesses', 'ResumeProcesses', 'SetInstanceHealth'],
    ...['RegisterTargets', 'DeregisterTargets', 'DescribeTargetHealth', 'ModifyRule'],
    // Only a fleet with sessions in memory has a drain rule.
    ...['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeLifecycleHooks'],
  ],
  // s3:GetObject allows HeadObject; CopyObject needs s3:GetObjectVersion for the source and s3:PutObject for the copy.
  'holdfast-web-publish': ['HeadObject', 'CopyObject'],
  'holdfast-incidents-alarm': ['DescribeExecution', 'ListExecutions', 'StopExecution'],
  // Invoke needs lambda:InvokeFunction, here and below.
  'holdfast-incidents-collect': [
    ...['DeregisterTargets', 'RegisterTargets', 'ModifyReplicationGroup'],
    ...['CancelCommand', 'DescribeDocument', 'Invoke'],
  ],
  'holdfast-incidents-do': ['DescribeExecution', 'ListExecutions', 'StopExecution', 'Invoke'],
  'holdfast-web-lines': ['CancelCommand', 'DescribeDocument'],
  'holdfast-incidents-mitigate': [
    ...['DeregisterTargets', 'RegisterTargets', 'DescribeAutoScalingGroups', 'DescribeLifecycleHooks'],
    ...['ListExecutions', 'SuspendProcesses', 'ResumeProcesses', 'SetInstanceHealth'],
    ...['DescribeEvents', 'CancelCommand', 'DescribeDocument', 'Invoke'],
  ],
  'holdfast-incidents-tend': ['Invoke', 'ListExecutions', 'StopExecution'],
};
