/** What became of the local cloud that gets the traffic. Pure. */
import type { CloudState, RecordedCloud } from '../../../cli/cloud-state.ts';

/** `stopped`: by `down` or a signal, whether or not another cloud was started since. `killed`: without the chance to stop. */
export type CloudFate = 'up' | 'stopped' | 'killed';

/** A process id alone would not do: ids are used again. */
export type CloudIdentity = Pick<CloudState, 'pid' | 'startedAtMs'>;

/** @param recorded the cloud that the checkout has now; undefined: none */
export function fateOf({ pid, startedAtMs }: CloudIdentity, recorded: RecordedCloud | undefined): CloudFate {
  if (recorded?.state.pid !== pid || recorded.state.startedAtMs !== startedAtMs) return 'stopped';
  return recorded.isRunning ? 'up' : 'killed';
}
