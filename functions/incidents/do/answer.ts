import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { refuseInvalid } from '../../shared/stated-request.ts';
import { type IncidentRecord, type MitigationRecord, type MitigationState, UNDER_WAY } from '../contract/incident.ts';
import { DESCRIPTORS, type MitigationKey } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { stepOf } from '../tend/end-temporary.ts';
import { type DoReply, doStatement } from './contract.ts';

export interface DoPorts {
  readonly incidents: Pick<IncidentRecords, 'getIncident' | 'moveMitigation'>;
  readonly start: (incidentId: string, key: MitigationKey, requestedAtMs: number) => Promise<boolean>;
  readonly mitigate: (step: MitigateStep) => Promise<MitigateReply>;
  readonly log: Log;
  readonly now: () => number;
}

const UNCHANGED = 'Nothing was changed.';

const CAN_BEGIN: readonly MitigationState[] = ['observed', 'refused', 'ended', 'undone'];
const IN_EFFECT: readonly MitigationState[] = ['done', 'undoing', 'leftBehind'];

type Refusal = Extract<DoReply, { outcome: 'refused' }>;
const refuse = (error: Refusal['error'], message: string): Refusal => ({ outcome: 'refused', error, message });

export interface Asked {
  readonly incident: IncidentRecord;
  readonly key: MitigationKey;
  readonly record: MitigationRecord;
  readonly by: string;
}

/** Repeating a request changes nothing more. */
export async function answerRequest(ports: DoPorts, input: unknown): Promise<DoReply> {
  const statement = doStatement.safeParse(input);
  if (!statement.success) return refuseInvalid(UNCHANGED, 'Use the command that "incidents show" prints.');
  const { incidentId, mitigation, run, what, requestedBy } = statement.data;
  const key = mitigation as MitigationKey;
  const incident = await ports.incidents.getIncident(incidentId);
  const record = incident?.mitigations[key];
  if (incident === undefined || record === undefined || !(record.name in DESCRIPTORS))
    return refuse(
      'NothingToDo',
      `Incident ${incidentId} names no mitigation ${mitigation}. ${UNCHANGED} See the incident for those that it names.`,
    );
  if (record.run !== run)
    return refuse(
      'AnotherRun',
      `${mitigation} of incident ${incidentId} is that of run ${record.run} now, and this asks for that of run ${run}. ${UNCHANGED} Look at the incident again.`,
    );
  const asked = { incident, key, record, by: requestedBy };
  const reply = await (what === 'do' ? begin : end)(ports, asked);
  if (reply.outcome !== 'refused') ports.log.info(LOG_EVENTS.mitigationRequested, { incidentId, mitigation, what, requestedBy });
  return reply;
}

/** The runbook goes on from here: it reads the pre-conditions again, and what it sends is on record before. */
export async function begin(
  { incidents, start, now }: Pick<DoPorts, 'incidents' | 'start' | 'now'>,
  { incident, key, record, by }: Asked,
): Promise<DoReply> {
  const { incidentId } = incident;
  const { state, requestedBy, requestedAtMs, run } = record;
  const isAsked = state === 'planned' && requestedBy !== undefined;
  if (UNDER_WAY.includes(state)) return { outcome: 'begun', requestedBy: requestedBy ?? by };
  if (!isAsked && !CAN_BEGIN.includes(state))
    return refuse('NothingToDo', `${key} of incident ${incidentId} is ${state}${detailOf(record)}. ${UNCHANGED}`);
  if (incident.closedAtMs !== undefined || incident.dryRun)
    return refuse(
      'NothingToDo',
      `Incident ${incidentId} is ${incident.dryRun ? 'a dry run' : 'closed'}: what it found is no reason to change anything now. ${UNCHANGED} Start its runbook again with "incidents run".`,
    );
  if (isAsked && incident.running) return { outcome: 'begun', requestedBy };
  if (incident.running)
    return refuse(
      'RunbookAtWork',
      `The runbook of incident ${incidentId} is at work. ${UNCHANGED} Ask again when it has reported, in a minute or two.`,
    );
  const atMs = isAsked && requestedAtMs !== undefined ? requestedAtMs : now();
  const change = { state: 'planned', requestedBy: by, requestedAtMs: atMs } as const;
  if (!isAsked && !(await incidents.moveMitigation(incidentId, key, [state], change, { ofRun: run })))
    return refuse('RunbookAtWork', `${key} of incident ${incidentId} has just changed. ${UNCHANGED} Look at the incident again.`);
  if (!(await start(incidentId, key, atMs))) {
    await incidents.moveMitigation(incidentId, key, ['planned'], {
      state: 'refused',
      detail: 'its runbook ended before it began',
      finishedAtMs: now(),
    });
    return refuse('RunbookAtWork', `The runbook of incident ${incidentId} ended before it began ${key}. ${UNCHANGED} Ask again.`);
  }
  return { outcome: 'begun', requestedBy: isAsked ? requestedBy : by };
}

export async function end(
  { incidents, mitigate }: Pick<DoPorts, 'incidents' | 'mitigate'>,
  { incident, key, record, by }: Asked,
): Promise<DoReply> {
  const { incidentId } = incident;
  const { name, state, run } = record;
  const nothing = (why: string) => refuse('NothingToEnd', `${key} of incident ${incidentId} ${why}. ${UNCHANGED}`);
  if (!DESCRIPTORS[name].undoable) return nothing('cannot be ended: nothing can undo it');
  if (UNDER_WAY.includes(state)) return nothing('is being carried out: end it in a minute');
  const withdrawn = { state: 'refused', detail: `${by} withdrew it before it began`, endedBy: by } as const;
  if (state === 'planned' && (await incidents.moveMitigation(incidentId, key, ['planned'], withdrawn, { ofRun: run })))
    return { outcome: 'ended', requestedBy: by };
  if (!IN_EFFECT.includes(state)) return nothing(`is not in effect: it is ${state}${detailOf(record)}`);
  if (!(await incidents.moveMitigation(incidentId, key, IN_EFFECT, { endedBy: by }, { ofRun: run })))
    return nothing('has just changed: look at the incident again');
  await mitigate({ ...stepOf(incident, key, record, 'undo'), over: `${by} ended it`, expired: true });
  const now = (await incidents.getIncident(incidentId))?.mitigations[key] ?? record;
  if (now.state === 'undone' || now.state === 'ended') return { outcome: 'ended', requestedBy: now.endedBy ?? by };
  return refuse('NotEnded', `${key} of incident ${incidentId} is ${now.state}${detailOf(now)}. The same command tries it again.`);
}

const detailOf = ({ detail }: Pick<MitigationRecord, 'detail'>): string => (detail === undefined ? '' : `: ${detail}`);
