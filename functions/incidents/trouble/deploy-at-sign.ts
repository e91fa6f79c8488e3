/** The deploy around the first sign, which servers it rolled, and which ended after it. Pure. */
import { type DeployFacts, type Evidence, factsOf } from '../contract/evidence.ts';
import { serversOf } from './traces.ts';
import { troubleOf } from './trouble.ts';

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

/** When servers began to end, where that was after the deploy had ended. */
export function endedAfterDeploy(evidence: Evidence): number | undefined {
  const endedMs = factsOf(evidence, 'scaling')?.firstTerminationMs;
  const finishedMs = deployAtSign(evidence)?.finishedAtMs;
  return endedMs !== undefined && finishedMs !== undefined && endedMs > finishedMs ? endedMs : undefined;
}
