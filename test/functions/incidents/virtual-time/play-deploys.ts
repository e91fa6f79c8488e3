/**
 * Deploys in drawn outages, as records and executions show them: one that a finding names, an operator's, and restarts. What a mitigation
 * must never do to them is listed.
 */
import { executionArnOf } from '../../../../functions/shared/aws/executions.ts';
import type { Random } from '../../../../lab/simulation/kernel/random.ts';
import { beginDeploy, DEPLOY } from '../../fakes/fixtures.ts';
import { DEPLOYS } from './mitigations-in.ts';
import { type incidentWorld, MINUTE } from './world.ts';

type World = ReturnType<typeof incidentWorld>;

const BAD = { ...DEPLOY, deployId: 'bad', executionArn: executionArnOf(DEPLOYS, 'bad'), version: '3.0.0' };
const FIX = { ...DEPLOY, deployId: 'fix', executionArn: executionArnOf(DEPLOYS, 'fix'), version: '3.0.1' };
const HOUR = 60 * MINUTE;

export interface PlayedDeploy {
  /** What the finding is about: nothing where the deploy began only after the trouble. */
  readonly about: { readonly deployId?: string };
  readonly did: readonly string[];
  /** An operator stops it. */
  readonly abort: () => Promise<unknown>;
  /** What is wrong at the end. */
  readonly left: () => Promise<readonly string[]>;
}

/** A deploy, its clean-up once it is stopped, and an operator who aborts it or deploys a correction. */
export async function playDeploy(played: World, random: Random, wrong: (text: string) => void): Promise<PlayedDeploy> {
  const { at, minute, now, fleetRecords, deploys, incidents } = played;
  const isNamed = random.chance(0.75);
  const [endsAt, cleansFor, isRestored] = [random.whole(5, 120), random.whole(1, 40), random.chance(0.8)];
  const [abortsAt, fixesAt, fixTakes] = [random.whole(2, 60), random.whole(2, 90), random.whole(5, 15)];
  const did = [`the deploy ends at ${endsAt}, its clean-up takes ${cleansFor}`];
  const stoppedBy: string[] = [];
  let endedAt: number | undefined;

  async function begin(deploy: typeof DEPLOY): Promise<void> {
    const { fencingToken } = await beginDeploy(fleetRecords, { ...deploy, startedAtMs: now() });
    await fleetRecords.renewLease({ fleet: 'web', deployId: deploy.deployId, fencingToken }, now() + 9 * HOUR);
    if (deploy === BAD) await fleetRecords.updateTarget('web', deploy.deployId, 'i-1', { phase: 'installing', startedAtMs: now() });
    deploys.states[deploy.executionArn] = { status: 'RUNNING' };
  }
  async function end({ deployId, executionArn }: typeof DEPLOY, status: 'SUCCEEDED' | 'ABORTED'): Promise<void> {
    if (status === 'SUCCEEDED' && deploys.states[executionArn]?.status !== 'RUNNING') return;
    if (status === 'SUCCEEDED') deploys.states[executionArn] = { status };
    else await fleetRecords.updateTarget('web', deployId, 'i-1', { phase: isRestored ? 'rolledBack' : 'failed' });
    const outcome = isRestored ? 'Every server has 1.0.0 again.' : 'i-1 is out of service.';
    const ofAborted = status === 'ABORTED' && { rolledBack: isRestored, outcome };
    await fleetRecords.finishDeploy('web', deployId, { status, finishedAtMs: now(), ...ofAborted });
    await fleetRecords.closeDeploy('web', deployId);
    const { fencingToken = 0 } = (await fleetRecords.getLock('web')) ?? {};
    await fleetRecords.releaseLock({ fleet: 'web', deployId, fencingToken });
    if (deployId === BAD.deployId) endedAt = minute();
  }
  function cleanUp(deploy: typeof DEPLOY): void {
    const claim = { executionArn: 'arn:clean-up', startedAtMs: now(), attempt: 1 };
    at(minute() + 0.5, () => fleetRecords.claimCleanUp('web', deploy.deployId, claim, undefined));
    at(minute() + cleansFor, () => end(deploy, 'ABORTED'));
  }
  /** It gets the lock as soon as the clean-up is over. */
  async function fix(): Promise<void> {
    if (endedAt === undefined && isNamed) return at(minute() + 1, fix);
    try {
      await begin(FIX);
    } catch {
      return wrong('an operator’s correction is held up');
    }
    did.push(`an operator’s correction begins at ${minute()}`);
    at(minute() + fixTakes, () => end(FIX, 'SUCCEEDED'));
  }

  const { stop } = deploys;
  deploys.stop = async (arn, cause) => {
    const [, by] = /^stopped by the runbook of incident (\S+)$/.exec(cause) ?? [];
    if (by !== undefined && arn !== BAD.executionArn) wrong(`${arn} is stopped, which no finding names`);
    if (by !== undefined && !isNamed) wrong('a deploy is stopped that began after the trouble');
    const asked = (await incidents()).find(({ incidentId }) => incidentId === by)?.mitigations['stop-deploy'];
    if (by !== undefined && asked?.requestedBy === undefined) wrong('a deploy is stopped, and nobody was asked');
    const isStopped = await stop(arn, cause);
    if (isStopped) {
      stoppedBy.push(by ?? 'an operator');
      did.push(`${by ?? 'an operator'} stops ${arn.split(':').at(-1)} at ${minute()}`);
      cleanUp(arn === BAD.executionArn ? BAD : FIX);
    }
    return isStopped;
  };

  if (isNamed) await begin(BAD);
  at(endsAt, () => end(BAD, 'SUCCEEDED'));
  const abort = () => deploys.stop(BAD.executionArn, 'stopped by ann with "holdfast deploys abort"');
  if (random.chance(0.3)) at(abortsAt, abort);
  // Without a name there was none when the trouble began: the correction can begin before the runbook has its finding.
  if (!isNamed) at(random.pick([random.fraction(), fixesAt]), fix);
  else if (random.chance(0.6)) at(fixesAt, fix);
  const left = async () => {
    const all = (await incidents()).flatMap(({ incidentId, mitigations: { 'stop-deploy': one } }) => (one ? [{ incidentId, ...one }] : []));
    return [
      ...(stoppedBy.length > 1 ? [`deploys are stopped by ${stoppedBy.join(' and ')}`] : []),
      ...all.flatMap(({ incidentId, state, goesOn, detail }) => [
        ...(state === 'done' && stoppedBy[0] !== incidentId ? [`${incidentId} says that it stopped what ${stoppedBy[0]} did`] : []),
        ...(state === 'done' && !goesOn && !isRestored ? ['servers that did not go back are said to be'] : []),
        ...(state === 'leftBehind' && isRestored ? [`a clean-up that restores every server is said to have failed: ${detail}`] : []),
      ]),
    ];
  };
  return { about: isNamed ? { deployId: BAD.deployId } : {}, did, abort, left };
}
