import { classifyAwsError } from '../../shared/aws/classify-aws-error.ts';
import { stateMachineArnOf } from '../../shared/aws/executions.ts';
import { describeError, HoldfastError, TransientServiceError } from '../../shared/errors.ts';
import { LOG_EVENTS } from '../../shared/log-events.ts';
import { type IncidentRecord, type MitigationRecord, type MitigationState, SENT, UNDER_WAY } from '../contract/incident.ts';
import { DESCRIPTORS, type Verified } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import { act, find, type MitigatePorts, plan } from './carry-out.ts';

type Verdict = MitigateReply['verdict'];

/** Without witnesses who agree, what bridges an outage ends within a quarter of an hour: the schedule's turns can be a minute early. */
const LONGEST_SILENCE_MS = 14 * 60_000;
type Step = (ports: MitigatePorts, step: MitigateStep) => Promise<Verdict | Omit<MitigateReply, 'key'>>;
const STEPS: Readonly<Record<MitigateStep['step'], Step>> = { plan, act, verify, stillNeeded, followUp, undo };

/** Its state is on record before its calls are sent: a step that comes twice, or whose function died, finds how far it got. */
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

async function verify(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Verdict> {
  const { records, now } = ports;
  const { key } = decision;
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state === 'done') return 'DONE';
  if (record.state !== 'verifying') return 'SKIP';
  const isLate = now() - (record.actedAtMs ?? 0) > DESCRIPTORS[record.name].verifyMs;
  const verified = await mitigation.verify(record.target, planned).catch((error: unknown) => unread(record, error, isLate));
  const { detail, goesOn = false } = verified;
  if (verified.verdict === 'DONE') {
    const done = { state: 'done' as const, detail, finishedAtMs: now(), ...(goesOn && { goesOn }) };
    await records.moveMitigation(run.incidentId, key, ['verifying'], done);
    return 'DONE';
  }
  await records.moveMitigation(run.incidentId, key, ['verifying'], { detail });
  return verified.verdict === 'FAILED' || isLate ? 'FAILED' : 'WAIT';
}

/** What bridges an outage stays when its effect cannot be read now: its calls were accepted, and each look reads it again. */
function unread({ name }: MitigationRecord, error: unknown, isLate: boolean): Verified {
  if (DESCRIPTORS[name].overBecause === undefined || !isTransient(error)) throw error;
  const why = `whether it has its effect cannot be read now: ${describeError(error)}`;
  return isLate ? { verdict: 'DONE', detail: `its calls were accepted, and ${why}` } : { verdict: 'WAIT', detail: why };
}

const isTransient = (error: unknown): boolean => error instanceof TransientServiceError || classifyAwsError(error) === 'transient';

/** Follows a mitigation whose change goes on by itself. `DONE`: it has ended, and the record says how. `WAIT`: it goes on. */
async function followUp(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Verdict> {
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state !== 'done' || !record.goesOn) return 'SKIP';
  const { verdict, detail, goesOn } = await mitigation.verify(record.target, planned);
  if (goesOn) return 'WAIT';
  // What went on, and no longer does, has ended without its effect.
  const change = { detail, goesOn: false, finishedAtMs: ports.now(), ...(verdict !== 'DONE' && { state: 'leftBehind' as const }) };
  return (await ports.records.moveMitigation(run.incidentId, decision.key, ['done'], change)) ? 'DONE' : 'SKIP';
}

/** Whether a mitigation that lasts until the incident is over is still needed. `DONE`: keep it. `FAILED`: undo it now. */
async function stillNeeded(ports: MitigatePorts, { run, decision }: MitigateStep): Promise<Omit<MitigateReply, 'key'>> {
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  if (record.state !== 'done') return { verdict: 'SKIP' };
  const { verdict, detail, isHandedOver = false } = await mitigation.verify(record.target, planned);
  if (verdict === 'FAILED') return { verdict: 'FAILED' };
  if (isHandedOver) return { verdict: 'FAILED', over: detail };
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
  if (isNeeded || nowMs - overSinceMs < settlesMs) return { verdict: 'DONE', ...(mitigation.needed && { holds: true }) };
  return { verdict: 'FAILED', over: DESCRIPTORS[record.name].overBecause };
}

