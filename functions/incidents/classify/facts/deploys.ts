/** Deploys around the first sign, and servers that Auto Scaling ended. Pure. */
import { releaseText } from '../../../records/outcome-text.ts';
import type { DeployWarningKind } from '../../contract/evidence.ts';
import { excessOf, isTroubled } from '../../trouble/channels.ts';
import { DEPLOY_SLACK_MS, deployAtSign, endedAfterDeploy } from '../../trouble/deploy-at-sign.ts';
import { sentenceOf } from '../../trouble/sentences.ts';
import { LINES_OF_SESSIONS } from '../../trouble/store-channels.ts';
import { allLogsRead, knownTraces, SAME_MS, serversOf } from '../../trouble/traces.ts';
import { hurtingChannels, troubleOf } from '../../trouble/trouble.ts';
import { allOf, anyOf, firmIf, type Judge, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';
import { errorsNameSessions, everyLogRead, firstLineMs, wordsAbout } from './application-logs.ts';
import { usersTurnedAway } from './in-trouble.ts';

export const deployNearSign = judgeSource('deploys', (_, { complete, evidence }) => {
  const deploy = deployAtSign(evidence);
  if (!deploy) return firmIf(complete, no('deploys', 'no deploy ran around the first sign'));
  const state = deploy.finishedAtMs === undefined ? 'is running' : `ended as ${deploy.status}`;
  return yes('deploys', `deploy ${deploy.deployId} (${releaseText(deploy)}) ${state}`, deploy.startedAtMs);
});

/** Servers with the new release lost many times as many sessions, on average, as those with the previous one. */
export const lostOnNewRelease = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const deploy = deployAtSign(evidence);
  const fresh = servers.filter(({ release }) => release === deploy?.to);
  const old = servers.filter(({ release }) => release !== undefined && release === deploy?.from);
  if (!deploy || deploy.restart !== undefined || fresh.length === 0 || old.length === 0)
    return open('servers', 'servers of both releases, to compare the sessions that they lost');
  const allLost = knownTraces(servers, evidence.firstSignMs).filter((trace) => trace.lost);
  const lost = (some: typeof servers) =>
    allLost.filter(({ lostAt }) => some.some(({ instanceId }) => instanceId === lostAt)).length / some.length;
  const text = `servers with ${deploy.to} lost ${Math.round(lost(fresh))} sampled sessions each, those with ${deploy.from} ${Math.round(lost(old))}`;
  const judged = whether('servers', lost(fresh) >= FEWEST_LOST && lost(fresh) >= lost(old) * MANY_TIMES, text);
  return firmIf(allLogsRead(serversOf(evidence), complete) && fresh.length + old.length === servers.length, judged);
});

/** What a deploy can have found of the cookie by which users who come back are known: without it, everybody logs in again. */
const LOGS_OUT: readonly string[] = ['cookieName', 'cookieDomain', 'secureLost'] satisfies readonly DeployWarningKind[];

export const deployWarned = judgeSource('deploys', (_, { evidence }) => {
  const { warningKinds = [], warnings = [], deployId = '' } = deployAtSign(evidence) ?? {};
  const said = warnings.find((_, index) => LOGS_OUT.includes(warningKinds[index] ?? ''));
  return said === undefined
    ? no('deploys', 'no deploy warned of the session cookie')
    : yes('deploys', `deploy ${deployId} warned: ${said}`);
});

/** What people get became worse while the deploy ran. Where the login page comes with 200, no log shows a lost session. */
export const hurtWithDeploy: Judge = (evidence) => {
  const deploy = deployAtSign(evidence);
  const begun = hurtingChannels(troubleOf(evidence)).find(
    ({ channel: { onset } }) =>
      deploy !== undefined &&
      typeof onset === 'number' &&
      onset >= deploy.startedAtMs - DEPLOY_SLACK_MS &&
      onset <= (deploy.finishedAtMs ?? evidence.toMs) + DEPLOY_SLACK_MS,
  );
  return begun
    ? shaky(yes('traffic', `${sentenceOf(begun.name, begun.channel, evidence)}, and the deploy ran then`))
    : no('traffic', 'nothing became worse while the deploy ran');
};

export const hurtByDeploy = anyOf(usersTurnedAway, allOf(deployWarned, hurtWithDeploy));

const FEWEST_LOST = 3;
const MANY_TIMES = 3;

/** Errors of sessions that cannot be read or decrypted began when a deploy had begun: its release writes, or reads, sessions in another way. */
export const deployBeforeErrors = judgeSource('deploys', ({ deploys }, { complete, evidence }) => {
  const errorsMs = firstLineMs(evidence, LINES_OF_SESSIONS);
  if (errorsMs === undefined) return open('servers', 'application logs: when errors of sessions that cannot be read began');
  const deploy = deploys.find(({ startedAtMs, restart }) => restart === undefined && startedAtMs <= errorsMs + DEPLOY_SLACK_MS);
  if (deploy === undefined) return firmIf(complete, no('deploys', 'no deploy began in the hour before the errors'));
  const text = `deploy ${deploy.deployId} (${deploy.from} → ${deploy.to}) began before the errors`;
  return firmIf(everyLogRead(evidence), yes('deploys', text, deploy.startedAtMs));
});

/** As many lines as users get errors, since the same minutes: the lines are the errors. Never firm: a cache cannot be read in the same words. */
export const linesAreTheErrors: Judge = (evidence) => {
  const { errors, sessionErrors: lines } = troubleOf(evidence).channels;
  const text = 'lines about sessions that cannot be read began with the errors that users get';
  if (!isTroubled(errors) || !isTroubled(lines)) return no('servers', `no ${text}`);
  const [shown, got] = [excessOf(lines), excessOf(errors)];
  const isAtOnce = errors.onset === lines.onset || Math.abs(Number(errors.onset) - Number(lines.onset)) <= SAME_MS;
  return isAtOnce && shown * 2 >= got
    ? shaky(yes('servers', `${text}: ${Math.round(shown)} lines, ${Math.round(got)} errors`))
    : no('servers', `no ${text}`);
};

/** Errors that name no session can be of a cache; those that do, and sessions that the new release alone loses, show each other. */
export const sessionsUnreadable: Judge = (evidence) => {
  const said = wordsAbout('serialization')(evidence);
  // A secret that the deploy has changed, or that each server makes for itself.
  if (said.truth !== true) return anyOf(wordsAbout('serialization'), wordsAbout('decryption'))(evidence);
  const shown = allOf(errorsNameSessions, lostOnNewRelease)(evidence);
  return shown.truth === true ? { ...said, firm: shown.firm, text: `${said.text}; ${shown.text}` } : said;
};

export const serversReplaced = judgeSource('scaling', ({ terminated, replacedUnhealthy, firstTerminationMs }, { complete }) => {
  const text = `Auto Scaling ended ${terminated} servers, ${replacedUnhealthy} of them as unhealthy`;
  return terminated > 0 ? yes('scaling', text, firstTerminationMs) : firmIf(complete, no('scaling', text));
});

/** A deploy ran around the first sign, and servers did not end only after it. Never firm then: users of a rolled server can come back as late. */
export const deployExplains: Judge = (evidence) =>
  endedAfterDeploy(evidence) === undefined ? deployNearSign(evidence) : shaky(no('scaling', 'servers ended after the deploy had'));
