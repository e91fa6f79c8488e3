import { type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import type { SweepInput, SweepRecord } from '../../sweep/contract.ts';
import type { Mitigation, MitigationTarget } from '../contract/mitigations.ts';

export interface SweepNowPorts {
  readonly sweepStateMachineArn: string;
  readonly executions: Pick<Executions, 'describe' | 'startOnce'>;
  readonly getSweep: (sweepId: string) => Promise<SweepRecord | undefined>;
  readonly latestSweeps: (count: number) => Promise<readonly SweepRecord[]>;
  readonly now: () => number;
}

interface Undo {
  readonly sweepId: string;
}

/**
 * Starts a full sweep by the installation's own policy and limits. Its name is the incident's, so that one incident starts one
 * sweep, however often its call is repeated.
 */
export function createSweepNow({ sweepStateMachineArn, executions, getSweep, latestSweeps, now }: SweepNowPorts): Mitigation {
  return {
    async plan(target) {
      const sweepId = nameOf(target);
      const own = await executions.describe(executionArnOf(sweepStateMachineArn, sweepId));
      if (own !== undefined && own.status !== 'RUNNING')
        return { refused: `sweep ${sweepId} of this incident has already ended with ${own.status}` };
      const other = (await latestSweeps(5)).find(
        (sweep) => sweep.status === 'RUNNING' && sweep.sweepId !== sweepId && isRecent(sweep, now()),
      );
      if (other) return { refused: `sweep ${other.sweepId} runs already, since ${new Date(other.startedAtMs).toISOString()}` };
      const undo: Undo = { sweepId };
      const input = JSON.stringify(inputOf(target));
      return {
        calls: [
          { service: 'stepfunctions', operation: 'StartExecution', input: { stateMachineArn: sweepStateMachineArn, name: sweepId, input } },
        ],
        effect:
          'a full sweep gives every session without a TTL its remaining life, within the configured policy, pace and limit of deletes; it costs some cents',
        undo,
      };
    },
    async act(target, plan) {
      await executions.startOnce(sweepStateMachineArn, (plan.undo as Undo).sweepId, inputOf(target));
    },
    async verify(_target, plan) {
      const { sweepId } = plan.undo as Undo;
      const execution = await executions.describe(executionArnOf(sweepStateMachineArn, sweepId));
      if (execution === undefined) return { verdict: 'WAIT', detail: `sweep ${sweepId} has not started yet` };
      // It can take hours; its own record and alarms follow it.
      if (execution.status === 'RUNNING') return { verdict: 'DONE', detail: `sweep ${sweepId} has begun and goes on by itself` };
      const record = await getSweep(sweepId);
      if (execution.status !== 'SUCCEEDED') {
        return {
          verdict: 'FAILED',
          detail: `sweep ${sweepId} ended with ${execution.status}: ${record?.error?.Cause ?? execution.cause ?? 'no cause'}`,
        };
      }
      const { summary } = record ?? {};
      const counts = summary
        ? `: ${summary.repaired} keys repaired, ${summary.deleted} deleted, of ${summary.keys}`
        : ': there was nothing to do';
      return { verdict: 'DONE', detail: `sweep ${sweepId} has ended${counts}` };
    },
  };
}

const nameOf = ({ incidentId }: MitigationTarget): string => `sweep-${incidentId}`;

const inputOf = ({ incidentId }: MitigationTarget): SweepInput => ({ full: true, requestedBy: `incident ${incidentId}` });

/** As long as a sweep can run; the record of one that was stopped by force stays RUNNING. */
const LONGEST_SWEEP_MS = 12 * 3_600_000;
const isRecent = ({ startedAtMs }: SweepRecord, nowMs: number): boolean => nowMs - startedAtMs < LONGEST_SWEEP_MS;
