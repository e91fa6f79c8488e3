import type { DeployRecord } from '../../records/types.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { deployStatement, refuseInvalidFor, UNCHANGED } from '../contract/statement.ts';
import type { OperatorPorts } from '../operator-ports-from-environment.ts';
import { waitingOf, whyNotWaiting } from '../pause/pause-text.ts';
import type { ContinueReply } from './contract.ts';

/**
 * Records that an operator lets a deploy go on that waits after its first targets. The deploy reads it at its next look. Of a continuation and
 * the end of the wait the first one on record counts.
 */
export async function answerContinue({ records, log, now, fleet }: OperatorPorts, input: unknown): Promise<ContinueReply> {
  const statement = deployStatement.safeParse(input);
  if (!statement.success) return refuseInvalidFor('continue');
  const { deployId, requestedBy } = statement.data;
  const record = await records.getDeploy(fleet, deployId);
  if (!record)
    return { outcome: 'refused', error: 'NoSuchDeploy', message: `Fleet ${fleet} has no deploy ${deployId} on record. ${UNCHANGED}` };
  const waiting = waitingOf(record);
  const mark = { requestedBy, atMs: now() };
  if (!waiting || !(await records.continueDeploy(fleet, deployId, mark))) {
    const latest = (await records.getDeploy(fleet, deployId)) ?? record;
    // The answer to a call that has taken effect can be lost; the SDK then calls again.
    if (!waiting || !isSame(latest, mark)) return notWaiting(latest, now());
  }
  log.info(LOG_EVENTS.continueRecorded, { deployId, requestedBy });
  return { outcome: 'continued', done: waiting.done.length, servers: waiting.servers, requestedBy };
}

const isSame = ({ pause }: DeployRecord, { requestedBy, atMs }: { readonly requestedBy: string; readonly atMs: number }): boolean =>
  pause?.continued?.requestedBy === requestedBy && pause.continued.atMs === atMs;

const notWaiting = (record: DeployRecord, nowMs: number): ContinueReply => ({
  outcome: 'refused',
  error: 'NotWaiting',
  message: `Deploy ${record.deployId} of fleet ${record.fleet} ${whyNotWaiting(record, nowMs)}. ${UNCHANGED}`,
});
