/** What the load balancer's settings say. Pure. */
import { clockText } from '../../../shared/times.ts';
import { type BalancerFacts, type Evidence, factsOf } from '../../contract/evidence.ts';
import { troubleOf } from '../../trouble/trouble.ts';
import { firmIf, judgeSource, no, open, whether, yes } from '../judged.ts';

/** Sessions are in each server's memory: another server does not have them. */
export const sessionsInMemory = judgeSource('balancer', ({ strategy, sessionsInMemory: counted }) => {
  if (counted === true) return yes('balancer', "the release's contract counts sessions in the server's memory");
  if (strategy === 'redis') return firmIf(counted === false, no('balancer', 'sessions are kept in the store (strategy redis)'));
  return firmIf(counted !== false, yes('balancer', `sessions are kept in the servers' memory (strategy ${strategy})`));
});

/** A user who reads a page for this long is still there. */
const SHORTEST_STICKY_SECONDS = 300;
/** Some users who pause for this long come back. */
const PAUSE_SECONDS = 1_800;

/** What is wrong with the stickiness, as the end of a sentence, and whom it hurts. */
function faultOf(
  { stickiness: is, expectedStickiness: was }: BalancerFacts,
  evidence: Evidence,
): readonly [what: string, hurts: 'users' | 'some' | 'nobody'] | undefined {
  if (!is.enabled) return ['is off', 'users'];
  if (!was.enabled) return undefined;
  if (is.type === 'app_cookie' && is.cookieName !== was.cookieName) return ['is by another cookie than deployed', 'users'];
  const { durationSeconds: seconds = Number.POSITIVE_INFINITY } = is;
  if (seconds < (was.durationSeconds ?? 0))
    return [
      `ends ${seconds} s after a request, sooner than deployed`,
      seconds < SHORTEST_STICKY_SECONDS ? 'users' : seconds < PAUSE_SECONDS ? 'some' : 'nobody',
    ];
  const back = setBackMs(evidence);
  return back === undefined ? undefined : [`was off until ${clockText(back)} UTC`, 'some'];
}

export const stickinessProblem = (evidence: Evidence): string => {
  const facts = factsOf(evidence, 'balancer');
  return (facts && faultOf(facts, evidence)?.[0]) ?? 'is off';
};

/** It does not hold a user's requests on one server as it was deployed to. */
export const stickinessLost = judgeSource('balancer', (facts, { evidence }) => {
  const [what = `is as deployed (${facts.stickiness.type ?? 'on'})`, hurts = 'nobody'] = faultOf(facts, evidence) ?? [];
  const text = `the target group's stickiness ${what}`;
  if (hurts === 'nobody') return no('balancer', text);
  return firmIf(hurts === 'users', yes('balancer', text, setBackMs(evidence) === undefined ? changedAt(evidence) : undefined));
});

/** When the target group's attributes were changed last before the first sign, by CloudTrail. */
const changedAt = (evidence: Evidence): number | undefined =>
  factsOf(evidence, 'changes')?.changes.findLast(
    ({ event, atMs }) => event === 'ModifyTargetGroupAttributes' && atMs <= evidence.firstSignMs + 60_000,
  )?.atMs;

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

/** With one target alone that takes requests, every session stays where it is. Where none is healthy, all of them do (fail-open). */
export const severalTargets = judgeSource('balancer', ({ targets }) => {
  const [healthy, unhealthy] = ['healthy', 'unhealthy'].map((one) => targets.filter(({ state }) => state === one).length);
  const inService = healthy || (unhealthy ?? 0);
  return whether('balancer', inService > 1, `${inService} of ${targets.length} targets take requests`);
});

export const targetsGone = judgeSource('balancer', ({ targets }) => {
  const gone = targets.filter(({ state }) => ['draining', 'unhealthy', 'unavailable'].includes(state)).length;
  return whether('balancer', gone > 0, `${gone} of ${targets.length} targets are draining or unhealthy`);
});

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
