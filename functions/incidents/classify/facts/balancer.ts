/** What the load balancer's settings say. Pure. */
import { clockText } from '../../../shared/times.ts';
import { type BalancerFacts, type Evidence, factsOf } from '../../contract/evidence.ts';
import { troubleOf } from '../../trouble/trouble.ts';
import { judgeSource, no, open, shaky, whether, yes } from '../judged.ts';

/** Sessions are in each server's memory: another server does not have them. */
export const sessionsInMemory = judgeSource('balancer', ({ strategy, sessionsInMemory: counted }) => {
  if (counted === true) return yes('balancer', "the release's contract counts sessions in the server's memory");
  if (strategy !== 'redis') return counted === false ? shaky(byStrategy(strategy)) : byStrategy(strategy);
  const inStore = no('balancer', 'sessions are kept in the store (strategy redis)');
  return counted === undefined || counted === null ? shaky(inStore) : inStore;
});
const byStrategy = (strategy: string) => yes('balancer', `sessions are kept in the servers' memory (strategy ${strategy})`);

/** Stickiness is off, or does not hold a user's requests on one server as it was deployed to. */
export const stickinessLost = judgeSource('balancer', ({ stickiness, expectedStickiness }, { evidence }) => {
  if (!stickiness.enabled)
    return yes(
      'balancer',
      `the target group's stickiness is off${expectedStickiness.enabled ? '; the configuration deployed it on' : ''}`,
      changedAt(evidence),
    );
  if (!expectedStickiness.enabled) return no('balancer', "the target group's stickiness is on");
  if (stickiness.type === 'app_cookie' && stickiness.cookieName !== expectedStickiness.cookieName)
    return yes('balancer', 'the target group sticks by a cookie of another name than the configuration deployed', changedAt(evidence));
  const [is, was] = [stickiness.durationSeconds, expectedStickiness.durationSeconds];
  if (is !== undefined && was !== undefined && is < was) {
    const shorter = `stickiness lasts ${is} s after a request; the configuration deployed ${was} s`;
    if (is < SHORTEST_STICKY_SECONDS) return yes('balancer', shorter, changedAt(evidence));
    return is < PAUSE_SECONDS ? shaky(yes('balancer', shorter, changedAt(evidence))) : no('balancer', shorter);
  }
  const text = `the target group's stickiness is as deployed (${stickiness.type ?? 'on'})`;
  const back = setBackMs(evidence);
  return back === undefined
    ? no('balancer', text)
    : shaky(yes('changes', `${text} since ${clockText(back)} UTC, when somebody enabled it, and users stopped losing sessions`));
});

/** When somebody enabled it, after which users lost sessions no longer: it had been off until then. */
function setBackMs(evidence: Evidence): number | undefined {
  const { lost } = troubleOf(evidence).channels;
  const { onset, untilMs = 0 } = 'state' in lost ? lost : { onset: null };
  return factsOf(evidence, 'changes')?.changes.find(
    ({ stickiness, atMs }) =>
      stickiness === 'enables' && typeof onset === 'number' && atMs > onset && atMs <= untilMs && untilMs - atMs <= ENDS_WITHIN_MS,
  )?.atMs;
}

/** Users who had gone to another server meanwhile come back to the first one. */
const ENDS_WITHIN_MS = 10 * 60_000;

/** A user who reads a page for this long is still there. */
const SHORTEST_STICKY_SECONDS = 300;
/** Some users who pause for this long come back. */
const PAUSE_SECONDS = 1_800;

/** More than one target takes requests: with one alone, every session stays where it is. */
export const severalTargets = judgeSource('balancer', ({ targets }) => {
  const inService = serving(targets);
  const text = `${inService.length} of ${targets.length} targets take requests`;
  return whether('balancer', inService.length > 1, text);
});

/** Targets that were taken out or failed, so that their users went to others. */
export const targetsGone = judgeSource('balancer', ({ targets }) => {
  const gone = targets.filter(({ state }) => ['draining', 'unhealthy', 'unavailable'].includes(state));
  return gone.length > 0
    ? yes('balancer', `${gone.length} of ${targets.length} targets are draining or unhealthy`)
    : no('balancer', `0 of ${targets.length} targets are draining or unhealthy`);
});

/** Healthy ones; when none is, the load balancer sends requests to all (fail-open). */
function serving(targets: BalancerFacts['targets']) {
  const healthy = targets.filter(({ state }) => state === 'healthy');
  return healthy.length > 0 ? healthy : targets.filter(({ state }) => state === 'unhealthy');
}

/**
 * CloudTrail shows who changed the stickiness: perhaps on purpose, so that it is not for a runbook to change it back. Never true. What
 * CloudTrail does not show yet cannot be waited for: it is up to 15 minutes late.
 */
export const changedOnPurpose = judgeSource('changes', ({ changes }, { evidence }) => {
  const change = changes.find(({ event, stickiness }) => event === 'ModifyTargetGroupAttributes' && stickiness !== 'none');
  const isOff = factsOf(evidence, 'balancer')?.stickiness.enabled === false;
  // If the last change that CloudTrail shows enabled it, a later one has switched it off, which CloudTrail does not show yet.
  return change === undefined || (isOff && change.stickiness === 'enables')
    ? no('changes', 'CloudTrail shows nobody who changed the stickiness')
    : open('changes', `${change.roleArn} changed attributes of the target group at ${new Date(change.atMs).toISOString()}, by CloudTrail`);
});

/** CloudTrail had every change of a target group until the first sign when it was read: from then on, who made it is known. */
export function isTrailComplete({ sources: { changes }, firstSignMs }: Evidence): boolean {
  if (changes === undefined || 'gap' in changes || changes.facts.completeUntilMs < firstSignMs) return false;
  return !changes.gaps?.some((gap) => gap.includes('ModifyTargetGroupAttributes'));
}

/** What is wrong with the stickiness, as the end of a sentence. */
export const stickinessProblem = (evidence: Evidence): string => {
  const { enabled, type, cookieName, durationSeconds } = factsOf(evidence, 'balancer')?.stickiness ?? { enabled: false };
  if (!enabled) return 'is off';
  const back = setBackMs(evidence);
  if (back !== undefined) return `was off until ${clockText(back)} UTC`;
  return type === 'app_cookie' && cookieName !== factsOf(evidence, 'balancer')?.expectedStickiness.cookieName
    ? 'is by another cookie than deployed'
    : `ends ${durationSeconds} s after a request, sooner than deployed`;
};

/** When the target group's attributes were changed last before the first sign, by CloudTrail. */
function changedAt({ sources, firstSignMs }: Evidence): number | undefined {
  const facts = factsOf({ sources, firstSignMs } as Evidence, 'changes');
  const changes = facts?.changes.filter(({ event, atMs }) => event === 'ModifyTargetGroupAttributes' && atMs <= firstSignMs + 60_000);
  return changes && changes.length > 0 ? Math.max(...changes.map(({ atMs }) => atMs)) : undefined;
}
