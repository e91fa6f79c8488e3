import { classifyAwsError } from '../../shared/aws/classify-aws-error.ts';
import { describeError, TransientServiceError } from '../../shared/errors.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import type { MitigationRecord, MitigationState } from '../contract/incident.ts';
import { type Calls, DESCRIPTORS, type Decision, type Mitigation, type MitigationKey } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import { checkExecution } from './check-execution.ts';
import type { MitigatePorts } from './mitigate-ports.ts';
import { plan, planOf } from './plan-step.ts';

type Known = { readonly record: MitigationRecord; readonly plan: Calls; readonly mitigation: Mitigation };

const CARRIED_OUT_NOW: readonly MitigationState[] = ['acting', 'verifying'];
/** Undone, or about to be. */
const OVER: readonly MitigationState[] = ['undoing', 'undone', 'ended'];

/**
 * One mitigation, step by step. Its state is on record before its calls are sent, so that a step that comes twice, or whose function
 * died, finds how far it got: the calls themselves can be sent twice.
 */
export function createMitigate(ports: MitigatePorts): (step: MitigateStep) => Promise<MitigateReply> {
  return async (step) => {
    if (step.step === 'plan' || step.step === 'act')
      checkExecution(await ports.records.getIncident(step.run.incidentId), step, ports.stateMachineArn);
    const reply = await runStep(ports, step);
    const { key, name } = step.decision;
    ports.log.info(LOG_EVENTS.mitigationStep, {
      incidentId: step.run.incidentId,
      mitigation: key ?? name,
      part: step.step,
      verdict: reply.verdict,
    });
    return reply;
  };
}

async function runStep(ports: MitigatePorts, step: MitigateStep): Promise<MitigateReply> {
  const { key } = step.decision;
  switch (step.step) {
    case 'plan':
      return { key, verdict: await plan(ports, step) };
    case 'act':
      return { key, verdict: await act(ports, step) };
    case 'verify':
      return { key, verdict: await verify(ports, step) };
    case 'stillNeeded':
      return { key, ...(await stillNeeded(ports, step)) };
    case 'followUp':
      return { key, verdict: await followUp(ports, step) };
    case 'undo':
      return { key, verdict: await undo(ports, step) };
  }
}

