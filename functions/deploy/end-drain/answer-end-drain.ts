import { LOG_EVENTS } from '../../shared/log-events.ts';
import { refuseInvalidFor, UNCHANGED } from '../contract/statement.ts';
import type { OperatorPorts } from '../operator-ports-from-environment.ts';
import { isEndedByHand } from '../sessions/judge-sessions.ts';
import { type EndDrainReply, endDrainStatement, WAITS } from './contract.ts';

/**
 * Records that an operator ends the wait for the sessions of one server, which a deploy has pinned, or for its requests. The deploy reads it at
 * its next look. Repeating it changes nothing.
 */
export async function answerEndDrain({ records, log, now, fleet }: OperatorPorts, input: unknown): Promise<EndDrainReply> {
  const statement = endDrainStatement.safeParse(input);
  if (!statement.success) return refuseInvalidFor('end-drain');
  const { deployId, instanceId, ends = 'sessions', requestedBy } = statement.data;
  const record = await records.getDeploy(fleet, deployId);
  if (!record) return refuse('NoSuchDeploy', `Fleet ${fleet} has no deploy ${deployId} on record. ${UNCHANGED}`);
  const target = record.targets[instanceId];
  const phases: readonly string[] = WAITS[ends];
  const isWaiting = record.status === 'RUNNING' && target !== undefined && phases.includes(target.phase);
  const isRecorded =
    isWaiting &&
    (isEndedByHand(target, WAITS[ends][0]) ||
      (await records.updateTarget(fleet, deployId, instanceId, { endDrain: { requestedBy, atMs: now() } }, { phases: WAITS[ends] })));
  if (!isRecorded || target === undefined)
    return refuse(
      'NoSessionDrain',
      `Deploy ${deployId} of fleet ${fleet} does not wait for the ${ends} of ${instanceId} now. ${UNCHANGED}`,
    );
  log.info(LOG_EVENTS.endDrainRecorded, { deployId, instanceId, ends, requestedBy });
  const { sessionsLeft, inFlight: requestsLeft } = target;
  const left = ends === 'sessions' ? sessionsLeft !== undefined && { sessionsLeft } : requestsLeft !== undefined && { requestsLeft };
  return { outcome: 'ended', instanceId, ...left, requestedBy };
}

const refuse = (error: Extract<EndDrainReply, { outcome: 'refused' }>['error'], message: string) =>
  ({ outcome: 'refused', error, message }) as EndDrainReply;
