/** The first step of a mitigation: what it would send goes on record before anything is sent. */
import type { MitigationRecord, MitigationState } from '../contract/incident.ts';
import { type Calls, comesAfterReport, type Decision, type Mitigation, type Plan } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep } from '../contract/steps.ts';
import type { MitigatePorts } from './mitigate-ports.ts';
import { MitigationRefused } from './mitigation-errors.ts';

/** In these states its calls were sent, or can have been, and it is not undone yet. */
export const SENT: readonly MitigationState[] = ['acting', 'verifying', 'done', 'undoing'];

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
