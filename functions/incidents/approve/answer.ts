import { identityOf } from '../../shared/caller/identity-of.ts';
import { type SignedCommand, type VerifyPorts, verifyRequest } from '../../shared/caller/verify-request.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import type { MitigationState } from '../contract/incident.ts';
import type { MitigationKey } from '../contract/mitigations.ts';
import type { ApprovalTokens, IncidentRecords } from '../records/incident-records.ts';
import { type ApproveReply, type ApproveStatement, approveStatement } from './contract.ts';
import { release } from './release-kept-servers.ts';

export interface ApprovePorts extends Omit<VerifyPorts, 'fleet'> {
  readonly incidents: Pick<IncidentRecords, 'getIncident' | 'moveMitigation'>;
  readonly tokens: Pick<ApprovalTokens, 'getToken'>;
  /** Ends the wait of the runbook. False when it no longer waits. */
  readonly answerRunbook: (token: string, approved: boolean) => Promise<boolean>;
  readonly wait: (ms: number) => Promise<void>;
}

/** The approval is checked this often, up to `MOST_LOOKS` times: a runbook that got a yes takes its next step within seconds. */
const LOOK_MS = 1_000;
const MOST_LOOKS = 8;
const CARRIED_OUT: readonly MitigationState[] = ['planned', 'acting', 'verifying', 'done', 'undoing', 'undone', 'ended', 'leftBehind'];

const UNCHANGED = 'Nothing was decided.';
const REQUEST: SignedCommand<ApproveStatement> = {
  statement: approveStatement,
  unchanged: UNCHANGED,
  instead: 'Decide with the command that "incidents show" prints.',
  refused: LOG_EVENTS.approvalRefused,
  logged: ({ incidentId, mitigation }) => ({ incidentId, mitigation }),
};

/**
 * Records the decision of a verified caller about a mitigation that waits, and lets the runbook go on. Repeating the same
 * decision sends it to the runbook again, since its answer can have been lost.
 * @param account the function's own: an identity of another account decides nothing here
 */
export async function answerApproval(ports: ApprovePorts, account: string, input: unknown): Promise<ApproveReply> {
  const verified = await verifyRequest(ports, account, input, REQUEST);
  if ('outcome' in verified) return verified;
  const { statement, arn } = verified;
  return statement.decision === 'release' ? release(ports, statement, identityOf(arn)) : decide(ports, statement, identityOf(arn));
}

async function decide(
  ports: ApprovePorts,
  { incidentId, mitigation, run, decision }: ApproveStatement,
  decidedBy: string,
): Promise<ApproveReply> {
  const { incidents, tokens, answerRunbook, log, now } = ports;
  const key = mitigation as MitigationKey;
  const outcome = decision === 'approve' ? 'approved' : 'denied';
  await untilAsked(ports, incidentId, key, run);
  const token = await tokens.getToken(incidentId, key);
  if (token === undefined) {
    const message = `No mitigation ${mitigation} of incident ${incidentId} waits for an approval. ${UNCHANGED} See the incident for what it waits for.`;
    return refuse('NoSuchApproval', message);
  }
  const change = { state: outcome, decidedBy, ...(outcome === 'denied' && { finishedAtMs: now() }) } as const;
  const isFirst = await incidents.moveMitigation(incidentId, key, ['waitingForApproval'], change, { ofRun: run });
  if (!isFirst) {
    const known = (await incidents.getIncident(incidentId))?.mitigations[key];
    if (known !== undefined && known.run !== run) {
      const message = `Mitigation ${mitigation} of incident ${incidentId} is that of run ${known.run} now, and this is a decision about run ${run}. ${UNCHANGED} Look at the incident again, then decide.`;
      return refuse('AnotherRun', message);
    }
    if (known?.state !== outcome) {
      const message = `Mitigation ${mitigation} of incident ${incidentId} is ${known?.state ?? 'not on record'} already. ${UNCHANGED}`;
      return refuse('AlreadyDecided', message);
    }
  }
  const isHeard =
    (await answerRunbook(token, outcome === 'approved')) || (outcome === 'approved' && (await wasHeard(ports, incidentId, key)));
  if (!isHeard) {
    const message = `The runbook of incident ${incidentId} no longer waits for an approval of ${mitigation}: without one in time it carries nothing out. Run the runbook again if it is still needed.`;
    return refuse('ApprovalTimedOut', message);
  }
  log.info(LOG_EVENTS.approvalDecided, { incidentId, mitigation, decision, decidedBy });
  return { outcome, decidedBy };
}

/** The message comes first: a quick answer waits until its question is on record. */
async function untilAsked({ incidents, wait }: ApprovePorts, incidentId: string, key: MitigationKey, run: number): Promise<void> {
  for (let looks = 1; looks < MOST_LOOKS; looks += 1) {
    const known = (await incidents.getIncident(incidentId))?.mitigations[key];
    if (known?.state !== 'planned' || known.mode !== 'approve' || known.run !== run) return;
    await wait(LOOK_MS);
  }
}

/**
 * A runbook that no longer waits has given up or ended, or it has heard the yes, and the reply to that was lost: its next step shows
 * which. After this has said no, no step of it carries the mitigation out.
 */
async function wasHeard({ incidents, wait, now }: ApprovePorts, incidentId: string, key: MitigationKey): Promise<boolean> {
  const stateNow = async () => (await incidents.getIncident(incidentId))?.mitigations[key]?.state;
  let state = await stateNow();
  for (let looks = 1; state === 'approved' && looks < MOST_LOOKS; looks += 1) {
    await wait(LOOK_MS);
    state = await stateNow();
  }
  // It is on record as refused, not as denied: nobody has denied it.
  const late = {
    state: 'refused',
    detail: 'it was approved when its runbook no longer waited; nothing was sent',
    finishedAtMs: now(),
  } as const;
  if (await incidents.moveMitigation(incidentId, key, ['approved'], late)) return false;
  state = await stateNow();
  return state !== undefined && CARRIED_OUT.includes(state);
}

const refuse = (error: Extract<ApproveReply, { outcome: 'refused' }>['error'], message: string): ApproveReply => ({
  outcome: 'refused',
  error,
  message,
});