async function act(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<MitigateReply['verdict']> {
  const { records, now } = ports;
  const { incidentId } = run;
  const { key } = decision;
  const { record, plan: planned, mitigation } = await find(ports, incidentId, decision);
  if (record.state === 'verifying' || record.state === 'done') return 'DONE';
  if (record.state !== 'planned' && record.state !== 'acting') return 'SKIP';
  const { others, isFree } = await turnOf(ports, incidentId, key);
  if (!isFree) return 'WAIT';
  const ready = record.state === 'planned' ? await mitigation.ready?.(record.target, planned) : undefined;
  if (ready === 'WAIT') return 'WAIT';
  const refuse = async (detail: string) => {
    await records.moveMitigation(incidentId, key, ['planned', 'acting'], { state: 'refused', detail, finishedAtMs: now() });
    return 'SKIP' as const;
  };
  if (typeof ready === 'object') return refuse(ready.refused);
  const { fleet } = record.target;
  const of = DESCRIPTORS[record.name].worksOn === 'fleet' ? fleet : undefined;
  const claim = { claim: `${incidentId}/${run.run}/${key}`, ...(of !== undefined && { of }) };
  if (!(await records.takeBudget(claim, ports.mitigationsPerHour, now()))) {
    return refuse(
      `${ports.mitigationsPerHour} mitigations of ${of === undefined ? 'the store' : `fleet ${of}`} were carried out in the last 60 minutes, the most that the configuration allows`,
    );
  }
  // Its runbook has ended, and what tends incidents has undone it while these calls were on their way: they can have come after that.
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
  if (!began) return (await turnOf(ports, incidentId, key)).isFree ? 'SKIP' : 'WAIT';
  await records.change(incidentId, { stage: 'acting' });
  try {
    await mitigation.act(record.target, planned);
  } catch (error) {
    // Its pre-condition is gone, and it has changed nothing.
    if (error instanceof Error && error.name === 'MitigationRefused') return refuse(error.message);
    if (await undoneMeanwhile()) return 'SKIP';
    throw error;
  }
  if (!(await records.moveMitigation(incidentId, key, ['acting'], { state: 'verifying' })) && (await undoneMeanwhile())) return 'SKIP';
  await records.change(incidentId, { stage: 'verifying' });
  return 'DONE';
}

/** One mitigation of an incident is carried out at a time, however many are approved: the effect of each is known before the next. */
async function turnOf({ records }: MitigatePorts, incidentId: string, key: string) {
  const { mitigations = {} } = (await records.getIncident(incidentId)) ?? {};
  const others = (Object.keys(mitigations) as MitigationKey[]).filter((one) => one !== key);
  return { others, isFree: !others.some((one) => CARRIED_OUT_NOW.includes(mitigations[one]?.state ?? 'planned')) };
}

async function verify(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<MitigateReply['verdict']> {
  const { records, now } = ports;
  const { key } = decision;
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state === 'done') return 'DONE';
  if (record.state !== 'verifying') return 'SKIP';
  const verified = await mitigation.verify(record.target, planned);
  if (verified.verdict === 'DONE') {
    const { detail, goesOn = false } = verified;
    await records.moveMitigation(run.incidentId, key, ['verifying'], {
      state: 'done',
      detail,
      finishedAtMs: now(),
      ...(goesOn && { goesOn }),
    });
    return 'DONE';
  }
  await records.moveMitigation(run.incidentId, key, ['verifying'], { detail: verified.detail });
  const isLate = now() - (record.actedAtMs ?? 0) > DESCRIPTORS[record.name].verifyMs;
  return verified.verdict === 'FAILED' || isLate ? 'FAILED' : 'WAIT';
}

/** Follows a mitigation whose change goes on by itself. `DONE`: it has ended, and the record says how. `WAIT`: it goes on. */
async function followUp(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<MitigateReply['verdict']> {
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state !== 'done' || !record.goesOn) return 'SKIP';
  const { verdict, detail, goesOn } = await mitigation.verify(record.target, planned);
  if (verdict !== 'DONE' || goesOn) return 'WAIT';
  const change = { detail, goesOn: false, finishedAtMs: ports.now() };
  return (await ports.records.moveMitigation(run.incidentId, decision.key, ['done'], change)) ? 'DONE' : 'SKIP';
}

/** Whether a mitigation that lasts until the incident is over is still needed. `DONE`: keep it. `FAILED`: undo it now. */
async function stillNeeded(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Omit<MitigateReply, 'key'>> {
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state !== 'done') return { verdict: 'SKIP' };
  const { verdict } = await mitigation.verify(record.target, planned);
  if (verdict === 'FAILED') return { verdict: 'FAILED' };
  const { longestMs } = mitigation;
  if (longestMs !== undefined && record.actedAtMs !== undefined && ports.now() - record.actedAtMs >= longestMs)
    return {
      verdict: 'FAILED',
      over: `it reached its longest time, ${longestMs / 60_000} minutes, and the trouble goes on`,
      expired: true,
    };
  const isNeeded = await (mitigation.needed?.(record.target, planned) ?? true);
  const { settlesMs = 0 } = mitigation;
  const nowMs = ports.now();
  const overSinceMs = isNeeded ? 0 : record.overSinceMs || nowMs;
  if (settlesMs > 0 && overSinceMs !== (record.overSinceMs ?? 0)) {
    await ports.records.moveMitigation(run.incidentId, decision.key, ['done'], { overSinceMs });
  }
  return isNeeded || nowMs - overSinceMs < settlesMs ? { verdict: 'DONE' } : { verdict: 'FAILED', over: 'the store is well again' };
}

/** Puts back what was changed. What cannot be put back is named: `leftBehind`. */
async function undo(ports: MitigatePorts, { run, decision, error, over, expired }: MitigateStep): Promise<MitigateReply['verdict']> {
  const { records, now } = ports;
  const { key, name } = decision;
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (!['acting', 'verifying', 'done', 'undoing'].includes(record.state)) return 'SKIP';
  const why = error ? `after ${error.Error}` : (record.detail ?? 'it did not have its effect');
  const leave = async (detail: string) => {
    const state = { state: 'leftBehind' as const, detail, finishedAtMs: now() };
    await records.moveMitigation(run.incidentId, key, ['acting', 'verifying', 'done', 'undoing'], state);
    return 'SKIP' as const;
  };
  if (!DESCRIPTORS[name].undoable || mitigation.undo === undefined) return leave(`nothing can undo it; ${why}`);
  await records.moveMitigation(run.incidentId, key, ['acting', 'verifying', 'done', 'undoing'], { state: 'undoing' });
  try {
    await mitigation.undo(record.target, planned);
  } catch (failure) {
    if (failure instanceof TransientServiceError || classifyAwsError(failure) === 'transient') throw failure;
    return leave(`it could not be undone: ${describeError(failure)}`);
  }
  const hadWorked = record.state === 'done' || record.finishedAtMs !== undefined;
  // One that ends while the trouble goes on is not begun again by itself.
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