/** Its record is `leftBehind` with what was not restored. `FAILED`: of what bridges an outage, the first time; the schedule tries again. */
async function undo(ports: MitigatePorts, { run, decision, error, over, expired }: MitigateStep): Promise<Verdict> {
  const { records, now } = ports;
  const { key, name } = decision;
  const { record, plan: planned, mitigation } = await find(ports, run.incidentId, decision);
  const isBridge = DESCRIPTORS[name].overBecause !== undefined;
  const wasLeft = record.state === 'leftBehind';
  const from: readonly MitigationState[] = DESCRIPTORS[name].undoable ? [...SENT, 'leftBehind'] : SENT;
  if (!from.includes(record.state)) return 'SKIP';
  const known = wasLeft ? 'it could be undone only later' : (record.detail ?? 'it did not have its effect');
  const why = error ? `after ${error.Error}` : known;
  const leave = async (detail: string) => {
    const finishedAtMs = (wasLeft && record.finishedAtMs) || now();
    await records.moveMitigation(run.incidentId, key, from, { state: 'leftBehind', detail, finishedAtMs });
    return isBridge && !wasLeft ? 'FAILED' : 'SKIP';
  };
  if (!DESCRIPTORS[name].undoable || mitigation.undo === undefined) {
    if (record.state === 'done') return 'SKIP';
    // It can have had its effect although its runbook died, or go on by itself for longer than a runbook waits. Asking that sends nothing.
    const { verdict, detail, goesOn = false } = await mitigation.verify(record.target, planned);
    if (verdict !== 'DONE' && !(verdict === 'WAIT' && goesOn)) return leave(`nothing can undo it; ${why}`);
    // Its state is `undoing` where this could not be asked before.
    const open: readonly MitigationState[] = [...UNDER_WAY, 'undoing'];
    await records.moveMitigation(run.incidentId, key, open, { state: 'done', detail, goesOn, finishedAtMs: now() });
    return 'SKIP';
  }
  await records.moveMitigation(run.incidentId, key, from, { state: 'undoing' });
  try {
    await mitigation.undo(record.target, planned);
  } catch (failure) {
    // It is in effect as before, or in part: the next look, half a minute later, asks again whether it is over, and why.
    if (record.state === 'done' && isTransient(failure)) await records.moveMitigation(run.incidentId, key, ['undoing'], { state: 'done' });
    if (isTransient(failure)) throw failure;
    return leave(`it could not be undone: ${describeError(failure)}`);
  }
  const hadWorked = record.state === 'done' || record.finishedAtMs !== undefined;
  // A later run chooses again what is `ended`, and not what is `undone`: after its longest time, or a person's word, a mitigation does not
  // begin again by itself.
  const isEnded = over !== undefined && !expired && hadWorked;
  const detail = over !== undefined && (expired || hadWorked) ? over : why;
  const end = { state: isEnded ? 'ended' : 'undone', detail } as const;
  // Another caller can have ended it meanwhile.
  return (await records.moveMitigation(run.incidentId, key, ['undoing'], { ...end, finishedAtMs: now() })) ? 'DONE' : 'SKIP';
}

class ForeignExecution extends HoldfastError {
  static readonly errorName = 'ForeignExecution';
  override readonly name = ForeignExecution.errorName;
}

/** A mitigation is the work of the execution that the incident has on record: a later run has taken over. @throws ForeignExecution */
function checkExecution(incident: IncidentRecord | undefined, { run, decision }: MitigateStep, stateMachineArn: string): void {
  const { executionArn, incidentId } = run;
  const refuse = (why: string): never => {
    throw new ForeignExecution(`${decision.key} of ${incidentId} was not carried out by ${executionArn}: ${why}; nothing was changed`);
  };
  if (stateMachineArnOf(executionArn) !== stateMachineArn) refuse(`it is no execution of ${stateMachineArn}`);
  if (incident?.executionArn !== executionArn) refuse(`the incident is worked on by ${incident?.executionArn ?? 'no execution'}`);
  // Within two weeks a failed execution can be redriven: its finding is of then.
  if (incident?.running !== true) refuse('its run is over');
  const { target } = decision;
  if (target.incidentId !== incidentId || (target.executionArn ?? executionArn) !== executionArn)
    refuse(`its target is of ${target.incidentId} and ${target.executionArn}`);
}
