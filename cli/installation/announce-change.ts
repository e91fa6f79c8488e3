/**
 * What a command of the package prints before it changes something on AWS, and whether it asks first: a variable of the environment, or a
 * configuration in a folder above, can have chosen another account than the user has in mind. A checkout goes to AWS by --region alone.
 */
import { IS_PACKAGE } from '../../infra/own-files.ts';
import { choosePlace, type Place } from '../choose-place.ts';
import type { Cloud, CloudOptions } from '../cloud.ts';
import { confirm } from '../confirm.ts';
import { printNote } from '../output.ts';

/** Options of every command that changes something. */
export interface ChangeOptions extends CloudOptions {
  /** Nothing is asked. */
  readonly yes?: boolean;
  readonly json?: boolean;
  /** The command changes nothing. */
  readonly dryRun?: boolean;
  /** What is lost for good, as a sentence: it is asked about in every cloud, for scripts too where they have a terminal. */
  readonly loses?: string;
}

type ChangedPlace = Pick<Cloud, 'installation' | 'account' | 'region' | 'caller'>;
type Chosen = Pick<Place, 'account' | 'configFile' | 'regionFrom'>;

/** What is changed, where, and by what it was chosen. Pure. */
export function changeNotice({ installation, account, region, caller }: ChangedPlace, { regionFrom }: Chosen): string {
  return `This changes installation ${installation} in account ${account}, ${region} (Region from ${regionFrom}), as ${caller}.`;
}

/**
 * The question before a change; undefined without one. Pure.
 * @param chosen undefined in the local cloud and in a checkout
 */
export function changeQuestion(
  target: Omit<ChangedPlace, 'caller'>,
  chosen: Chosen | undefined,
  options: ChangeOptions,
): string | undefined {
  const { yes, json, dryRun, loses } = options;
  if (yes || dryRun) return undefined;
  const { installation, account, region } = target;
  if (loses !== undefined) return `${loses} This is installation ${installation} in account ${account}, ${region}. Go on?`;
  // The configured account is that of the credentials, or the command has ended before.
  if (json || chosen === undefined || chosen.account !== undefined) return undefined;
  const silent = chosen.configFile === undefined ? 'No configuration names an account' : `${chosen.configFile} names no account`;
  return `${silent}, so your credentials alone have chosen ${account}. Go on?`;
}

/**
 * Prints the notice on standard error and asks. Without a terminal nobody can answer: the notice is in the job's log, and the command goes on.
 * @throws CommandFailure NotConfirmed
 */
export async function announceChange(cloud: Cloud, options: ChangeOptions): Promise<void> {
  const chosen = IS_PACKAGE && !cloud.local ? choosePlace(options, process.env, process.cwd()) : undefined;
  if (chosen && !options.dryRun) printNote(changeNotice(cloud, chosen));
  const question = changeQuestion(cloud, chosen, options);
  if (question !== undefined) await confirm(question);
}
