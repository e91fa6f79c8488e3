import { KEEPS_SERVERS } from '../../records/types.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { MitigationState } from '../contract/incident.ts';
import type { MitigationKey } from '../contract/mitigations.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import type { ApproveReply, ApproveStatement } from './contract.ts';

export interface KeptServersPorts {
  readonly incidents: Pick<IncidentRecords, 'getIncident' | 'moveMitigation'>;
  readonly log: Log;
  readonly now: () => number;
}

const BEGINS: readonly MitigationState[] = ['acting', 'verifying'];
const ENDED: readonly MitigationState[] = ['undoing', 'undone', 'ended', 'leftBehind'];
const UNCHANGED = 'Nothing was changed.';

/**
 * Records that a verified caller ends what keeps a fleet's servers: the next check of the runbook or the schedule undoes it, and no later
 * run begins it again by itself. Repeating the request changes nothing.
 */
export async function release(
  { incidents, log, now }: KeptServersPorts,
  { incidentId, mitigation, run }: ApproveStatement,
  by: string,
): Promise<ApproveReply> {
  const key = mitigation as MitigationKey;
  const read = async () => (await incidents.getIncident(incidentId))?.mitigations[key];
  const refuse = (error: Extract<ApproveReply, { outcome: 'refused' }>['error'], message: string): ApproveReply => ({
    outcome: 'refused',
    error,
    message: `${message} ${UNCHANGED}`,
  });
  const known = await read();
  if (known?.name !== KEEPS_SERVERS)
    return refuse('NothingToRelease', `Incident ${incidentId} has no mitigation ${mitigation} that keeps servers.`);
  if (known.run !== run) return refuse('AnotherRun', `${mitigation} of incident ${incidentId} is that of run ${known.run} now.`);
  if (known.released) return { outcome: 'released', decidedBy: known.released.by };
  if (BEGINS.includes(known.state))
    return refuse('NothingToRelease', `${mitigation} of incident ${incidentId} is being carried out: release it in a minute.`);
  if (ENDED.includes(known.state))
    return refuse(
      'AlreadyEnded',
      `${mitigation} of incident ${incidentId} has ended: it is ${known.state}, ${known.detail ?? 'without a reason'}.`,
    );
  if (known.state !== 'done')
    return refuse('NothingToRelease', `${mitigation} of incident ${incidentId} is not in effect: it is ${known.state}.`);
  if (!(await incidents.moveMitigation(incidentId, key, ['done'], { released: { by, atMs: now() } }, { ofRun: run })))
    return refuse('AlreadyEnded', `${mitigation} of incident ${incidentId} has just ended: it is ${(await read())?.state}.`);
  log.info(LOG_EVENTS.approvalDecided, { incidentId, mitigation, decision: 'release', decidedBy: by });
  return { outcome: 'released', decidedBy: by };
}
