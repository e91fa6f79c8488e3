/** Changes of configuration around the begin of the trouble, as CloudTrail has them. Pure. */
import { type ChangeFacts, type ChangeKind, type Evidence, factsOf } from '../contract/evidence.ts';
import { timeOfLines } from './places.ts';
import { SAME_MS } from './traces.ts';
import { hurtingChannels, troubleOf } from './trouble.ts';

type Change = ChangeFacts['changes'][number];

/** It lets more through: it opens a way, and cuts nobody off. */
const grants = ({ event }: Change): boolean => /^Authorize/.test(event);

/** When the trouble began, or else its first sign. */
export function beganMs(evidence: Evidence): number {
  const { onset } = troubleOf(evidence);
  return typeof onset === 'number' ? onset : evidence.firstSignMs;
}

/** Of these kinds, latest first, which can have cut somebody off within this time. */
export const changesWithin = (
  evidence: Evidence,
  kinds: readonly ChangeKind[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): ChangeFacts['changes'] =>
  (factsOf(evidence, 'changes')?.changes ?? []).filter(
    (change) => kinds.includes(change.kind ?? 'other') && !grants(change) && change.atMs >= fromMs && change.atMs <= untilMs,
  );

/** What changed no longer before the trouble can have brought it about, and clocks differ a little. */
const SHORTLY_BEFORE_MS = 10 * 60_000;
const SLACK_MS = 2 * 60_000;

/** The first change of these kinds just before the trouble began: a later one can have put it back. */
export const changeBefore = (evidence: Evidence, kinds: readonly ChangeKind[]): Change | undefined =>
  changesWithin(evidence, kinds, { fromMs: beganMs(evidence) - SHORTLY_BEFORE_MS, untilMs: beganMs(evidence) + SLACK_MS }).at(-1);

/**
 * What put back what a change had cut: it lets more through; or it is the same kind of change, as a second list of security groups, made
 * when the lines about the store ended.
 */
export function putBackBy(cut: Change, evidence: Evidence): Change | undefined {
  const { untilMs: overMs } = timeOfLines('storeErrors', evidence) ?? {};
  const isAtEnd = ({ atMs }: Change) => overMs !== undefined && Math.abs(atMs - overMs) <= SAME_MS;
  return factsOf(evidence, 'changes')?.changes.findLast(
    (change) =>
      change.resource === cut.resource && change.atMs > cut.atMs && (grants(change) || (change.kind === cut.kind && isAtEnd(change))),
  );
}

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
