/** Connects a command to the installation that is deployed, if its contract is the command's. */
import type { InstallationParameter } from '../../functions/installation/contract.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import { IS_PACKAGE } from '../../infra/own-files.ts';
import { isDenied } from '../aws-errors.ts';
import { chooseFleet, choosePlace, type Place } from '../choose-place.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { readCloudState } from '../cloud-state.ts';
import { confirm } from '../confirm.ts';
import { badInput, CommandFailure, toFailure } from '../failure.ts';
import { printNote } from '../output.ts';
import { type Deployed, judgeContract, type OtherContract } from './judge-contract.ts';
import { readDeployed, readFleets, readPart } from './read-deployed.ts';

/**
 * Connects a command that changes something, after checking the contract and announcing where.
 * @param part STORE_PART or INCIDENTS_PART: no fleet is needed @default the fleet
 * @param fleetIfAny a fleet is needed as well, but where there is none
 * @throws CommandFailure OtherContract, NotConfirmed, and those of connect
 */
export async function connectToChange(options: ChangeOptions, part?: string, fleetIfAny?: boolean): Promise<Cloud> {
  const { cloud, other } = await connectAndJudge(options, part, fleetIfAny);
  if (other) throw otherContract(other);
  await announceChange(cloud, options);
  return cloud;
}

/**
 * Connects a command that changes nothing, but reports whether another one would be refused because of the contract. While some stacks of
 * an installation are not updated yet, the contract of the part that the command starts counts. Parameters as of {@link connectToChange}.
 * @throws CommandFailure those of connect
 */
export async function connectAndJudge(
  options: CloudOptions,
  part?: string,
  fleetIfAny?: boolean,
): Promise<{ readonly cloud: Cloud; readonly other: OtherContract | undefined }> {
  const found = await connect(options);
  const deployed = await readDeployed(found);
  const cloud = await withFleet(found, deployed, options, { part, fleetIfAny });
  return { cloud, other: await judgePart(cloud, deployed, part) };
}

const judgePart = async (cloud: Cloud, deployed: Deployed, part = cloud.fleet): Promise<OtherContract | undefined> =>
  deployed.state === 'known' ? judgeContract(await readPart(cloud, part), cloud, part) : judgeContract(deployed, cloud);

/** Before something is started on a cloud that was connected to long ago. @throws CommandFailure OtherContract */
export async function requireContract(cloud: Cloud, part?: string): Promise<void> {
  const other = await judgePart(cloud, await readDeployed(cloud), part);
  if (other) throw otherContract(other);
}

/** The failure of a command that the contract refuses. */
export const otherContract = ({ problem, remedy }: OtherContract, options?: ErrorOptions): CommandFailure =>
  badInput(OTHER_CONTRACT, `${problem} Nothing was changed. ${remedy}`, options);

/** Code of that failure. */
export const OTHER_CONTRACT = 'OtherContract';

/** For commands that stop something: another contract is a warning on standard error. @throws CommandFailure NotConfirmed, those of connect */
export async function connectToStop(options: ChangeOptions): Promise<Cloud> {
  const cloud = await connectToRead(options);
  await announceChange(cloud, options);
  return cloud;
}

/** For commands that change nothing: another contract is a warning on standard error. Parameters as of {@link connectToChange}. */
export async function connectToRead(options: CloudOptions, part?: string, fleetIfAny?: boolean): Promise<Cloud> {
  const cloud = await connect(options);
  return withFleet(cloud, await warnOfOtherVersion(cloud), options, { part, fleetIfAny });
}

/** @returns undefined when the contract could not be read */
export async function warnOfOtherVersion(cloud: Cloud): Promise<Deployed | undefined> {
  let deployed: Deployed;
  try {
    deployed = await readDeployed(cloud);
  } catch (error) {
    printNote(`Warning: the contract of installation ${cloud.installation} could not be read: ${toFailure(error).message}`);
    return undefined;
  }
  const other = judgeContract(deployed, cloud);
  if (other) printNote(`Warning: ${other.problem} What follows can be incomplete. ${other.remedy}`);
  return deployed;
}

