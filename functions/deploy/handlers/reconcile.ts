import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { CLIENT_OPTIONS } from '../../shared/client-options.ts';
import { required } from '../../shared/environment.ts';
import { createExecutions } from '../../shared/executions.ts';
import { createListenerRules } from '../../shared/listener-rules.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { recordsFrom } from '../../shared/ports-from-environment.ts';
import { type StepRequest, stepHandler } from '../../shared/step-handler.ts';
import { ENV } from '../contract.ts';
import { createReconcile, type Reconciled } from '../reconcile.ts';

const log = createLog('deploy-reconcile');

/** Started by a schedule, whose own payload is of no use here. */
export const handler = stepHandler<StepRequest, Reconciled>(log, (environment) =>
  createReconcile({
    records: recordsFrom(environment),
    executions: createExecutions(new SFNClient(CLIENT_OPTIONS)),
    rules: createListenerRules(
      new ElasticLoadBalancingV2Client(CLIENT_OPTIONS),
      required(environment, ENV.targetGroupArn),
      required(environment, ENV.fleetTag),
    ),
    log,
    metrics: createMetrics(required(environment, ENV.fleet)),
    now: Date.now,
    fleet: required(environment, ENV.fleet),
    deployStateMachineArn: required(environment, ENV.deployStateMachineArn),
    cleanUpStateMachineArn: required(environment, ENV.cleanUpStateMachineArn),
  }),
);
