/** What the load balancer's settings, CloudTrail, deploys and Auto Scaling say. Pure. */
import { releaseText } from '../../../records/outcome-text.ts';
import { clockText } from '../../../shared/texts.ts';
import { type BalancerFacts, type ChangeKind, type DeployWarningKind, type Evidence, factsOf } from '../../contract/evidence.ts';
import { changeBefore, DEPLOY_SLACK_MS, deployAtSign } from '../../trouble/changes.ts';
import { sentenceOf } from '../../trouble/sentences.ts';
import { LINES_OF_SESSIONS } from '../../trouble/store-health.ts';
import { hurtingChannels, troubleOf } from '../../trouble/trouble.ts';
import { allOf, anyOf, fact, type Judge, no, shaky, yes } from '../judged.ts';
import { everyLogRead, firstLineMs, usersTurnedAway } from './in-trouble.ts';

export const sessionsInMemory = fact('balancer', 'where sessions are', ({ strategy, sessionsInMemory: counted }) => {
  if (counted === true) return { is: true, text: "the release's contract counts sessions in the server's memory" };
  if (strategy === 'redis') return { is: false, text: 'sessions are kept in the store (strategy redis)', sure: counted === false };
  return { is: true, text: `sessions are kept in the servers' memory (strategy ${strategy})`, sure: counted !== false };
});

/** A user who reads a page for this long is still there. */
const SHORTEST_STICKY_SECONDS = 300;
/** Some users who pause for this long come back. */
const PAUSE_SECONDS = 1_800;

function faultOf(
  { stickiness: is, expectedStickiness: was }: BalancerFacts,
  evidence: Evidence,
): readonly [what: string, hurts: 'users' | 'some' | 'nobody'] | undefined {
  if (!is.enabled) return ['is off', 'users'];
  if (!was.enabled) return undefined;
  if (is.type === 'app_cookie' && is.cookieName !== was.cookieName) return ['is by another cookie than deployed', 'users'];
  const { durationSeconds: seconds = Number.POSITIVE_INFINITY } = is;
  const hurts = seconds < SHORTEST_STICKY_SECONDS ? 'users' : seconds < PAUSE_SECONDS ? 'some' : 'nobody';
  if (seconds < (was.durationSeconds ?? 0)) return [`ends ${seconds} s after a request, sooner than deployed`, hurts];
  const back = setBackMs(evidence);
  return back === undefined ? undefined : [`was off until ${clockText(back)} UTC`, 'some'];
}

export const stickinessProblem = (evidence: Evidence): string => {
  const facts = factsOf(evidence, 'balancer');
  return (facts && faultOf(facts, evidence)?.[0]) ?? 'is off';
};

export const stickinessLost = fact('balancer', 'the stickiness of the target group', (facts, { evidence }) => {
  const [what = `is as deployed (${facts.stickiness.type ?? 'on'})`, hurts = 'nobody'] = faultOf(facts, evidence) ?? [];
  const text = `the target group's stickiness ${what}`;
  if (hurts === 'nobody') return { is: false, text, sure: true };
  return { is: true, text, sure: hurts === 'users', sinceMs: setBackMs(evidence) === undefined ? changedAt(evidence) : undefined };
});

const changedAt = (evidence: Evidence): number | undefined =>
  factsOf(evidence, 'changes')?.changes.findLast(
    ({ event, atMs }) => event === 'ModifyTargetGroupAttributes' && atMs <= evidence.firstSignMs + 60_000,
  )?.atMs;

/** Users who had gone to another server meanwhile come back to the first one. */
const ENDS_WITHIN_MS = 10 * 60_000;

/** When somebody enabled it, after which users lost sessions no longer: it had been off until then. */
function setBackMs(evidence: Evidence): number | undefined {
  const { lost } = troubleOf(evidence).channels;
  const { onset, untilMs = 0 } = 'state' in lost ? lost : { onset: null };
  return factsOf(evidence, 'changes')?.changes.find(
    ({ stickiness, atMs }) =>
      stickiness === 'enables' && typeof onset === 'number' && atMs > onset && atMs <= untilMs && untilMs - atMs <= ENDS_WITHIN_MS,
  )?.atMs;
}

