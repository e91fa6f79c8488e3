import type { Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import { identityOf, type VerifyPorts, verifyRequest } from '../../shared/caller/verify-request.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { requestOf, UNCHANGED } from '../contract/statement.ts';
import { waitingOf, whyNotWaiting } from '../pause/pause-text.ts';
import { type ContinueReply, type ContinueStatement, continueStatement } from './contract.ts';

export interface ContinuePorts extends VerifyPorts {
  readonly records: Records;
}

const REQUEST = requestOf(continueStatement, 'continue', LOG_EVENTS.continueRefused);

/**
 * Records that a verified caller lets a deploy go on that waits after its first targets. The deploy reads it at its next look. Of a
 * continuation and the end of the wait the first one on record counts.
 * @param account the function's own: an identity of another account continues nothing here
 */
export async function answerContinue(ports: ContinuePorts, account: string, input: unknown): Promise<ContinueReply> {
  const verified = await verifyRequest(ports, account, input, REQUEST);
  return 'outcome' in verified ? verified : continueDeploy(ports, verified.statement, identityOf(verified.arn));
}

async function continueDeploy(
  { records, log, now }: ContinuePorts,
  { fleet, deployId }: ContinueStatement,
  requestedBy: string,
): Promise<ContinueReply> {
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
