import type { Records } from '../../records/records.ts';
import { type IdentifyPorts, identifyCaller } from '../../shared/caller/identify-caller.ts';
import { identityOf } from '../../shared/caller/identity-of.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { isEndedByHand } from '../sessions/judge-sessions.ts';
import { type EndDrainReply, type EndDrainStatement, endDrainRequest, endDrainStatement } from './contract.ts';

export interface EndDrainPorts extends IdentifyPorts {
  readonly records: Pick<Records, 'getDeploy' | 'updateTarget'>;
  readonly log: Log;
  readonly installation: string;
  readonly fleet: string;
}

const UNCHANGED = 'Nothing was changed.';
const WAITING = ['pinning', 'sessionDrain'] as const;

/**
 * Records that a verified caller ends the wait for the sessions of the server that a deploy has pinned. The deploy reads it at its next
 * look. Repeating it changes nothing.
 * @param account the function's own: an identity of another account ends nothing here
 */
export async function answerEndDrain(ports: EndDrainPorts, account: string, input: unknown): Promise<EndDrainReply> {
  const request = endDrainRequest.safeParse(input);
  const statement = request.success ? readStatement(request.data.statement) : undefined;
  if (!request.success || !statement)
    return refuse('InvalidRequest', `The request is not valid. ${UNCHANGED} Run "holdfast deploys end-drain ID".`);
  const { installation, fleet, deployId } = statement;
  if (installation !== ports.installation || fleet !== ports.fleet)
    return refuse(
      'InvalidRequest',
      `The statement is for fleet ${fleet} of installation ${installation}, and this is fleet ${ports.fleet} of ${ports.installation}. ${UNCHANGED}`,
    );
  const caller = await identifyCaller(ports, account, request.data.proof, request.data.statement);
  if ('refusal' in caller) {
    ports.log.warn(LOG_EVENTS.endDrainRefused, { deployId, error: caller.refusal });
    return refuse(
      'UnknownCaller',
      `The caller could not be verified: ${caller.refusal}. ${UNCHANGED} Check the clock of your machine, sign in again, then try again.`,
    );
  }
  return endDrain(ports, statement, identityOf(caller.arn));
}

async function endDrain(
  { records, log, now }: EndDrainPorts,
  { fleet, deployId }: EndDrainStatement,
  requestedBy: string,
): Promise<EndDrainReply> {
  const record = await records.getDeploy(fleet, deployId);
  if (!record) return refuse('NoSuchDeploy', `Fleet ${fleet} has no deploy ${deployId} on record. ${UNCHANGED}`);
  const [instanceId, target] = Object.entries(record.targets).find(([, { phase }]) => WAITING.some((one) => one === phase)) ?? [];
  const isRecorded =
    record.status === 'RUNNING' &&
    instanceId !== undefined &&
    (isEndedByHand(target) ||
      (await records.updateTarget(fleet, deployId, instanceId, { endDrain: { requestedBy, atMs: now() } }, { phases: WAITING })));
  if (!isRecorded || instanceId === undefined || target === undefined)
    return refuse('NoSessionDrain', `Deploy ${deployId} of fleet ${fleet} does not wait for the sessions of a server now. ${UNCHANGED}`);
  log.info(LOG_EVENTS.endDrainRecorded, { deployId, instanceId, requestedBy });
  const { sessionsLeft } = target;
  return { outcome: 'ended', instanceId, ...(sessionsLeft !== undefined && { sessionsLeft }), requestedBy };
}

function readStatement(text: string): EndDrainStatement | undefined {
  try {
    return endDrainStatement.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const refuse = (error: Extract<EndDrainReply, { outcome: 'refused' }>['error'], message: string): EndDrainReply => ({
  outcome: 'refused',
  error,
  message,
});
