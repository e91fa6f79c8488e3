import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { RECORDS_ENV } from '../../records/environment.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { createExecutions } from '../../shared/aws/executions.ts';
import { createListenerRules } from '../../shared/aws/listener-rules.ts';
import { required } from '../../shared/environment.ts';
import { createLog } from '../../shared/logger.ts';
import { createMetrics } from '../../shared/metrics.ts';
import { type StepRequest, stepHandler } from '../../shared/step-handler.ts';
import { ENV } from '../contract/environment.ts';
import { METRICS } from '../contract/metrics.ts';
import { createReconcile, type Reconciled } from './reconcile.ts';

const log = createLog('deploy-reconcile');

/** Started by a schedule; its payload is not used. */
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
    metrics: createMetrics(METRICS.fleetDimension, required(environment, RECORDS_ENV.fleet)),
    now: Date.now,
    fleet: required(environment, RECORDS_ENV.fleet),
    deployStateMachineArn: required(environment, ENV.deployStateMachineArn),
    cleanUpStateMachineArn: required(environment, ENV.cleanUpStateMachineArn),
  }),
);
