import { classifyAwsError } from '../../shared/aws/classify-aws-error.ts';
import { stateMachineArnOf } from '../../shared/aws/executions.ts';
import { describeError, HoldfastError, TransientServiceError } from '../../shared/errors.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../contract/incident.ts';
import { type Calls, DESCRIPTORS, type Decision, type Mitigation } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import { mitigationsOf } from '../report/mitigations-of.ts';
import { HandingOver } from './hold-fleet.ts';
import type { MitigatePorts } from './mitigate-ports.ts';
import { MitigationRefused } from './mitigation-errors.ts';
import { plan, planOf, SENT } from './plan-step.ts';

type Verdict = MitigateReply['verdict'];
type Known = { readonly record: MitigationRecord; readonly plan: Calls; readonly mitigation: Mitigation };

const CARRIED_OUT_NOW: readonly MitigationState[] = ['acting', 'verifying'];
/**
 * So long without witnesses who agree, and what bridges an outage ends: it can be over. With it the end comes within a quarter of an hour
 * by turns of the schedule too, which can come a minute early after one that came late: the third after the first silent one ends it.
 */
const LONGEST_SILENCE_MS = 14 * 60_000;
/** What a mitigation's calls and its undoing take on top of the time of its result, with all their repetitions. */
const REPEATS_MS = 5 * 60_000;
/** In these states it was undone, or is being undone. */
const OVER: readonly MitigationState[] = ['undoing', 'undone', 'ended'];

type Step = (ports: MitigatePorts, step: MitigateStep) => Promise<Verdict | Omit<MitigateReply, 'key'>>;
const STEPS: Readonly<Record<MitigateStep['step'], Step>> = { plan, act, verify, stillNeeded, followUp, undo };

/**
 * One mitigation, step by step. Its state is on record before its calls are sent, so that a step that comes twice, or whose function
 * died, finds how far it got: the calls themselves can be sent twice.
 */
export function createMitigate(ports: MitigatePorts): (step: MitigateStep) => Promise<MitigateReply> {
  return async (step) => {
    const { run, decision } = step;
    const { incidentId } = run;
    if (step.step === 'plan' || step.step === 'act')
      checkExecution(await ports.records.getIncident(incidentId), step, ports.stateMachineArn);
    const answer = await STEPS[step.step](ports, step);
    const reply = { key: decision.key, ...(typeof answer === 'string' ? { verdict: answer } : answer) };
    const mitigation = decision.key ?? decision.name;
    ports.log.info(LOG_EVENTS.mitigationStep, { incidentId, mitigation, part: step.step, verdict: reply.verdict });
    return reply;
  };
}

