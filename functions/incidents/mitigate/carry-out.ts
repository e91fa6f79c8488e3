/** A mitigation's plan, which goes on record before anything is sent; and its calls, when its turn has come and it may still act. */
import type { Log } from '../../shared/log-events.ts';
import { type MitigationRecord, type MitigationState, SENT, UNDER_WAY } from '../contract/incident.ts';
import {
  type Calls,
  comesAfterReport,
  DESCRIPTORS,
  type Decision,
  type Mitigation,
  type MitigationName,
  type Plan,
} from '../contract/mitigations.ts';
import { type MitigateReply, type MitigateStep, MitigationRefused } from '../contract/steps.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { mitigationsOf } from '../report/describe-mitigations.ts';

export interface MitigatePorts {
  readonly mitigations: Readonly<Partial<Record<MitigationName, Mitigation>>>;
  readonly records: Pick<
    IncidentRecords,
    'getIncident' | 'change' | 'addTrouble' | 'putMitigation' | 'moveMitigation' | 'takeBudget' | 'giveBackBudget'
  >;
  readonly log: Log;
  readonly now: () => number;
  readonly mitigationsPerHour: number;
  readonly stateMachineArn: string;
}

export async function plan(ports: MitigatePorts, step: MitigateStep): Promise<MitigateReply['verdict']> {
  const { run, decision, isAfter } = step;
  const { records, now } = ports;
  const { key, name, mode, target, reason } = decision;
  const known = (await records.getIncident(run.incidentId))?.mitigations[key];
  // A repeated plan after the calls were sent must not forget that they were.
  if (known && SENT.includes(known.state)) return known.run === run.run ? 'DONE' : 'SKIP';
  const isAsked = run.asked === key;
  // A person who asks for it again asks for it as it is now.
  if (isAsked && (known?.state !== 'planned' || known.requestedBy === undefined)) return 'SKIP';
  const asked = isAsked && { requestedBy: known?.requestedBy, requestedAtMs: known?.requestedAtMs };
  const put = (record: Partial<MitigationRecord> & Pick<MitigationRecord, 'state'>) =>
    records.putMitigation(run.incidentId, key, {
      name,
      target,
      run: run.run,
      mode,
      calls: [],
      ...(reason !== '' && { reason }),
      ...asked,
      ...record,
    });
  // It is planned when the report is out, which waits for nothing of it.
  if (comesAfterReport(decision) && !isAfter && !run.dryRun) {
    await put({ state: 'planned' });
    return 'REPEAT';
  }
  const made = await planNow(ports, step);
  if ('refused' in made) {
    await put({ state: 'refused', detail: made.refused, finishedAtMs: now() });
    return 'SKIP';
  }
  const { calls, effect, undo: undoing } = made;
  if ((mode === 'observe' && !isAsked) || run.dryRun) {
    const detail = run.dryRun ? 'a dry run sends nothing' : 'nothing was sent';
    await put({ state: 'observed', calls, effect, detail, finishedAtMs: now() });
    return 'SKIP';
  }
  await put({ state: 'planned', calls, effect, undo: undoing, plannedAtMs: now() });
  return 'DONE';
}

async function planNow({ mitigations }: MitigatePorts, { decision: { name, target } }: MitigateStep): Promise<Plan> {
  try {
    return (await mitigations[name]?.plan(target)) ?? { refused: 'this installation does not have it' };
  } catch (error) {
    // A fleet that no longer exists is a pre-condition that does not hold, like any other.
    if (error instanceof MitigationRefused) return { refused: error.message };
    throw error;
  }
}

const planOf = ({ calls, effect = '', undo }: MitigationRecord): Calls => ({ calls, effect, undo });

type Known = { readonly record: MitigationRecord; readonly plan: Calls; readonly mitigation: Mitigation };

/** What is on record: the plan is what was shown, not what would be planned now. */
export async function find({ records, mitigations }: MitigatePorts, incidentId: string, { key, name }: Decision): Promise<Known> {
  const record = (await records.getIncident(incidentId))?.mitigations[key];
  const mitigation = mitigations[name];
  if (record === undefined || mitigation === undefined) throw new MitigationUnknown(incidentId, key);
  return { record, mitigation, plan: planOf(record) };
}

class MitigationUnknown extends Error {
  override readonly name = 'MitigationUnknown';
  constructor(incidentId: string, key: string) {
    super(`${key} of ${incidentId} is not on record, or not in this installation; nothing was changed`);
  }
}

/** What a mitigation's calls and its undoing take on top of the time of its result, with all their repetitions. */
const REPEATS_MS = 5 * 60_000;
/** A call that is repeated so long after its first attempt is one of another time. */
const ASKED_AGAIN_MS = 30_000;
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
    { unless: { others, in: UNDER_WAY } },
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

/** One at a time, but for what bridges an outage: the effect of each is known before the next. None waits for one that is overdue. */
async function turnOf({ records, now }: MitigatePorts, incidentId: string, { key, name }: Pick<Decision, 'key' | 'name'>) {
  const { mitigations = {} } = (await records.getIncident(incidentId)) ?? {};
  const repairs = DESCRIPTORS[name].overBecause
    ? []
    : mitigationsOf({ mitigations }).filter(([one, record]) => one !== key && !DESCRIPTORS[record.name].overBecause);
  const isOverdue = ({ name: of, state, actedAtMs = 0 }: MitigationRecord) =>
    UNDER_WAY.includes(state) && now() - actedAtMs > DESCRIPTORS[of].verifyMs + REPEATS_MS;
  const keysOf = (known: typeof repairs) => known.map(([one]) => one);
  const others = repairs.filter(([, record]) => !isOverdue(record));
  return {
    others: keysOf(others),
    overdue: keysOf(repairs.filter(([, record]) => isOverdue(record))),
    isFree: !others.some(([, { state }]) => UNDER_WAY.includes(state)),
  };
}
