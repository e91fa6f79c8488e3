/** Changes of configuration around the begin of the trouble, as CloudTrail has them, and the deploy around the first sign. Pure. */
import { type ChangeFacts, type ChangeKind, type DeployFacts, type Evidence, factsOf } from '../contract/evidence.ts';
import { timeOfLines } from './sentences.ts';
import { SAME_MS, serversOf } from './traces.ts';
import { hurtingChannels, troubleOf } from './trouble.ts';

type Change = ChangeFacts['changes'][number];

/** It lets more through: it opens a way, and cuts nobody off. */
const grants = ({ event }: Change): boolean => /^Authorize/.test(event);

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

/** It lets more through; or it is the same kind of change (a second list of groups), made when the lines about the store ended. */
export function putBackBy(cut: Change, evidence: Evidence): Change | undefined {
  const { untilMs: overMs } = timeOfLines('storeErrors', evidence) ?? {};
  const isAtEnd = ({ atMs }: Change) => overMs !== undefined && Math.abs(atMs - overMs) <= SAME_MS;
  return factsOf(evidence, 'changes')?.changes.findLast(
    (change) =>
      change.resource === cut.resource && change.atMs > cut.atMs && (grants(change) || (change.kind === cut.kind && isAtEnd(change))),
  );
}

/** CloudTrail had every change of a target group until the first sign, and until users were hurt: who brought it about is known. */
export function isTrailComplete(evidence: Evidence): boolean {
  const { changes } = evidence.sources;
  if (changes === undefined || 'gap' in changes || changes.gaps?.some((gap) => gap.includes('ModifyTargetGroupAttributes'))) return false;
  const onsets = hurtingChannels(troubleOf(evidence)).flatMap(({ channel: { onset } }) => (typeof onset === 'number' ? [onset] : []));
  return changes.facts.completeUntilMs >= Math.max(evidence.firstSignMs, ...onsets);
}

/** An alarm needs some minutes to fire. */
const AFTER_DEPLOY_MS = 10 * 60_000;
/** What began later than so long after a deploy began with something else. */
const SOON_AFTER_MS = 5 * 60_000;
/** Clocks of the record and the alarm differ a little. */
export const DEPLOY_SLACK_MS = 60_000;

/** The latest deploy that ran when the trouble began, or had ended just before; where its begin is not known, when it showed. */
export function deployAtSign(evidence: Evidence): DeployFacts['deploys'][number] | undefined {
  const { onset } = troubleOf(evidence);
  const [atMs, afterMs] = typeof onset === 'number' ? [onset, SOON_AFTER_MS] : [evidence.firstSignMs, AFTER_DEPLOY_MS];
  return factsOf(evidence, 'deploys')?.deploys.find(
    ({ startedAtMs, finishedAtMs = Number.POSITIVE_INFINITY }) => startedAtMs <= atMs + DEPLOY_SLACK_MS && finishedAtMs >= atMs - afterMs,
  );
}

/** Ids of servers that the deploy has not rolled; undefined where that is not known. */
export function notRolled(evidence: Evidence): readonly string[] | undefined {
  const deploy = deployAtSign(evidence);
  const servers = serversOf(evidence);
  if (deploy === undefined) return undefined;
  const { restart, from, to } = deploy;
  if (restart === undefined && (from === to || servers.some(({ release }) => release === undefined))) return undefined;
  return servers
    .filter(({ instanceId, release }) => (restart === undefined ? release !== to : instanceId !== restart))
    .map(({ instanceId }) => instanceId);
}

/** Users are hurt no more, and no server has written lines about the store for minutes. */
export const isStoreTroubleOver = (evidence: Evidence): boolean =>
  troubleOf(evidence).untilMs !== undefined && timeOfLines('storeErrors', evidence)?.untilMs !== undefined;
