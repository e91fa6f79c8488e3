import { type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import type { SweepRecord, SweepSummary } from '../../sweep/contract/record.ts';
import type { SweepInput } from '../../sweep/contract/steps.ts';
import type { Mitigation, MitigationTarget } from '../contract/mitigations.ts';

export interface SweepRunPorts {
  readonly sweepStateMachineArn: string;
  readonly executions: Pick<Executions, 'describe' | 'startOnce'>;
  readonly getSweep: (sweepId: string) => Promise<SweepRecord | undefined>;
  readonly latestSweeps: (count: number) => Promise<readonly SweepRecord[]>;
  readonly now: () => number;
}

/** What one mitigation runs on the store's keys. */
export interface SweepRun {
  /** First word of its execution's name, which ends in the incident's. */
  readonly name: string;
  readonly input: SweepInput;
  /** In a sentence, with what it costs. */
  readonly effect: string;
  /** What it did, in words. */
  readonly did: (summary: SweepSummary) => string;
}

interface Undo {
  readonly sweepId: string;
}

/**
 * Runs through the store's keys by the state machine of sweeps, inside the VPC, at the installation's own pace and limits. Its name
 * is the incident's, so that one incident starts one, however often its call is repeated.
 */
export function createSweepRun(
  { sweepStateMachineArn, executions, getSweep, latestSweeps, now }: SweepRunPorts,
  run: SweepRun,
): Mitigation<Undo> {
  const nameOf = ({ incidentId }: MitigationTarget): string => `${run.name}-${incidentId}`;
  const inputOf = ({ incidentId }: MitigationTarget): SweepInput => ({ ...run.input, requestedBy: `incident ${incidentId}` });
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
        effect: run.effect,
        undo,
      };
    },
    async act(target, plan) {
      await executions.startOnce(sweepStateMachineArn, plan.undo.sweepId, inputOf(target));
    },
    async verify(_target, plan) {
      const { sweepId } = plan.undo;
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
      const did = record?.summary ? run.did(record.summary) : 'there was nothing to do';
      return { verdict: 'DONE', detail: `sweep ${sweepId} has ended: ${did}` };
    },
  };
}

/** As long as a sweep can run; the record of one that was stopped by force stays RUNNING. */
const LONGEST_SWEEP_MS = 12 * 3_600_000;
const isRecent = ({ startedAtMs }: SweepRecord, nowMs: number): boolean => nowMs - startedAtMs < LONGEST_SWEEP_MS;
