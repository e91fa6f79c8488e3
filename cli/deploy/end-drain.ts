import { counted } from '../../functions/shared/counted.ts';
import { optionsOf } from '../command-options.ts';
import type { ChangeOptions } from '../installation/announce-change.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { sendEndDrain } from './send-end-drain.ts';

export interface EndDrainOptions extends ChangeOptions {
  /** The only server for which the wait may end. */
  readonly server?: string;
}

/** Ends a deploy's wait for the sessions of a server. @throws CommandFailure as sendEndDrain does */
export async function endDrain(id: string, { server, ...options }: EndDrainOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToChange(options), 'records');
  output.at(cloud);
  const { deployId, reply } = await sendEndDrain(cloud, id, server);
  const { instanceId, requestedBy, sessionsLeft } = reply;
  const lost = sessionsLeft === undefined ? 'the sessions that it still has' : counted(sessionsLeft, 'session');
  output.result(
    { deploy: { deployId, instanceId, outcome: reply.outcome, requestedBy, ...(sessionsLeft !== undefined && { sessionsLeft }) } },
    () =>
      `Deploy ${deployId} goes on with ${instanceId} within half a minute, which ends ${lost}. Follow it with: npx holdfast deploys follow ${deployId} ${optionsOf(cloud)}`,
  );
}
