import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { SFNClient } from '@aws-sdk/client-sfn';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/keys.ts';
import { createAutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { DRAIN_ENV } from '../../shared/aws/drain-rule-contract.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { type Environment, optional, required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { POLLING } from '../../shared/poll.ts';
import { type StepRequest, stepHandler } from '../../shared/step-handler.ts';
import { METRICS } from '../contract/common.ts';
import { ENV } from '../contract/environment.ts';
import { drainFrontFrom, gateToClose, targetGroupFrom } from '../ports-from-environment.ts';
import { createReconcile, type Reconciled } from './reconcile.ts';
import type { LifecycleMachines } from './start-lifecycles.ts';

const log = createLog('deploy-reconcile');

/** Undefined for a fleet without an Auto Scaling group. */
function lifecyclesFrom(environment: Environment): LifecycleMachines | undefined {
  const name = optional(environment, ENV.autoScalingGroupName);
  if (name === undefined) return undefined;
  return {
    group: createAutoScalingGroup(new AutoScalingClient(CLIENT_OPTIONS), name),
    machineArns: {
      launch: required(environment, ENV.launchStateMachineArn),
      terminate: required(environment, ENV.terminateStateMachineArn),
    },
    polling: POLLING,
  };
}

/** The function's core with the adapters that its environment names. */
export function wire(environment: Environment) {
  const lifecycles = lifecyclesFrom(environment);
  return createReconcile({
    records: recordsFrom(environment),
    executions: createExecutions(new SFNClient(CLIENT_OPTIONS)),
    ...(optional(environment, DRAIN_ENV.drainRuleArn) !== undefined && {
      drain: { targetGroup: targetGroupFrom(environment), ...drainFrontFrom(environment), group: lifecycles?.group },
    }),
    ...(lifecycles && {
      group: createAutoScalingGroup(new AutoScalingClient(CLIENT_OPTIONS), required(environment, ENV.autoScalingGroupName)),
    }),
    ...gateToClose(environment),
    lifecycles,
    log,
    metrics: createMetrics(METRICS.fleetDimension, required(environment, RECORDS_ENV.fleet)),
    now: Date.now,
    fleet: required(environment, RECORDS_ENV.fleet),
    deployStateMachineArn: required(environment, ENV.deployStateMachineArn),
    cleanUpStateMachineArn: required(environment, ENV.cleanUpStateMachineArn),
  });
}

/** Started by a schedule; its payload is not used. */
export const handler = stepHandler<StepRequest, Reconciled>(log, wire);
