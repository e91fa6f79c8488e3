/** Changes of configuration around the begin of the trouble, as CloudTrail has them. Pure. */
import { type ChangeFacts, type ChangeKind, type Evidence, factsOf } from '../contract/evidence.ts';
import { hurtingChannels, troubleOf } from './trouble.ts';

/** It lets more through: it opens a way, and cuts nobody off. */
export const grants = ({ event }: ChangeFacts['changes'][number]): boolean => /^Authorize/.test(event);

/** When the trouble began, or else its first sign. */
export function beganMs(evidence: Evidence): number {
  const { onset } = troubleOf(evidence);
  return typeof onset === 'number' ? onset : evidence.firstSignMs;
}

/** Of these kinds, oldest first, which can have cut somebody off within this time. */
export const changesWithin = (
  evidence: Evidence,
  kinds: readonly ChangeKind[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): ChangeFacts['changes'] =>
  (factsOf(evidence, 'changes')?.changes ?? []).filter(
    (change) => kinds.includes(change.kind ?? 'other') && !grants(change) && change.atMs >= fromMs && change.atMs <= untilMs,
  );

/**
 * When it was read, CloudTrail had every change of a target group until the first sign, and until what hurts users began, which can be later:
 * who brought it about is known.
 */
export function isTrailComplete(evidence: Evidence): boolean {
  const { changes } = evidence.sources;
  if (changes === undefined || 'gap' in changes || changes.gaps?.some((gap) => gap.includes('ModifyTargetGroupAttributes'))) return false;
  const onsets = hurtingChannels(troubleOf(evidence)).flatMap(({ channel: { onset } }) => (typeof onset === 'number' ? [onset] : []));
  return changes.facts.completeUntilMs >= Math.max(evidence.firstSignMs, ...onsets);
}
