import { optionsOf } from '../command-options.ts';
import type { ChangeOptions } from '../installation/announce-change.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { sendContinue } from './send-continue.ts';

/** Lets a deploy go on that waits after its first targets. @throws CommandFailure as sendContinue does */
export async function continueDeploy(id: string, options: ChangeOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  const { record, reply } = await sendContinue(cloud, id);
  const { deployId, to } = record;
  const { outcome, done, servers, requestedBy } = reply;
  output.result(
    { deploy: { deployId, to, outcome, done, servers, requestedBy } },
    () =>
      `Deploy ${deployId} of ${to} goes on within a minute with the other ${servers - done} of ${servers} servers. Follow it with: npx holdfast deploys follow ${deployId} ${optionsOf(cloud)}`,
  );
}
