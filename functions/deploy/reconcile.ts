import { type Executions, executionArnOf } from '../shared/executions.ts';
import type { ListenerRules } from '../shared/listener-rules.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import type { MetricSink } from '../shared/metrics.ts';
import type { Records } from '../shared/records.ts';
import { LEFT_METRICS, MOST_CLEAN_UPS } from './contract.ts';
import { isTidy, whyNothing } from './decide-claim.ts';
import { leftRules, tellLeft } from './tell-left.ts';

export interface ReconcilePorts {
  readonly records: Pick<Records, 'getLock' | 'getDeploy' | 'closeDeploy'>;
  readonly executions: Pick<Executions, 'describe' | 'start'>;
  readonly rules: ListenerRules;
  readonly log: Log;
  readonly metrics: Pick<MetricSink, 'count'>;
  readonly now: () => number;
  readonly fleet: string;
  readonly deployStateMachineArn: string;
  readonly cleanUpStateMachineArn: string;
}

export interface Reconciled {
  /** Deploys whose clean-up was started. */
  readonly started: readonly string[];
  /** Deploys that were left to the operator. */
  readonly givenUp: readonly string[];
  /** ARNs of listener rules whose deploy is no more: somebody's to delete. */
  readonly leftRules: readonly string[];
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
    const rules = await findLeftRules(ports, lock?.openDeploys, givenUp);
    if (rules.length > 0) ports.metrics.count(LEFT_METRICS.leftRules, rules.length);
    return { started, givenUp, leftRules: rules };
  };
}

/** Nothing deletes them: a rule that leads requests is taken away by whoever knows where they are to go instead. */
async function findLeftRules(
  { rules, records, log, fleet }: ReconcilePorts,
  openBefore: ReadonlySet<string> = new Set(),
  givenUp: readonly string[],
): Promise<readonly string[]> {
  const made = await rules.madeByDeploys();
  if (made.length === 0) return [];
  // A deploy that began since is in the lock now; one that has ended since was in it before.
  const { openDeploys: openNow = new Set<string>() } = (await records.getLock(fleet)) ?? {};
  const left = leftRules(made, new Set([...openBefore, ...openNow]), givenUp);
  for (const { ruleArn, deployId } of left) log.warn(LOG_EVENTS.ruleLeft, { ruleArn, deployId });
  return left.map(({ ruleArn }) => ruleArn);
}
