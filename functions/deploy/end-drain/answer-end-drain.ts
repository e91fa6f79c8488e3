import type { Records } from '../../records/records.ts';
import type { Phase } from '../../records/types.ts';
import { identityOf } from '../../shared/caller/identity-of.ts';
import { type VerifyPorts, verifyRequest } from '../../shared/caller/verify-request.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { requestOf, UNCHANGED } from '../contract/statement.ts';
import { isEndedByHand } from '../sessions/judge-sessions.ts';
import { type EndDrainReply, type EndDrainStatement, endDrainStatement } from './contract.ts';

export interface EndDrainPorts extends VerifyPorts {
  readonly records: Pick<Records, 'getDeploy' | 'updateTarget'>;
}

const WAITING: readonly Phase[] = ['pinning', 'sessionDrain'];
const REQUEST = requestOf(endDrainStatement, 'end-drain', LOG_EVENTS.endDrainRefused);

/**
 * Records that a verified caller ends the wait for the sessions of one server, which a deploy has pinned. The deploy reads it at its next
 * look. Repeating it changes nothing.
 * @param account the function's own: an identity of another account ends nothing here
 */
export async function answerEndDrain(ports: EndDrainPorts, account: string, input: unknown): Promise<EndDrainReply> {
  const verified = await verifyRequest(ports, account, input, REQUEST);
  return 'outcome' in verified ? verified : endDrain(ports, verified.statement, identityOf(verified.arn));
}

async function endDrain(
  { records, log, now }: EndDrainPorts,
  { fleet, deployId, instanceId }: EndDrainStatement,
  requestedBy: string,
): Promise<EndDrainReply> {
  const record = await records.getDeploy(fleet, deployId);
  if (!record) return refuse('NoSuchDeploy', `Fleet ${fleet} has no deploy ${deployId} on record. ${UNCHANGED}`);
  const target = record.targets[instanceId];
  const isWaiting = record.status === 'RUNNING' && target !== undefined && WAITING.includes(target.phase);
  const isRecorded =
    isWaiting &&
    (isEndedByHand(target) ||
      (await records.updateTarget(fleet, deployId, instanceId, { endDrain: { requestedBy, atMs: now() } }, { phases: WAITING })));
  if (!isRecorded || target === undefined)
    return refuse(
      'NoSessionDrain',
      `Deploy ${deployId} of fleet ${fleet} does not wait for the sessions of ${instanceId} now. ${UNCHANGED}`,
    );
  log.info(LOG_EVENTS.endDrainRecorded, { deployId, instanceId, requestedBy });
  const { sessionsLeft } = target;
  return { outcome: 'ended', instanceId, ...(sessionsLeft !== undefined && { sessionsLeft }), requestedBy };
}

const refuse = (error: Extract<EndDrainReply, { outcome: 'refused' }>['error'], message: string) =>
  ({ outcome: 'refused', error, message }) as EndDrainReply;