async function act(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Verdict> {
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
  // It can have waited for others, one of which has ended the trouble.
  if (record.state === 'planned' && mitigation.ready === undefined && (await mitigation.needed?.(record.target, planned)) === false)
    return refuse(DESCRIPTORS[record.name].temporary?.overBecause ?? 'what it is for is over');
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
  const repairs = DESCRIPTORS[name].temporary
    ? []
    : mitigationsOf({ mitigations }).filter(([one, record]) => one !== key && !DESCRIPTORS[record.name].temporary);
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

async function verify(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Verdict> {
  const { records, now } = ports;
  const { key } = decision;
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state === 'done') return 'DONE';
  if (record.state !== 'verifying') return 'SKIP';
  const verified = await mitigation.verify(record.target, planned);
  const { detail, goesOn = false } = verified;
  if (verified.verdict === 'DONE') {
    const done = { state: 'done' as const, detail, finishedAtMs: now(), ...(goesOn && { goesOn }) };
    await records.moveMitigation(run.incidentId, key, ['verifying'], done);
    return 'DONE';
  }
  await records.moveMitigation(run.incidentId, key, ['verifying'], { detail });
  const isLate = now() - (record.actedAtMs ?? 0) > DESCRIPTORS[record.name].verifyMs;
  return verified.verdict === 'FAILED' || isLate ? 'FAILED' : 'WAIT';
}

/** Follows a mitigation whose change goes on by itself. `DONE`: it has ended, and the record says how. `WAIT`: it goes on. */
async function followUp(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Verdict> {
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state !== 'done' || !record.goesOn) return 'SKIP';
  const { verdict, detail, goesOn } = await mitigation.verify(record.target, planned);
  if (verdict === 'WAIT' || goesOn) return 'WAIT';
  const change = { detail, goesOn: false, finishedAtMs: ports.now(), ...(verdict === 'FAILED' && { state: 'leftBehind' as const }) };
  return (await ports.records.moveMitigation(run.incidentId, decision.key, ['done'], change)) ? 'DONE' : 'SKIP';
}

/** Whether a mitigation that lasts until the incident is over is still needed. `DONE`: keep it. `FAILED`: undo it now. */
async function stillNeeded(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Omit<MitigateReply, 'key'>> {
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state !== 'done') return { verdict: 'SKIP' };
  const { verdict, detail, isHandedOver = false } = await mitigation.verify(record.target, planned);
  if (verdict === 'FAILED') return { verdict: 'FAILED' };
  if (isHandedOver) return { verdict: 'FAILED', over: detail };
  if (record.released) return { verdict: 'FAILED', over: `${record.released.by} released it`, expired: true };
  const { longestMs, settlesMs = 0 } = mitigation;
  if (longestMs !== undefined && record.actedAtMs !== undefined && ports.now() - record.actedAtMs >= longestMs)
    return {
      verdict: 'FAILED',
      over: `it reached its longest time, ${longestMs / 60_000} minutes, and the trouble goes on`,
      expired: true,
    };
  const isNeeded = await (mitigation.needed?.(record.target, planned) ?? true);
  const nowMs = ports.now();
  const overSinceMs = isNeeded ? 0 : record.overSinceMs || nowMs;
  // Only witnesses who agree that it goes on begin the time anew: words that change from look to look are no agreement.
  const silentSinceMs = isNeeded === true ? 0 : record.silentSinceMs || nowMs;
  const isNew = (settlesMs > 0 && overSinceMs !== (record.overSinceMs ?? 0)) || silentSinceMs !== (record.silentSinceMs ?? 0);
  if (isNew) await ports.records.moveMitigation(run.incidentId, decision.key, ['done'], { overSinceMs, silentSinceMs });
  if (silentSinceMs > 0 && nowMs - silentSinceMs >= LONGEST_SILENCE_MS)
    return {
      verdict: 'FAILED',
      over: `for ${Math.round((nowMs - silentSinceMs) / 60_000)} minutes no two witnesses have agreed that the trouble goes on`,
      expired: true,
    };
  if (isNeeded || nowMs - overSinceMs < settlesMs) return { verdict: 'DONE' };
  return { verdict: 'FAILED', over: DESCRIPTORS[record.name].temporary?.overBecause };
}

/** Restores what was changed. The state `leftBehind` names what could not be restored. */
async function undo(ports: MitigatePorts, { run, decision, error, over, expired }: MitigateStep): Promise<Verdict> {
  const { records, now } = ports;
  const { key, name } = decision;
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (!SENT.includes(record.state)) return 'SKIP';
  const why = error ? `after ${error.Error}` : (record.detail ?? 'it did not have its effect');
  const leave = async (detail: string) => {
    await records.moveMitigation(run.incidentId, key, SENT, { state: 'leftBehind', detail, finishedAtMs: now() });
    return 'SKIP' as const;
  };
  if (!DESCRIPTORS[name].undoable || mitigation.undo === undefined) {
    if (record.state === 'done') return 'SKIP';
    // It can have had its effect although its runbook died, or go on by itself for longer than a runbook waits. Asking that sends nothing.
    const { verdict, detail, goesOn = false } = await mitigation.verify(record.target, planned);
    if (verdict !== 'DONE' && !(verdict === 'WAIT' && goesOn)) return leave(`nothing can undo it; ${why}`);
    await records.moveMitigation(run.incidentId, key, CARRIED_OUT_NOW, { state: 'done', detail, goesOn, finishedAtMs: now() });
    return 'SKIP';
  }
  await records.moveMitigation(run.incidentId, key, SENT, { state: 'undoing' });
  try {
    await mitigation.undo(record.target, planned);
  } catch (failure) {
    const isTransient = failure instanceof TransientServiceError || classifyAwsError(failure) === 'transient';
    // It is in effect as before, or in part: the next look, half a minute later, asks again whether it is over, and why.
    if (record.state === 'done' && (failure instanceof HandingOver || isTransient))
      await records.moveMitigation(run.incidentId, key, ['undoing'], { state: 'done' });
    if (isTransient) throw failure;
    return leave(`it could not be undone: ${describeError(failure)}`);
  }
  const hadWorked = record.state === 'done' || record.finishedAtMs !== undefined;
  // A later run chooses again what is `ended`, and not what is `undone`: after its longest time, or a person's word, a mitigation does not
  // begin again by itself.
  const end =
    over !== undefined && expired
      ? { state: 'undone' as const, detail: over }
      : over !== undefined && hadWorked
        ? { state: 'ended' as const, detail: over }
        : { state: 'undone' as const, detail: why };
  // Another caller can have ended it meanwhile.
  return (await records.moveMitigation(run.incidentId, key, ['undoing'], { ...end, finishedAtMs: now() })) ? 'DONE' : 'SKIP';
}

/** What is on record: the plan is what was shown, not what would be planned now. */
async function find({ records, mitigations }: MitigatePorts, incidentId: string, { key, name }: Decision): Promise<Known> {
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

/** A step that would change something does not come from the execution that works on the incident. */
class ForeignExecution extends HoldfastError {
  static readonly errorName = 'ForeignExecution';
  override readonly name = ForeignExecution.errorName;
}

/**
 * A mitigation is the work of one execution of the installation's own runbook: of the one that the incident has on record, since a later
 * run has taken over from any other. The lock that it takes names this execution.
 * @throws ForeignExecution
 */
function checkExecution(incident: IncidentRecord | undefined, { run, decision }: MitigateStep, stateMachineArn: string): void {
  const { executionArn, incidentId } = run;
  const refuse = (why: string): never => {
    throw new ForeignExecution(`${decision.key} of ${incidentId} was not carried out by ${executionArn}: ${why}; nothing was changed`);
  };
  if (stateMachineArnOf(executionArn) !== stateMachineArn) refuse(`it is no execution of ${stateMachineArn}`);
  if (incident?.executionArn !== executionArn) refuse(`the incident is worked on by ${incident?.executionArn ?? 'no execution'}`);
  const { target } = decision;
  if (target.incidentId !== incidentId || (target.executionArn ?? executionArn) !== executionArn)
    refuse(`its target is of ${target.incidentId} and ${target.executionArn}`);
}
