import { type Executions, executionArnOf } from '../shared/executions.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import type { MetricSink } from '../shared/metrics.ts';
import type { Records } from '../shared/records.ts';
import { LEFT_METRICS, MOST_CLEAN_UPS } from './contract.ts';
import { isTidy, whyNothing } from './decide-claim.ts';
import { tellLeft } from './tell-left.ts';

export interface ReconcilePorts {
  readonly records: Pick<Records, 'getLock' | 'getDeploy' | 'closeDeploy'>;
  readonly executions: Pick<Executions, 'describe' | 'start'>;
  readonly log: Log;
  readonly metrics: Pick<MetricSink, 'count'>;
  readonly now: () => number;
  readonly fleet: string;
  readonly deployStateMachineArn: string;
  readonly cleanUpStateMachineArn: string;
}

/** Deploys whose clean-up was started, or that were left to the operator. */
export interface Reconciled {
  readonly started: readonly string[];
  readonly givenUp: readonly string[];
}

/**
 * Looks for deploys that ended without a clean-up that reached its end: Step Functions' status events are best-effort, and a
 * clean-up may die like anything else. A clean-up that is started once too often finds nothing to do.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function createReconcile(ports: ReconcilePorts): () => Promise<Reconciled> {
  const { records, executions, log, fleet } = ports;
  return async () => {
    const started: string[] = [];
    const givenUp: string[] = [];
    const running: string[] = [];
    const lock = await records.getLock(fleet);
    for (const deployId of lock?.openDeploys ?? []) {
      const record = await records.getDeploy(fleet, deployId);
      if (record && isTidy(record)) {
        await records.closeDeploy(fleet, deployId);
        continue;
      }
      const execution = await executions.describe(executionArnOf(ports.deployStateMachineArn, deployId));
      const otherCleanUp = record?.cleanUp && (await executions.describe(record.cleanUp.executionArn));
      if ([execution, otherCleanUp].some((one) => one?.status === 'RUNNING')) running.push(deployId);
      const reason = record
        ? whyNothing({ record, execution, otherCleanUp, error: undefined })
        : execution?.status === 'RUNNING'
          ? 'the deploy has just begun'
          : undefined;
      if (reason !== undefined) continue;
      if ((record?.cleanUp?.attempt ?? 0) >= MOST_CLEAN_UPS) {
        givenUp.push(deployId);
        log.warn(LOG_EVENTS.cleanUpGivenUp, { deployId, attempts: MOST_CLEAN_UPS });
        continue;
      }
      await executions.start(ports.cleanUpStateMachineArn, { deployId });
      started.push(deployId);
      log.info(LOG_EVENTS.cleanUpRestarted, { deployId, deployStatus: execution?.status });
    }
    const { stuck, left } = tellLeft({ lock, running, givenUp, nowMs: ports.now() });
    if (stuck) ports.metrics.count(LEFT_METRICS.deployStuck);
    if (left) ports.metrics.count(LEFT_METRICS.leftLocked);
    return { started, givenUp };
  };
}
