import type { Phase, TargetProgress } from '../../records/types.ts';

/**
 * A target's state at the load balancer by its answer and the deploy's record. After a change of the target group its answers can be
 * old for seconds, and a target that is registered again while it drains can be shown as draining for longer: AWS documents neither.
 * What the deploy did itself is on record.
 * @param state as DescribeTargetHealth returned it; `unused` for a target that it did not list
 */
export function healthOnRecord({ takenOut, notRunning }: Pick<TargetProgress, 'takenOut' | 'notRunning'> = {}, state: string): string {
  if (takenOut) return 'unused';
  return takenOut === false && !notRunning && (state === 'draining' || state === 'unused') ? 'initial' : state;
}

/**
 * Whether a target is in service, and not healthy yet. One whose rollback ended after its registration, stopped or out of time, has no
 * word of what became of it but its phases.
 */
export function comesIntoService(target: Pick<TargetProgress, 'takenOut' | 'notRunning' | 'phases'>, state: string): boolean {
  if (['initial', 'unhealthy'].includes(healthOnRecord(target, state))) return true;
  return state === 'draining' && typeof target.takenOut !== 'boolean' && isRegistered(target);
}

const REGISTERED: ReadonlySet<Phase | undefined> = new Set(['registering', 'baking', 'done', 'rolledBack']);

const isRegistered = ({ phases = [] }: Pick<TargetProgress, 'phases'>): boolean =>
  REGISTERED.has(phases.findLast(({ phase }) => phase !== 'failed')?.phase);

/** The load balancer's answers are old for seconds, and a call can take effect that long after its step has ended. */
const SETTLES_AFTER_MS = 60_000;

/**
 * Whether a target has left the load balancer that the deploy had put back into service: the call of a step that was delivered twice took
 * it out again. Asked once in each clean-up, which registers it: somebody else can have taken it out on purpose.
 * @param claimedAtMs when this clean-up began
 */
export function hasLeft(
  { phase, takenOut, notRunning, finishedAtMs }: Pick<TargetProgress, 'phase' | 'takenOut' | 'notRunning' | 'finishedAtMs'>,
  state: string,
  claimedAtMs: number,
  nowMs: number,
): boolean {
  // One that is rolled back has its first end still on record.
  if (phase !== 'failed' || takenOut !== false || notRunning || finishedAtMs === undefined) return false;
  const isOut = state === 'draining' || state === 'unused';
  return isOut && finishedAtMs < claimedAtMs && nowMs - finishedAtMs >= SETTLES_AFTER_MS;
}
