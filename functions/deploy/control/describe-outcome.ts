import { keptRelease, restoredRelease, touchedTargets } from '../../records/touched-targets.ts';
import type { DeployRecord, TargetProgress } from '../../records/types.ts';
import { commandOptions, holdfast } from '../../shared/command-options.ts';
import { NO_RELEASE, releaseWords } from '../../shared/version.ts';
import { NOT_RUNNING } from '../traffic/decide-put-back.ts';

/** What became of the fleet after a deploy that failed. */
export interface Outcome {
  /** True when every target that the deploy touched has its previous release, and at least one was rolled back to it. */
  readonly rolledBack: boolean;
  /** Which target is in which state, and what to run. */
  readonly sentence: string;
}

type EndedRecord = Pick<DeployRecord, 'deployId' | 'executionArn' | 'fleet' | 'from' | 'to' | 'restart' | 'targets'>;

/**
 * The end of a deploy that failed, for the operator.
 * @param promoted the fleet's record names the deploy's release, so that nothing went back
 */
export function describeOutcome(record: EndedRecord, promoted: boolean): Outcome {
  const touched = touchedTargets(record.targets);
  if (touched.length === 0) return { rolledBack: false, sentence: 'No target was touched.' };
  const back = touched.filter(([, target]) => target.phase === 'rolledBack' || restoredRelease(target));
  const kept = touched.filter(([, target]) => keptRelease(target));
  const isFirst = record.from === NO_RELEASE;
  const states = touched.map(([instanceId, target]) => `${instanceId} ${stateOf(target, record.to)}`).join('; ');
  if (kept.length === touched.length) return { rolledBack: false, sentence: `No target left its release: ${states}.` };
  if (record.restart !== undefined) return afterRestart(record, record.restart);
  if (back.length + kept.length === touched.length) {
    return { rolledBack: true, sentence: `Rolled back: ${states}.${isFirst ? noRelease(record) : ''}` };
  }
  const options = commandOptions(record.executionArn, record.fleet);
  const resume = holdfast(`deploys resume ${record.deployId} ${options}`);
  if (promoted)
    return { rolledBack: false, sentence: `Release ${record.to} is already the fleet's current release. ${states}. To finish: ${resume}` };
  const goBack = isFirst ? '' : `; to go back to ${record.from}: ${holdfast(`deploy ${record.from} --recover ${options}`)}`;
  return { rolledBack: false, sentence: `Not rolled back: ${states}. To continue with ${record.to}: ${resume}${goBack}` };
}

/** What became of the one server of a restart that failed. Nothing else has changed. */
function afterRestart({ targets, to, executionArn, fleet }: EndedRecord, instanceId: string): Outcome {
  const target = targets[instanceId];
  const isBack = target !== undefined && (target.phase === 'rolledBack' || restoredRelease(target));
  const state = target === undefined ? '' : `${instanceId} ${stateOf(target, to)}. `;
  const options = commandOptions(executionArn, fleet);
  const again = `To try again: ${holdfast(`restart ${instanceId} ${options}`)}`;
  return { rolledBack: isBack, sentence: `${state}No other server was touched, and ${to} is still the fleet's release. ${again}` };
}

/** What to do after a first deploy that failed. */
const noRelease = ({ to }: Pick<DeployRecord, 'to'>): string =>
  ` The fleet has no current release yet. Correct ${to}, publish it under a new version and deploy that`;

const inBrackets = (detail?: string): string => (detail ? ` (${detail})` : '');

function stateOf(target: TargetProgress, version: string): string {
  const stopped = target.notRunning ? NOT_RUNNING : target.takenOut ? target.detail : undefined;
  if (keptRelease(target)) return `kept ${releaseWords(target.fromVersion)}${inBrackets(stopped)}`;
  if (restoredRelease(target)) return `has ${releaseWords(target.fromVersion)} again${inBrackets(stopped)}`;
  switch (target.phase) {
    case 'done':
      return `serves ${version}${inBrackets(target.detail)}`;
    case 'rolledBack':
      return `has ${releaseWords(target.rollingBackTo)} again`;
    case 'failed':
      return `${target.rollingBackTo === undefined ? 'failed' : `could not be brought back to ${releaseWords(target.rollingBackTo)}`}${inBrackets(target.detail)}`;
    default:
      return `stopped while ${target.phase}`;
  }
}