/** CloudTrail shows who changed the stickiness: perhaps on purpose, so that it is not for a runbook to change it back. Never true. */
export const changedOnPurpose = fact('changes', 'somebody changed the stickiness, by CloudTrail', ({ changes }, { evidence }) => {
  const change = changes.find(({ event, stickiness }) => event === 'ModifyTargetGroupAttributes' && stickiness !== 'none');
  const isOff = factsOf(evidence, 'balancer')?.stickiness.enabled === false;
  // If the last change that CloudTrail shows enabled it, a later one has switched it off, which CloudTrail does not show yet.
  const isByNobody = change === undefined || (isOff && change.stickiness === 'enables');
  return isByNobody ? { is: false, text: 'CloudTrail shows nobody who changed the stickiness', sure: true } : undefined;
});

/** CloudTrail shows a change of this kind just before the trouble began. What it does not show can still have been. */
export const changedBefore = (kind: ChangeKind): Judge =>
  fact('changes', 'whether a process began anew', (_, { evidence }) => {
    const change = changeBefore(evidence, [kind]);
    return change && { is: true, text: `${change.event} by ${change.roleArn}`, sinceMs: change.atMs };
  });

export const deployNearSign = fact('deploys', 'deploys', (_, { evidence }) => {
  const deploy = deployAtSign(evidence);
  if (!deploy) return { is: false, text: 'no deploy ran around the first sign' };
  const state = deploy.finishedAtMs === undefined ? 'is running' : `ended as ${deploy.status}`;
  return { is: true, text: `deploy ${deploy.deployId} (${releaseText(deploy)}) ${state}`, sinceMs: deploy.startedAtMs };
});

/** Every server has the new release: none is left to compare, and its time alone speaks. */
export const rolledWhole = fact('servers', 'which release each server has', ({ servers }, { evidence }) => {
  const deploy = deployAtSign(evidence);
  const is = deploy !== undefined && deploy.restart === undefined && servers.every(({ release }) => release === deploy.to);
  return { is, text: is ? `every server has ${deploy.to}` : 'servers have several releases' };
});

/** What a deploy can have found of the cookie by which users who come back are known: without it, everybody logs in again. */
const LOGS_OUT: readonly string[] = ['cookieName', 'cookieDomain', 'secureLost'] satisfies readonly DeployWarningKind[];

export const deployWarned = fact('deploys', 'deploys', (_, { evidence }) => {
  const { warningKinds = [], warnings = [], deployId = '' } = deployAtSign(evidence) ?? {};
  const warning = warnings.find((_text, index) => LOGS_OUT.includes(warningKinds[index] ?? ''));
  return warning === undefined
    ? { is: false, text: 'no deploy warned of the session cookie', sure: true }
    : { is: true, text: `deploy ${deployId} warned: ${warning}` };
});

/** What people get became worse while the deploy ran. Where the login page comes with 200, no log shows a lost session. */
export const hurtWithDeploy: Judge = (evidence) => {
  const { startedAtMs = Number.POSITIVE_INFINITY, finishedAtMs = evidence.toMs } = deployAtSign(evidence) ?? {};
  const begun = hurtingChannels(troubleOf(evidence)).find(
    ({ channel: { onset } }) =>
      typeof onset === 'number' && onset >= startedAtMs - DEPLOY_SLACK_MS && onset <= finishedAtMs + DEPLOY_SLACK_MS,
  );
  return begun
    ? shaky(yes('traffic', `${sentenceOf(begun.name, begun.channel, evidence)}, and the deploy ran then`))
    : no('traffic', 'nothing became worse while the deploy ran');
};

export const hurtByDeploy = anyOf(usersTurnedAway, allOf(deployWarned, hurtWithDeploy));

/** Errors of sessions that cannot be read began when a deploy had begun: its release writes, or reads, sessions in another way. */
export const deployBeforeErrors = fact('deploys', 'application logs: when errors began', ({ deploys }, { evidence }) => {
  const errorsMs = firstLineMs(evidence, LINES_OF_SESSIONS);
  if (errorsMs === undefined) return undefined;
  const deploy = deploys.find(({ startedAtMs, restart }) => restart === undefined && startedAtMs <= errorsMs + DEPLOY_SLACK_MS);
  if (deploy === undefined) return { is: false, text: 'no deploy began in the hour before the errors' };
  const text = `deploy ${deploy.deployId} (${deploy.from} → ${deploy.to}) began before the errors`;
  return { is: true, text, sure: everyLogRead(evidence), sinceMs: deploy.startedAtMs };
});

export const serversReplaced = fact('scaling', 'Auto Scaling', ({ terminated, replacedUnhealthy, firstTerminationMs }) => ({
  is: terminated > 0,
  text: `Auto Scaling ended ${terminated} servers, ${replacedUnhealthy} of them as unhealthy`,
  sinceMs: firstTerminationMs,
}));
