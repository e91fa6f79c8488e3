import type { DeployRecord } from '../../functions/records/types.ts';
import type { Cloud } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import { canAsk, confirm } from '../confirm.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { connectAndJudge, connectToChange } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import { type Output, printNote } from '../output.ts';
import { type DeployOptions, deployTo } from './deploy.ts';
import { type DryRunOptions, dryRunOf } from './dry-run.ts';
import { findReplaced } from './find-replaced.ts';

/** Deploys the release that the last promoted deploy replaced, and follows that. @throws CommandFailure NothingToRollBack, RolledBackAlready */
export async function rollback(options: DeployOptions, output: Output): Promise<number> {
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  const { version, current, undoes } = await findReplaced(cloud);
  output.print(rollbackLine(cloud, current, version));
  if (undoes) await mayUndo(cloud, undoes, options);
  return deployTo(cloud, version, options, output);
}

const rollbackLine = ({ fleet }: Cloud, from: string, to: string): string => `rollback of fleet ${fleet} from ${from} to ${to}`;

/** Shows what a rollback would do; changes nothing. @returns as {@link dryRunOf} */
export async function rollbackDryRun(options: DryRunOptions, output: Output): Promise<number> {
  const judged = await connectAndJudge(options);
  output.at(judged.cloud);
  const { version, current, undoes } = await findReplaced(openStores(judged.cloud, 'records'));
  output.print(rollbackLine(judged.cloud, current, version));
  if (undoes) output.print(`warning: ${wentBackWords(judged.cloud, undoes)}`);
  return dryRunOf(judged, version, options, output);
}

const wentBackWords = ({ fleet }: Cloud, { from, to, deployId, requestedBy, startedAtMs }: DeployRecord): string =>
  `Fleet ${fleet} went back from ${from} to ${to} already: ${requestedBy} did that at ${new Date(startedAtMs).toISOString()} (deploy ${deployId}). Another rollback brings ${from} back.`;

/**
 * Asks before a rollback is undone. Without a terminal nobody can answer, and it is refused, also with `--yes`, which pipelines give by
 * habit: one that runs twice would bring back the release that it had just taken away.
 */
async function mayUndo(cloud: Cloud, undoes: DeployRecord, { yes }: DeployOptions): Promise<void> {
  const went = wentBackWords(cloud, undoes);
  if (!canAsk())
    throw new CommandFailure(
      'RolledBackAlready',
      `${went} Nothing was started. Name the release that is wanted: ${commandFor(cloud, 'deploy VERSION')}`,
      EXIT.badInput,
    );
  if (yes) printNote(`Warning: ${went}`);
  else await confirm(`${went} Go on?`);
}