/**
 * Refuses an installation and a fleet that are not there: their records would be empty, which reads as "none yet". A command of the package
 * that names no fleet means the only one that is deployed. Where the configuration cannot be read, any fleet may be there.
 * A command about another part needs no fleet, and takes the first, whose policies allow it too; STORE_PART where there is none.
 * @throws CommandFailure NoInstallation, UnknownFleet, NoFleet
 */
export async function withFleet(cloud: Cloud, deployed: Deployed | undefined, options: CloudOptions, needs: Needs = {}): Promise<Cloud> {
  if (deployed?.state === 'none') throw await noInstallation(cloud);
  // Of an installation that was taken down only its table is left: a fleet that nothing names is not one of it.
  const isStore = IS_PACKAGE && needs.part === STORE_PART && choosePlace(options, process.env, process.cwd()).fleet === undefined;
  if (deployed?.state === 'older' && isStore) return connect({ ...options, fleet: STORE_PART });
  if (deployed?.state !== 'known') return cloud;
  const names = await fleetNames(cloud, deployed);
  if (names === undefined) return cloud;
  const asked = names.length > 0 && isNamed(cloud, options) ? cloud.fleet : options.fleet;
  const fleet =
    needs.part !== undefined && asked === undefined && (names.length === 0 || !needs.fleetIfAny)
      ? (names[0] ?? STORE_PART)
      : chooseFleet(
          {
            names,
            holder: `Installation ${cloud.installation}`,
            notOne: 'has several fleets',
            unchanged: 'Nothing was started or stopped.',
          },
          asked,
        );
  return fleet === cloud.fleet ? cloud : connect({ ...options, fleet });
}

/** What a command is about: the parameters of {@link connectToChange}. */
interface Needs {
  readonly part?: string | undefined;
  readonly fleetIfAny?: boolean | undefined;
}

/** The default name of a checkout is none that its user gave. */
const isNamed = (cloud: Cloud, options: CloudOptions): boolean =>
  options.fleet !== undefined || cloud.local || (IS_PACKAGE && choosePlace(options, process.env, process.cwd()).fleet !== undefined);

export async function noInstallation({ installation, account, region, local }: Cloud): Promise<CommandFailure> {
  const only = local ? (await readCloudState())?.installation : undefined;
  const next =
    only === undefined
      ? 'Choose another one with --installation, another Region with --region, or deploy it with "npx --no cdk deploy --all".'
      : `${IS_PACKAGE ? 'Deploy it with "npx --no cdk deploy --all". ' : ''}The local cloud has ${only}: use --installation ${only}${IS_PACKAGE ? ' for that one' : ''}.`;
  return badInput(
    'NoInstallation',
    `There is no installation ${installation} in account ${account}, ${region}. Nothing was started or stopped. ${next}`,
  );
}

/** Those of the installation, or the chosen one alone where they cannot be read. */
export async function deployedFleets(cloud: Cloud): Promise<readonly string[]> {
  const deployed = await readDeployed(cloud);
  return (deployed.state === 'known' ? await fleetNames(cloud, deployed) : undefined) ?? [cloud.fleet];
}

async function fleetNames(cloud: Cloud, deployed: InstallationParameter): Promise<readonly string[] | undefined> {
  try {
    return Object.keys((await readFleets(cloud, deployed)).fleets);
  } catch (error) {
    if (error instanceof CommandFailure || (error instanceof Error && isDenied(error))) return undefined;
    throw error;
  }
}

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

/** The question before a change; undefined without one. Pure. @param chosen undefined in the local cloud and in a checkout */
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
 * Prints the notice on standard error and asks: a variable of the environment, or a configuration in a folder above, can have chosen another
 * account than the user has in mind. A checkout goes to AWS by --region alone. Without a terminal nobody can answer: the notice is in the job's log, and the command goes on.
 * @throws CommandFailure NotConfirmed
 */
async function announceChange(cloud: Cloud, options: ChangeOptions): Promise<void> {
  const chosen = IS_PACKAGE && !cloud.local ? choosePlace(options, process.env, process.cwd()) : undefined;
  if (chosen && !options.dryRun) printNote(changeNotice(cloud, chosen));
  const question = changeQuestion(cloud, chosen, options);
  if (question !== undefined) await confirm(question);
}
