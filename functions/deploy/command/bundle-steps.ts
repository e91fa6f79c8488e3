/** What a deploy does on servers of CodeDeploy bundles besides an install: scripts of single events, and the adoption of what runs. */

import { bundlesOf, LONGEST_HOOK_SECONDS, longest, OTHER_WORK_SECONDS, scriptsAlone } from '../../instance/bundle-scripts.ts';
import { InstallFailed, TargetNeverUp } from '../../instance/errors.ts';
import { DELIVERY_LIMIT_SECONDS } from '../../instance/instance-commands.ts';
import { checkInstall } from '../../instance/steps/install.ts';
import { checkReadiness, sendReadiness } from '../../instance/steps/readiness.ts';
import { describeEvidence, type StepPorts, sentCommand } from '../../instance/steps/server-step.ts';
import type { Records } from '../../records/records.ts';
import { hookSeconds } from '../../shared/app-contract.ts';
import type { DeployContext } from '../contract/common.ts';
import type { CommandRequest, HookStep, Roll, RollReply } from '../contract/roll.ts';
import { ReleaseNotFound } from '../errors.ts';
import { enterPhase, type RolledReleases } from '../target-phases.ts';

interface Ports extends StepPorts {
  readonly records: Records;
}

/** A rollback goes on after a failed stop: the release that it stops is the one that failed. */
export const stopFailureOf = ({ ignoreApplicationStopFailures }: DeployContext, isRollback: boolean) =>
  isRollback || ignoreApplicationStopFailures ? ('continue' as const) : ('fail' as const);

/** Sends at first and checks from then on; nothing is sent where neither release has scripts of the event. */
export const runHook =
  (event: HookStep) =>
  async (ports: Ports, { deploy, lease, roll }: CommandRequest, releases: RolledReleases): Promise<RollReply> => {
    const { commands, records, now } = ports;
    const { instanceId } = roll;
    if (roll.hook !== event) {
      const bundles = await bundlesOf(records, deploy.fleet, [releases.version, releases.fromVersion]);
      const seconds = longest(Math.max(0, ...bundles.map((bundle) => hookSeconds(bundle, [event]))), LONGEST_HOOK_SECONDS);
      if (bundles.every((bundle) => bundle.hooks[event] === undefined)) return { verdict: 'DONE', roll };
      const scripts = { mode: event, stopFailure: stopFailureOf(deploy, releases.isRollback), seconds };
      const commandId = await commands.sendInstall(instanceId, scriptsAlone(deploy.fleet, scripts), lease.fencingToken, deploy.documents);
      return { verdict: 'WAIT', roll: { ...roll, hook: event, commandId, commandSeconds: seconds } };
    }
    const since = { ...roll, phaseStartedAtMs: roll.commandSentAtMs ?? roll.phaseStartedAtMs };
    const answer = await commands.readInstall(sentCommand(since, (roll.commandSeconds ?? 0) + DELIVERY_LIMIT_SECONDS));
    if (!answer) return { verdict: 'WAIT', roll };
    if (answer.result === 'failed') throw new InstallFailed(`${event} on ${instanceId}: ${answer.message}${describeEvidence(answer)}`);
    const done = { ...roll, commandSeconds: undefined };
    // The bake begins after it.
    const baking = { phase: 'baking', phaseStartedAtMs: now() } as const;
    return { verdict: 'DONE', roll: event === 'AfterAllowTraffic' ? await enterPhase(records, deploy, done, baking) : done };
  };

/** A prepared server takes what it runs for the release: its files first, then the readiness check. It stays in service. */
export async function adopt(ports: Ports, { deploy, lease, roll }: CommandRequest, releases: RolledReleases): Promise<RollReply> {
  const { commands, records, now } = ports;
  const { fleet, settings, documents } = deploy;
  const { version } = releases;
  const { instanceId } = roll;
  const since = (adopts: 'files' | 'readiness', commandId: string): RollReply => ({
    verdict: 'WAIT',
    roll: { ...roll, adopts, commandId, phaseStartedAtMs: now(), readiness: undefined },
  });
  if (roll.adopts === undefined) {
    const release = await records.getRelease(fleet, version);
    if (!release) throw new ReleaseNotFound(fleet, version);
    const mode = deploy.adopt === 'differences' ? ('adoptDifferences' as const) : ('adopt' as const);
    const ordered = {
      fleet,
      version,
      sha256: release.sha256,
      scripts: { mode, stopFailure: 'fail' as const, seconds: OTHER_WORK_SECONDS },
    };
    return since('files', await commands.sendInstall(instanceId, ordered, lease.fencingToken, documents));
  }
  if (roll.adopts === 'files') {
    const judgement = await checkInstall(ports, roll, { fleet, ...releases, installTimeoutSeconds: OTHER_WORK_SECONDS });
    if (!judgement) return { verdict: 'WAIT', roll };
    if (!judgement.installed && judgement.canRetry && !roll.installedAgain)
      return { verdict: 'WAIT', roll: { ...roll, adopts: undefined, commandId: undefined, installedAgain: true } };
    if (!judgement.installed) throw judgement.error;
    return since('readiness', await sendReadiness(ports, { ...roll, phaseStartedAtMs: now() }, settings, documents));
  }
  const { verdict, progress } = await checkReadiness(ports, roll, version, settings).catch((error: unknown) => {
    // Users are on this release already: it takes no server out.
    throw error instanceof TargetNeverUp ? new InstallFailed(`${error.message}. Nothing was changed on the server`) : error;
  });
  const next: Roll = { ...roll, ...(progress && { readiness: progress }) };
  if (verdict === 'WAIT') return { verdict, roll };
  if (verdict === 'REPEAT') return { verdict: 'WAIT', roll: { ...next, commandId: await sendReadiness(ports, roll, settings, documents) } };
  await records.putInstance(fleet, { instanceId, version, installedAtMs: now() });
  const finishedAtMs = now();
  return {
    verdict: 'DONE',
    roll: await enterPhase(records, deploy, next, { phase: 'done', phaseStartedAtMs: finishedAtMs, finishedAtMs }),
  };
}
