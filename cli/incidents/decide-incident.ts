import { APPROVE_ROLE, type ApproveReply, type ApproveStatement } from '../../functions/incidents/approve/contract.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import type { MitigationKey } from '../../functions/incidents/contract/mitigations.ts';
import { incidentsFunctionName } from '../../functions/incidents/contract/names.ts';
import { mitigationsOf } from '../../functions/incidents/report/mitigations-of.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import { INCIDENTS_PART } from '../../functions/shared/naming.ts';
import { commandFor, optionsOf } from '../command-options.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { ChangeOptions } from '../installation/announce-change.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { sendSigned } from '../send-signed.ts';
import { findIncident } from './incidents.ts';

export interface Decide {
  readonly id: string;
  /** Key of the mitigation. @default the only mitigation of the incident that waits for approval */
  readonly mitigation: string | undefined;
  readonly decision: ApproveStatement['decision'];
  /**
   * Number of the runbook's run that the person saw when deciding: a later run may propose something else. @default the latest run on
   * record
   */
  readonly run?: number | undefined;
}

/** Approves or denies a mitigation that waits. @throws CommandFailure NoSuchIncident, NothingWaits, the function's refusals */
export async function decide(decision: Decide, options: ChangeOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToChange(options, INCIDENTS_PART), 'incidents');
  output.at(cloud);
  const { incidentId, mitigation, reply } = await sendDecision(cloud, decision);
  const { outcome, decidedBy } = reply;
  output.result(
    { incidentId, mitigation, outcome, decidedBy },
    () => `${mitigation} of ${incidentId} is ${outcome}, by ${decidedBy}. See: ${commandFor(cloud, `incidents show ${incidentId}`)}`,
  );
}

export interface Decided {
  readonly incidentId: string;
  readonly mitigation: string;
  readonly reply: Exclude<ApproveReply, { outcome: 'refused' }>;
}

/** The console's button calls it too. */
export async function sendDecision(
  cloud: OpenCloud<'incidents'>,
  { id, mitigation: wanted, decision, run: seen }: Decide,
): Promise<Decided> {
  const incident = await findIncident(cloud, id);
  const { incidentId } = incident;
  const mitigation = wanted ?? onlyWaiting(incident, optionsOf(cloud));
  const run = seen ?? incident.mitigations[mitigation as MitigationKey]?.run ?? Math.max(1, incident.runs);
  const { installation } = cloud;
  const reply = await sendSigned<ApproveReply>(cloud, {
    functionName: incidentsFunctionName(installation, APPROVE_ROLE),
    statement: { installation, incidentId, mitigation, run, decision } satisfies ApproveStatement,
    failed: { code: 'ApprovalFailed', message: 'The decision is recorded or not. Run the same command again: it decides nothing twice.' },
  });
  return { incidentId, mitigation, reply };
}

function onlyWaiting(incident: IncidentRecord, options: string): string {
  const waiting = mitigationsOf(incident).filter(([, { state }]) => state === 'waitingForApproval');
  const [only, another] = waiting;
  if (only && !another) return only[0];
  const { incidentId } = incident;
  const message = only
    ? `${waiting.length} mitigations of ${incidentId} wait for approval (${waiting.map(([key]) => key).join(', ')}). Nothing was decided. Name one of them.`
    : `No mitigation of ${incidentId} waits for approval. Nothing was decided. See: ${holdfast(`incidents show ${incidentId} ${options}`)}`;
  throw new CommandFailure('NothingWaits', message, EXIT.badInput);
}
