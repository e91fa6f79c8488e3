import type { DeployRecord } from '../../../functions/records/types.ts';
import { BUNDLE_QUALITIES } from '../cloud/releases.ts';
import { RECLAIMED } from '../faults/fault-plan.ts';
import { EPOCH_MS } from '../kernel/kernel.ts';
import type { RunPlan } from '../run/draw-run.ts';
import { cannotTell } from './people.ts';
import type { PredicateId, Violation } from './predicate.ts';
import type { View } from './view.ts';

/** Bad in a way that shows without users. */
const ALWAYS_FOUND: ReadonlySet<string> = new Set([...['checksum', 'download', 'start', 'ready', 'loadBalancer'], ...BUNDLE_QUALITIES]);

/** What the engine has to achieve, and not only to report: L1 to L3. @param taken faults that took effect */
export function judgeLiveness(plan: RunPlan, view: View, deployId: string, taken: ReadonlyMap<string, number>): Violation[] {
  const found: Violation[] = [];
  const broken = (predicate: PredicateId, text: string) => found.push({ predicate, atMs: view.now() - EPOCH_MS, text });
  const record = view.deploys().find((deploy) => deploy.deployId === deployId);
  const how = record
    ? `${record.status} ${record.error?.Error ?? ''} ${record.error?.Cause ?? ''} ${record.outcome ?? ''}`.trim()
    : 'refused';
  const isGood = plan.badAt === undefined || plan.people === 'expected';
  // The alarm about requests that a reclaimed server did not answer is right.
  const isAlarmed = record?.error?.Error === 'AlarmFired' && taken.has(RECLAIMED);
  const mayFail = record !== undefined && cannotTell(view, record);
  if (plan.kind === 'calm' && isGood && record?.status !== 'SUCCEEDED' && !isAlarmed && !mayFail) broken('L1', `the deploy ended: ${how}`);
  if (plan.kind === 'brief' && isGood && record?.status !== 'SUCCEEDED' && !mayFail) broken('L2', `the deploy ended: ${how}`);
  if (plan.kind === 'bad release' && plan.badAt && ALWAYS_FOUND.has(plan.badAt) && record?.status === 'SUCCEEDED') {
    broken('L3', `a release that is bad at ${plan.badAt} was deployed`);
  }
  const wasAborted = plan.kind === 'abort' && taken.has('operator.abort');
  const wasLeft = plan.kind === 'abort' && record?.pause !== undefined && record.pause.continued === undefined;
  if (wasLeft && record?.status === 'SUCCEEDED') broken('L3', 'a deploy succeeded that nobody has continued');
  if (record && record.status !== 'SUCCEEDED' && (plan.kind === 'bad release' || wasAborted || wasLeft)) {
    const isCurrent = view.fleetRecord()?.deployId === deployId;
    const untouched = /^No target /.test(record.outcome ?? '');
    // A restart has nothing to go back to: its server has to serve, as all have.
    const hasNothingBefore = record.restart !== undefined || record.adopt !== undefined;
    if (!record.rolledBack && !untouched && !isCurrent && !hasNothingBefore) broken('L3', `it was not rolled back: ${how}`);
    for (const { instanceId } of view.members()) {
      if (view.healthOf(instanceId) !== 'healthy') broken('L3', `${instanceId} is ${view.healthOf(instanceId)} after: ${how}`);
    }
  }
  return found;
}

/** Why the next deploy has failed, after everything healed; undefined when it succeeded, or when what was before explains it. */
export function whyNextFailed(
  record: Pick<DeployRecord, 'status' | 'error'> | undefined,
  faults: ReadonlyMap<string, number>,
  isOutage: boolean,
): string | undefined {
  if (record?.status === 'SUCCEEDED') return undefined;
  // A server that failed before everything healed is still there, and the error names it: an operator has to replace it.
  if (record?.error?.Error === 'PreparationFailed' && faults.has('launch.userDataFailed')) return undefined;
  // --recover takes out the only server that is left: its users find none, and the alarm about that is right.
  if (record?.error?.Error === 'AlarmFired' && isOutage) return undefined;
  return `the next deploy ended as ${record?.status ?? 'without a record'}: ${record?.error?.Error} ${record?.error?.Cause}`;
}
