import { type Execution, type Executions, executionArnOf } from '../../shared/aws/executions.ts';
import { counted } from '../../shared/counted.ts';
import { LONGEST_SWEEP_HOURS } from '../../sweep/contract/limits.ts';
import { MOST_LIVES } from '../../sweep/contract/lives.ts';
import type { SweepRecord, SweepSummary } from '../../sweep/contract/record.ts';
import type { SweepInput } from '../../sweep/contract/steps.ts';
import type { SweepRecords } from '../../sweep/sweep-records.ts';
import type { MitigationTarget } from '../contract/mitigation-descriptor.ts';
import type { Mitigation } from '../contract/mitigations.ts';
import { type ReadMemory, whyEnough } from './ask-trouble.ts';
import { refuseFor } from './mitigation-errors.ts';

export interface SweepRunPorts {
  readonly sweepStateMachineArn: string;
  readonly executions: Pick<Executions, 'describe' | 'startOnce'>;
  readonly sweeps: Pick<SweepRecords, 'getSweep' | 'latestSweeps'>;
  readonly memory: ReadMemory;
  readonly now: () => number;
}

/** What one mitigation runs on the store's keys. */
interface SweepRun {
  /** First word of its execution's name, which ends in the incident's. */
  readonly name: string;
  readonly input: SweepInput;
  /** It makes room, and is refused once there is enough. */
  readonly forMemory?: true;
  /** In a sentence, with what it costs. */
  readonly effect: string;
  /** What it did, in words. */
  readonly did: (summary: SweepSummary) => string;
}

/** A full sweep by the installation's own policy and limits. */
export const SWEEP_NOW: SweepRun = {
  name: 'sweep',
  input: { full: true },
  effect:
    'a full sweep gives every session without a TTL its remaining life, within the configured policy, pace and limit of deletes; it costs some cents',
  did: ({ repaired, deleted, keys, unconfirmed = [] }) =>
    [
      `${counted(repaired, 'key')} repaired, ${deleted} deleted, of ${keys}`,
      ...unconfirmed.map(({ dialect, withoutTtl, setting }) => `${withoutTtl} of ${dialect} left until ${setting} is set`),
    ].join('; '),
};

/** Raises the TTL of sessions that would end before the life that they state themselves. It shortens none. */
export const RAISE_TTL: SweepRun = {
  name: 'raise',
  input: { lives: 'raise' },
  effect: `sessions whose own value states a longer life (Spring, Redisson, a cookie's expires or originalMaxAge) get it, ${MOST_LIVES} at most; none is shortened. The application sets its own TTL again with the next request: correct its timeout too`,
  did: (summary) => livesText(summary, 'raised'),
};

/** Shortens the TTL of sessions that hold nothing of a user, of frameworks whose keys show that. It lengthens none. */
export const SHORTEN_ANONYMOUS: SweepRun = {
  name: 'shorten',
  input: { lives: 'shorten-anonymous' },
  forMemory: true,
  effect: `sessions of Spring and Redisson that hold nothing of a user, neither a login nor an attribute of the application, end within minutes unless they are used again, ${MOST_LIVES} at most. A session that is used gets the application's TTL again`,
  did: (summary) => livesText(summary, 'shortened'),
};

function livesText({ lives, keys }: SweepSummary, how: string): string {
  const { changed = 0, overLimit = 0, notPermitted = 0 } = lives ?? {};
  const more = [
    ...(overLimit > 0 ? [`${overLimit} above its limit left as they are`] : []),
    ...(notPermitted > 0 ? [`${notPermitted} not permitted to its user`] : []),
  ];
  return [`${counted(changed, 'session')} ${how}, of ${counted(keys, 'key')}`, ...more].join(', ');
}

/** How an execution that failed has ended, as the end of a sentence. */
export const howEnded = ({ status, cause }: Execution, record: Pick<SweepRecord, 'error'> | undefined): string =>
  `ended with ${status}: ${record?.error?.Cause ?? cause ?? 'no cause was reported'}`;

interface Undo {
  readonly sweepId: string;
}

/**
 * Runs through the store's keys by the state machine of sweeps, inside the VPC, at the installation's own pace and limits. Its name
 * is the incident's, so that one incident starts one, however often its call is repeated.
 */
export function createSweepRun({ sweepStateMachineArn, executions, sweeps, memory, now }: SweepRunPorts, run: SweepRun): Mitigation<Undo> {
  const describe = (sweepId: string) => executions.describe(executionArnOf(sweepStateMachineArn, sweepId));
  const whyNot = async () => (run.forMemory ? whyEnough(memory) : undefined);
  const nameOf = ({ incidentId }: MitigationTarget): string => `${run.name}-${incidentId}`;
  const inputOf = ({ incidentId }: MitigationTarget): SweepInput => ({ ...run.input, requestedBy: `incident ${incidentId}` });
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
      const enough = await whyNot();
      if (enough !== undefined) return { refused: enough };
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
      const { sweepId } = plan.undo;
      // What an earlier attempt has started goes on.
      if ((await describe(sweepId)) === undefined) refuseFor(await whyNot());
      await executions.startOnce(sweepStateMachineArn, sweepId, inputOf(target));
    },
    async verify(_target, plan) {
      const { sweepId } = plan.undo;
      const execution = await describe(sweepId);
      if (execution === undefined) return { verdict: 'WAIT', detail: `sweep ${sweepId} has not started yet` };
      // It can take hours; its own record and alarms follow it.
      if (execution.status === 'RUNNING') return { verdict: 'DONE', detail: `sweep ${sweepId} has begun and goes on by itself` };
      const record = await sweeps.getSweep(sweepId);
      if (execution.status !== 'SUCCEEDED') return { verdict: 'FAILED', detail: `sweep ${sweepId} ${howEnded(execution, record)}` };
      const did = record?.summary ? run.did(record.summary) : 'there was nothing to do';
      return { verdict: 'DONE', detail: `sweep ${sweepId} has ended: ${did}` };
    },
  };
}

/** No sweep runs longer. A sweep that was stopped by force keeps the status RUNNING on record, and is passed over after this time. */
const LONGEST_SWEEP_MS = LONGEST_SWEEP_HOURS * 3_600_000;
const isRecent = ({ startedAtMs }: SweepRecord, nowMs: number): boolean => nowMs - startedAtMs < LONGEST_SWEEP_MS;
