/** The first step of a mitigation: what it would send goes on record before anything is sent. */
import type { MitigationRecord, MitigationState } from '../contract/incident.ts';
import { type Calls, type Decision, goesBeside, type Mitigation, type Plan } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import type { MitigatePorts } from './mitigate-ports.ts';
import { MitigationRefused } from './mitigation-errors.ts';

/** In these states its calls were sent, or can have been, and it is not undone yet. */
export const SENT: readonly MitigationState[] = ['acting', 'verifying', 'done', 'undoing'];

export async function plan(ports: MitigatePorts, step: MitigateStep): Promise<MitigateReply['verdict']> {
  const { run, decision, approved } = step;
  const { records, now } = ports;
  const { key, name, mode, target, reason } = decision;
  const known = (await records.getIncident(run.incidentId))?.mitigations[key];
  // A repeated plan after the calls were sent must not forget that they were.
  if (known && SENT.includes(known.state)) return known.run === run.run ? 'DONE' : 'SKIP';
  if (approved && mode === 'approve') return planApproved(ports, step, known);
  const put = (record: Partial<MitigationRecord> & Pick<MitigationRecord, 'state'>) =>
    records.putMitigation(run.incidentId, key, {
      name,
      target,
      run: run.run,
      mode,
      calls: [],
      ...(reason !== '' && { reason }),
      ...record,
    });
  // It is planned when the report and the questions are out, which wait for nothing of it.
  if (goesBeside(decision) && !approved && !run.dryRun) {
    await put({ state: 'planned' });
    return 'REPEAT';
  }
  const made = await planNow(ports, step);
  if ('refused' in made) {
    await put({ state: 'refused', detail: made.refused, finishedAtMs: now() });
    return 'SKIP';
  }
  const { calls, effect, undo: undoing } = made;
  if (mode === 'observe' || run.dryRun) {
    const detail = run.dryRun ? 'a dry run sends nothing' : 'its mode is observe: nothing was sent';
    await put({ state: 'observed', calls, effect, detail, finishedAtMs: now() });
    return 'SKIP';
  }
  await put({ state: 'planned', calls, effect, undo: undoing, plannedAtMs: now() });
  return mode === 'approve' ? 'REPEAT' : 'DONE';
}

/**
 * After an approval its pre-conditions are read again, and what is sent is what was shown: a person has said yes to these calls, and to
 * no others. When the record no longer has it as approved, its approval came too late, and nothing is sent.
 */
async function planApproved(ports: MitigatePorts, step: MitigateStep, known: MitigationRecord | undefined): Promise<'DONE' | 'SKIP'> {
  const { run, decision } = step;
  // A repeated step finds it planned already.
  const from = ['approved', 'planned'] as const;
  const move = (change: Partial<MitigationRecord>) => ports.records.moveMitigation(run.incidentId, decision.key, from, change);
  if (known === undefined || !from.some((state) => state === known.state)) return 'SKIP';
  const made = await planNow(ports, step);
  const isNeeded = async () => (await ports.mitigations[decision.name]?.needed?.(decision.target, planOf(known))) ?? true;
  const over = 'what it would have bridged was over when it was approved';
  const refused = 'refused' in made ? made.refused : (await isNeeded()) ? undefined : over;
  if (refused === undefined) return (await move({ state: 'planned', plannedAtMs: ports.now() })) ? 'DONE' : 'SKIP';
  await move({ state: 'refused', detail: refused, finishedAtMs: ports.now() });
  return 'SKIP';
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
