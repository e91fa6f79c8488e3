import { healthOf, type TargetGroup } from '../../shared/aws/target-group.ts';
import { POLL_ONCE, pauseUntil } from '../../shared/poll.ts';
import type { UnwrittenChanges } from '../../shared/unwritten.ts';
import type { DocumentVersions } from '../document-contract.ts';
import { SLICE_LIMIT_SECONDS } from '../instance-commands.ts';
import { type BakeDecision, type BakeLimits, judgeBake } from '../judge-bake.ts';
import { isUnjudged, WARM_UP_SECONDS } from '../judge-latency.ts';
import type { BakeProgress } from '../progress.ts';
import type { BakeSettings } from '../settings.ts';
import { bakeParameters, LAST_MOMENT_SECONDS } from '../slice-parameters.ts';
import { elapsedSeconds, type ServerWork, type StepPorts, sentCommand } from './server-step.ts';

/** A step that bakes a release: it carries what was counted before. */
export type BakeWork = ServerWork & { readonly bake?: BakeProgress | undefined };

/** Sends the next slice of the bake. @returns the command's id */
export async function sendBake(
  { commands, now }: StepPorts,
  step: BakeWork,
  settings: BakeSettings,
  versions?: DocumentVersions,
): Promise<string> {
  const remainingSeconds = lengthOf(step, settings) - elapsedSeconds(step, now());
  return commands.sendObserve(step.instanceId, bakeParameters(settings, remainingSeconds), versions);
}

/** A bake whose last slice found slow answers goes on for as long as they may take to get faster. */
const lengthOf = ({ bake }: BakeWork, { bakeSeconds }: Pick<BakeSettings, 'bakeSeconds'>): number =>
  bake?.slow ? Math.max(bakeSeconds, WARM_UP_SECONDS) : bakeSeconds;

export interface BakeCheck {
  readonly verdict: BakeDecision['verdict'] | 'WAIT';
  /** Absent while the slice runs. */
  readonly progress?: BakeProgress;
  readonly inFlight?: number | undefined;
  /** Requests were in flight, and none had ended. */
  readonly isUnjudged?: boolean;
  readonly unwritten?: UnwrittenChanges | undefined;
}

/** Whether the release holds under its first traffic, by the answer of its latest slice. @throws BakeFailed, CommandFailed */
export async function checkBake(
  { commands, targetGroup, now, polling = POLL_ONCE }: StepPorts & { readonly targetGroup: Pick<TargetGroup, 'describeHealth'> },
  step: BakeWork,
  limits: BakeLimits,
): Promise<BakeCheck> {
  const { instanceId, phaseStartedAtMs } = step;
  const answer = await commands.readObserve(sentCommand(step, lengthOf(step, limits) + SLICE_LIMIT_SECONDS));
  if (!answer) return { verdict: 'WAIT' };
  const endsAtMs = phaseStartedAtMs + limits.bakeSeconds * 1000;
  // Too little time is left for another command, whose answer would come after the bake's end: this answer is the last one.
  if (endsAtMs - now() < LAST_MOMENT_SECONDS * 1000) await pauseUntil(endsAtMs, now(), polling);
  const health = healthOf(instanceId, await targetGroup.describeHealth());
  const { verdict, progress } = judgeBake(answer, health, { before: step.bake, elapsedMs: now() - phaseStartedAtMs }, limits);
  return { verdict, progress, inFlight: answer.inFlight, isUnjudged: isUnjudged(answer), unwritten: answer.unwritten };
}
