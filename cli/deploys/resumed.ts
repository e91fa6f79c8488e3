/** What a deploy that did not succeed is started with again. Pure. */
import type { DeployRecord } from '../../functions/records/types.ts';
import type { DeployOptions } from '../commands/deploy.ts';

type Resumable = Pick<DeployRecord, 'restart' | 'pauseAfter' | 'pause' | 'targets'>;

/**
 * The options of the deploy that resumes another one. A restart restarts the same server again. A deploy with `--pause-after` that nobody
 * continued pauses again, if enough servers are left for a pause to make sense.
 */
export function resumed({ restart, targets, ...record }: Resumable): Pick<DeployOptions, 'restart' | 'recover' | 'pauseAfter'> {
  if (restart !== undefined) return { restart };
  const left = Object.values(targets).filter(({ phase }) => phase !== 'done' && phase !== 'skipped').length;
  const { pauseAfter } = record;
  // The failed deploy may have left too few healthy targets for another one to start.
  return { recover: true, ...(owesStop(record) && pauseAfter !== undefined && pauseAfter < left && { pauseAfter }) };
}

/**
 * A sentence on whether the new deploy pauses too, where the resumed one had a pause that nobody continued; undefined for other deploys.
 */
export function stopWords(record: Resumable, again: Pick<DeployOptions, 'pauseAfter'>): string | undefined {
  if (!owesStop(record) || record.restart !== undefined) return undefined;
  return again.pauseAfter === undefined
    ? 'Nobody had continued that deploy, and too few servers are left to stop before the last one: this one does not stop.'
    : `Nobody had continued that deploy: this one stops after ${again.pauseAfter} ${again.pauseAfter === 1 ? 'server' : 'servers'} as well.`;
}

const owesStop = ({ pauseAfter, pause }: Pick<Resumable, 'pauseAfter' | 'pause'>): boolean =>
  pauseAfter !== undefined && pause?.continued === undefined;
