import { type Execution, type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import { counted } from '../../shared/texts.ts';
import { LONGEST_SWEEP_HOURS } from '../../sweep/contract/environment.ts';
import type { SweepRecord, SweepSummary } from '../../sweep/contract/record.ts';
import type { SweepInput } from '../../sweep/contract/steps.ts';
import type { SweepRecords } from '../../sweep/sweep-records.ts';
import type { Mitigation, MitigationTarget } from '../contract/mitigations.ts';

export interface SweepRunPorts {
  readonly sweepStateMachineArn: string;
  readonly executions: Pick<Executions, 'describe' | 'startOnce'>;
  readonly sweeps: Pick<SweepRecords, 'getSweep' | 'latestSweeps'>;
  readonly now: () => number;
}

const howEnded = ({ status, cause }: Execution, record: Pick<SweepRecord, 'error'> | undefined): string =>
  `ended with ${status}: ${record?.error?.Cause ?? cause ?? 'no cause was reported'}`;

type Undo = { readonly sweepId: string };

const didText = ({ repaired, deleted, keys, unconfirmed = [] }: SweepSummary): string =>
  [
    `${counted(repaired, 'key')} repaired, ${deleted} deleted, of ${keys}`,
    ...unconfirmed.map(({ dialect, withoutTtl, setting }) => `${withoutTtl} of ${dialect} left until ${setting} is set`),
  ].join('; ');

/** Its name is the incident's, so that one incident starts one, however often its call is repeated. */
export function createSweepNow({ sweepStateMachineArn, executions, sweeps, now }: SweepRunPorts): Mitigation<Undo> {
  const describe = (sweepId: string) => executions.describe(executionArnOf(sweepStateMachineArn, sweepId));
  const nameOf = ({ incidentId }: MitigationTarget): string => `sweep-${incidentId}`;
  const inputOf = ({ incidentId }: MitigationTarget): SweepInput => ({ full: true, requestedBy: `incident ${incidentId}` });
  return {
    async plan(target) {
      const sweepId = nameOf(target);
      const own = await describe(sweepId);
      if (own !== undefined && own.status !== 'RUNNING')
        return { refused: `sweep ${sweepId} of this incident has already ended with ${own.status}` };
      const other = (await sweeps.latestSweeps(5)).find(
        (sweep) => sweep.status === 'RUNNING' && sweep.sweepId !== sweepId && isRecent(sweep, now()),
      );
      if (other) return { refused: `sweep ${other.sweepId} runs already, since ${new Date(other.startedAtMs).toISOString()}` };
      const input = JSON.stringify(inputOf(target));
      return {
        calls: [
          { service: 'stepfunctions', operation: 'StartExecution', input: { stateMachineArn: sweepStateMachineArn, name: sweepId, input } },
        ],
        effect:
          'a full sweep gives every session without a TTL its remaining life, within the configured policy, pace and limit of deletes; it costs some cents',
        undo: { sweepId },
      };
    },
    async act(target, plan) {
      await executions.startOnce(sweepStateMachineArn, plan.undo.sweepId, inputOf(target));
    },
    async verify(_target, plan) {
      const { sweepId } = plan.undo;
      const execution = await describe(sweepId);
      if (execution === undefined) return { verdict: 'WAIT', detail: `sweep ${sweepId} has not started yet` };
      // It can take hours; its own record and alarms follow it.
      if (execution.status === 'RUNNING') return { verdict: 'DONE', detail: `sweep ${sweepId} has begun and goes on by itself` };
      const record = await sweeps.getSweep(sweepId);
      if (execution.status !== 'SUCCEEDED') return { verdict: 'FAILED', detail: `sweep ${sweepId} ${howEnded(execution, record)}` };
      const did = record?.summary ? didText(record.summary) : 'there was nothing to do';
      return { verdict: 'DONE', detail: `sweep ${sweepId} has ended: ${did}` };
    },
  };
}

/** No sweep runs longer. A sweep that was stopped by force keeps the status RUNNING on record, and is passed over after this time. */
const LONGEST_SWEEP_MS = LONGEST_SWEEP_HOURS * 3_600_000;
const isRecent = ({ startedAtMs }: SweepRecord, nowMs: number): boolean => nowMs - startedAtMs < LONGEST_SWEEP_MS;
