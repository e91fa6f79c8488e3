/** Deploys around the first sign. Pure. */
import type { DeployFacts, Evidence } from '../../contract/evidence.ts';
import { factsOf, firmIf, type Judged, judgeSource, no, yes } from '../judged.ts';

/** An alarm needs some minutes to fire, and sessions of a rolled server are missed when their users come back. */
const AFTER_DEPLOY_MS = 10 * 60_000;
/** Clocks of the record and the alarm differ a little. */
const SLACK_MS = 60_000;

type Deploy = DeployFacts['deploys'][number];

/** The latest deploy that ran when the trouble showed, or had ended shortly before. */
export const deployAtSign = (evidence: Evidence): Deploy | undefined =>
  factsOf(evidence, 'deploys')?.deploys.find((deploy) => overlaps(deploy, evidence.firstSignMs));

const overlaps = ({ startedAtMs, finishedAtMs }: Deploy, signMs: number): boolean =>
  startedAtMs <= signMs + SLACK_MS && (finishedAtMs === undefined || finishedAtMs >= signMs - AFTER_DEPLOY_MS);

export const deployNearSign = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'deploys', ({ deploys }, complete) => {
    const deploy = deploys.find((one) => overlaps(one, evidence.firstSignMs));
    if (!deploy) return firmIf(complete, no('deploys', 'no deploy ran around the first sign'));
    const state = deploy.finishedAtMs === undefined ? 'is running' : `ended as ${deploy.status}`;
    return yes('deploys', `deploy ${deploy.deployId} (${deploy.from} → ${deploy.to}) ${state}`, deploy.startedAtMs);
  });
