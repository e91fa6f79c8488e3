import type { Records } from '../../records/records.ts';
import { identityOf, type VerifyPorts, verifyRequest } from '../../shared/caller/verify-request.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { requestOf, UNCHANGED } from '../contract/statement.ts';
import { isEndedByHand } from '../sessions/judge-sessions.ts';
import { type EndDrainReply, type EndDrainStatement, endDrainStatement, WAITS } from './contract.ts';

export interface EndDrainPorts extends VerifyPorts {
  readonly records: Records;
}

const REQUEST = requestOf(endDrainStatement, 'end-drain', LOG_EVENTS.endDrainRefused);

/**
 * Records that a verified caller ends the wait for the sessions of one server, which a deploy has pinned, or for its requests. The deploy
 * reads it at its next look. Repeating it changes nothing.
 * @param account the function's own: an identity of another account ends nothing here
 */
export async function answerEndDrain(ports: EndDrainPorts, account: string, input: unknown): Promise<EndDrainReply> {
  const verified = await verifyRequest(ports, account, input, REQUEST);
  return 'outcome' in verified ? verified : endDrain(ports, verified.statement, identityOf(verified.arn));
}

async function endDrain(
  { records, log, now }: EndDrainPorts,
  { fleet, deployId, instanceId, ends = 'sessions' }: EndDrainStatement,
  requestedBy: string,
): Promise<EndDrainReply> {
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
