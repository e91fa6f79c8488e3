/** Where a command of the package works: in AWS, by what its user named. Only HOLDFAST_STATE_FOLDER leads to a local cloud. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { STORE_PART } from '../functions/shared/naming.ts';
import { type ConfiguredPlace, readPlace } from '../infra/config.ts';
import { badInput, didYouMean } from './failure.ts';
import { foreignOwnerOf } from './file-owner.ts';
import { fleetName, installationName, regionName } from './option-values.ts';

export interface PlaceOptions {
  readonly region?: string;
  readonly installation?: string;
  readonly fleet?: string;
  /** File of the configuration. */
  readonly config?: string;
}

export interface Place {
  /** Undefined: the local cloud. */
  readonly region?: string;
  readonly installation?: string | undefined;
  readonly fleet?: string | undefined;
  /** What named the Region: an option, a variable, or the configuration's path. */
  readonly regionFrom?: string;
  /** The account that the configuration names: no other is used. */
  readonly account?: string;
  /** Undefined without a file, and where it describes another installation. */
  readonly configFile?: string;
}

const CONFIG_FILE = 'holdfast.config.json';

/**
 * The first of these that names it: the options, HOLDFAST_REGION, HOLDFAST_INSTALLATION and HOLDFAST_FLEET, the configuration (`--config`,
 * HOLDFAST_CONFIG, or holdfast.config.json in `folder` or above), and of the Region AWS_REGION.
 * @throws CommandFailure NoRegion; InvalidConfiguration; the errors of invalid values
 */
export function choosePlace(options: PlaceOptions, env: NodeJS.ProcessEnv, folder: string): Place {
  const configFile = findConfig(options.config ?? env['HOLDFAST_CONFIG'], folder);
  const isLocal = options.region === undefined && env['HOLDFAST_STATE_FOLDER'] !== undefined;
  const named = {
    region: options.region ?? parsed(env['HOLDFAST_REGION'], regionName),
    installation: options.installation ?? parsed(env['HOLDFAST_INSTALLATION'], installationName),
    fleet: options.fleet ?? parsed(env['HOLDFAST_FLEET'], fleetName),
  };
  const config = configFile === undefined ? undefined : configOf(configFile, named.installation);
  const installation = named.installation ?? config?.installation;
  const fleet = named.fleet ?? onlyFleet(config);
  // The Region and the account of the configuration are those of AWS.
  if (isLocal) return { installation, fleet, ...(config && { configFile }) };
  const region = named.region ?? config?.region ?? parsed(env['AWS_REGION'], regionName);
  if (region === undefined) {
    throw badInput(
      'NoRegion',
      `No Region is named. Nothing was called. Use --region or HOLDFAST_REGION, or run the command where ${CONFIG_FILE} is, or below.`,
    );
  }
  return {
    region,
    regionFrom: regionSource(options, env, config && configFile),
    installation,
    fleet,
    account: config?.account,
    ...(config && { configFile }),
  };
}

function regionSource(options: PlaceOptions, env: NodeJS.ProcessEnv, configFile: string | undefined): string {
  if (options.region !== undefined) return '--region';
  return env['HOLDFAST_REGION'] ? 'HOLDFAST_REGION' : (configFile ?? 'AWS_REGION');
}

const parsed = (text: string | undefined, parse: (text: string) => string): string | undefined => (text ? parse(text) : undefined);

/**
 * The named file, or the nearest.
 * @throws CommandFailure ForeignConfiguration where the nearest can be another user's: it chooses the account, and what a release contains
 */
export function findConfig(named: string | undefined, folder: string): string | undefined {
  if (named) return path.resolve(folder, named);
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const file = path.join(at, CONFIG_FILE);
    if (isThere(file)) return ownFile(file);
    if (at === path.dirname(at)) return undefined;
  }
}

/** Also a link to nothing: what it leads to may appear later. */
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

function ownFile(file: string): string {
  const problem = foreignOwnerOf(file);
  if (problem === undefined) return file;
  throw badInput(
    'ForeignConfiguration',
    `${file} is the nearest configuration, and ${problem}. Nothing was called. If you trust it, name it with --config or HOLDFAST_CONFIG; otherwise run the command in the folder of your own.`,
  );
}

/** Nothing of a file that describes another installation applies. */
function configOf(file: string, installation: string | undefined): ConfiguredPlace | undefined {
  const config = readPlace(file);
  return installation === undefined || installation === config.installation ? config : undefined;
}

function onlyFleet(config: ConfiguredPlace | undefined): string | undefined {
  const [only, another] = Object.keys(config?.fleets ?? {});
  return another === undefined ? only : undefined;
}

/** @throws CommandFailure WrongAccount when the configuration names another account than that of the credentials */
export function mustBeAccount(found: string, { account, configFile }: Pick<Place, 'account' | 'configFile'>): void {
  if (account === undefined || account === found) return;
  throw badInput(
    'WrongAccount',
    `The credentials belong to account ${found}, but the account in ${configFile} is ${account}. Nothing was read or changed. Sign in to account ${account}.`,
  );
}

interface Fleets {
  readonly names: readonly string[];
  /** What has them, as the subject of a sentence: `The assembly`. */
  readonly holder: string;
  /** Why none can be chosen where none was asked for, as the rest of that sentence: `has several fleets`. */
  readonly notOne: string;
  /** What was left as it is, as a sentence. */
  readonly unchanged?: string;
}

/** What works where no fleet is, as a list in a sentence. */
const WITHOUT_FLEET = 'store, sweep, sweeps, incidents, status, doctor, canary, config validate and version';

/** @throws CommandFailure UnknownFleet, NoFleet */
export function chooseFleet({ names, holder, notOne, unchanged }: Fleets, asked?: string): string {
  const chosen = asked ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  if (names.length === 0)
    throw badInput(
      'NoFleet',
      `${holder} has no fleet${asked === undefined ? '' : ` ${asked}, nor another one`}: Holdfast watches a session store there.${unchanged === undefined ? '' : ` ${unchanged}`} These commands need no fleet: ${WITHOUT_FLEET}.`,
    );
  const problem = chosen === undefined ? notOne : `has no fleet ${chosen}`;
  throw badInput(
    'UnknownFleet',
    `${holder} ${problem}. It has ${names.join(', ')}.${didYouMean(asked ?? '', names)}${unchanged === undefined ? '' : ` ${unchanged}`} Choose one with --fleet.`,
  );
}

/**
 * @param usual the fleet where none was asked for, if it is there
 * @returns STORE_PART where there is no fleet, and none was asked for
 * @throws CommandFailure UnknownFleet, NoFleet
 */
export function chooseConfiguredFleet({ fleets }: { readonly fleets: object }, asked?: string, usual?: string): string {
  const names = Object.keys(fleets);
  if (names.length === 0 && asked === undefined) return STORE_PART;
  return chooseFleet({ names, holder: 'The configuration', notOne: 'has several fleets' }, asked ?? usual);
}
