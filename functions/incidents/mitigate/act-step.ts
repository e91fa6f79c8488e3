/** The step of a mitigation that sends its calls, when its turn has come and its pre-conditions still hold. */
import type { MitigationRecord, MitigationState } from '../contract/incident.ts';
import { DESCRIPTORS, type Decision } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import { mitigationsOf } from '../report/describe-mitigations.ts';
import type { MitigatePorts } from './mitigate-ports.ts';
import { MitigationRefused } from './mitigation-errors.ts';
import { find } from './plan-step.ts';

export const CARRIED_OUT_NOW: readonly MitigationState[] = ['acting', 'verifying'];
/** What a mitigation's calls and its undoing take on top of the time of its result, with all their repetitions. */
const REPEATS_MS = 5 * 60_000;
/** A call that is repeated so long after its first attempt is one of another time. */
const ASKED_AGAIN_MS = 30_000;
/** In these states it was undone, or is being undone. */
const OVER: readonly MitigationState[] = ['undoing', 'undone', 'ended'];

export async function act(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<MitigateReply['verdict']> {
  const { records, now } = ports;
  const { incidentId } = run;
  const { key } = decision;
  const { record, plan: planned, mitigation } = await find(ports, incidentId, decision);
  if (record.state === 'verifying' || record.state === 'done') return 'DONE';
  if (record.state !== 'planned' && record.state !== 'acting') return 'SKIP';
  const { others, isFree, overdue } = await turnOf(ports, incidentId, decision);
  if (!isFree) return 'WAIT';
  const ready = record.state === 'planned' ? await mitigation.ready?.(record.target, planned, record.plannedAtMs ?? 0) : undefined;
  if (ready === 'WAIT') return 'WAIT';
  const refuse = async (detail: string) => {
    await records.moveMitigation(incidentId, key, ['planned', 'acting'], { state: 'refused', detail, finishedAtMs: now() });
    return 'SKIP' as const;
  };
  if (typeof ready === 'object') return refuse(ready.refused);
  // It can have waited for others, one of which has ended the trouble; and the repetitions of its calls can take minutes.
  const isRepeated = record.state === 'acting';
  const isOld = now() - (record.actedAtMs ?? now()) >= ASKED_AGAIN_MS;
  if ((isRepeated ? isOld : mitigation.ready === undefined) && (await mitigation.needed?.(record.target, planned)) === false) {
    if (isRepeated) await mitigation.undo?.(record.target, planned);
    return refuse(DESCRIPTORS[record.name].overBecause ?? 'what it is for is over');
  }
  const { fleet } = record.target;
  const of = DESCRIPTORS[record.name].worksOn === 'store' ? undefined : fleet;
  const claim = { claim: `${incidentId}/${run.run}/${key}`, ...(of !== undefined && { of }) };
  if (!(await records.takeBudget(claim, ports.mitigationsPerHour, now()))) {
    return refuse(
      `${ports.mitigationsPerHour} mitigations of ${of === undefined ? 'the store' : `fleet ${of}`} were carried out in the last 60 minutes, the most that the configuration allows`,
    );
  }
  // When the runbook ends while these calls are on their way, the schedule undoes the mitigation, and the calls can take effect after that.
  const undoneMeanwhile = async () => {
    const state = (await records.getIncident(incidentId))?.mitigations[key]?.state;
    if (state === undefined || !OVER.includes(state)) return false;
    await mitigation.undo?.(record.target, planned);
    return true;
  };
  const began = await records.moveMitigation(
    incidentId,
    key,
    ['planned', 'acting'],
    { state: 'acting', ...(record.state === 'planned' && { actedAtMs: now() }) },
    { unless: { others, in: CARRIED_OUT_NOW } },
  );
  if (!began) return (await turnOf(ports, incidentId, decision)).isFree ? 'SKIP' : 'WAIT';
  if (record.state === 'planned' && overdue.length > 0)
    await records.addTrouble(
      incidentId,
      `run ${run.run}: ${key} waited no longer for ${overdue.join(', ')}, which began and has not ended`,
    );
  await records.change(incidentId, { stage: 'acting' });
  try {
    await mitigation.act(record.target, planned);
  } catch (error) {
    // A pre-condition of it no longer holds, and it has changed nothing, unless an earlier attempt has.
    if (error instanceof MitigationRefused) {
      if (record.state === 'planned') await records.giveBackBudget(claim.claim);
      return refuse(error.message);
    }
    if (await undoneMeanwhile()) return 'SKIP';
    throw error;
  }
  if (!(await records.moveMitigation(incidentId, key, ['acting'], { state: 'verifying' })) && (await undoneMeanwhile())) return 'SKIP';
  await records.change(incidentId, { stage: 'verifying' });
  return 'DONE';
}

/**
 * One mitigation of an incident is carried out at a time, however many are approved: the effect of each is known before the next. What
 * bridges an outage repairs nothing: it goes on next to these, and none waits for the other. Nor does any wait for one whose time is long over:
 * its steps have failed, and it stays on record as carried out.
 */
async function turnOf({ records, now }: MitigatePorts, incidentId: string, { key, name }: Pick<Decision, 'key' | 'name'>) {
  const { mitigations = {} } = (await records.getIncident(incidentId)) ?? {};
  const repairs = DESCRIPTORS[name].overBecause
    ? []
    : mitigationsOf({ mitigations }).filter(([one, record]) => one !== key && !DESCRIPTORS[record.name].overBecause);
  const isOverdue = ({ name: of, state, actedAtMs = 0 }: MitigationRecord) =>
    CARRIED_OUT_NOW.includes(state) && now() - actedAtMs > DESCRIPTORS[of].verifyMs + REPEATS_MS;
  const keysOf = (known: typeof repairs) => known.map(([one]) => one);
  const others = repairs.filter(([, record]) => !isOverdue(record));
  return {
    others: keysOf(others),
    overdue: keysOf(repairs.filter(([, record]) => isOverdue(record))),
    isFree: !others.some(([, { state }]) => CARRIED_OUT_NOW.includes(state)),
  };
}
