import path from 'node:path';
import { CHECKS } from '../../functions/checks/checks.ts';
import { type Finding, SEVERITIES, type Severity } from '../../functions/shared/check.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import { type HoldfastConfig, readConfig } from '../../infra/config.ts';
import { IS_PACKAGE, OWN_FOLDER } from '../../infra/own-files.ts';
import { chooseConfiguredFleet, choosePlace, type Place } from '../choose-place.ts';
import { type Cloud, connect, requireLocalCloud } from '../cloud.ts';
import { badInput, CommandFailure, EXIT, exitCodeBy, type FailOn } from '../failure.ts';
import { noInstallation, warnOfOtherVersion } from '../installation/connect-to-installation.ts';
import { readConfiguration } from '../installation/read-deployed.ts';
import { MARKS, type Output } from '../output.ts';
import { type CallWatcher, createClients } from './clients.ts';
import { diagnose, sourcesOf } from './diagnose.ts';
import { gather } from './gather.ts';
import { readStoreScope, readSubject } from './subject.ts';

export interface DoctorOptions {
  readonly fleet?: string;
  readonly region?: string;
  /** Its deployed configuration is used, if no file is named. */
  readonly installation?: string;
  /** File of the configuration. @default the local cloud's; on AWS holdfast.config.json, and in the package without one the deployed configuration */
  readonly config?: string;
  /** Least severity that makes the command exit with something else than 0. @default warning */
  readonly failOn?: FailOn;
}

export interface Report {
  /** Absent where a store is watched alone. */
  readonly fleet?: string;
  readonly cloud: { readonly local: boolean; readonly account: string; readonly region: string };
  readonly findings: readonly Finding[];
  readonly worst: Severity;
}

/** Reports what is wrong with a fleet, or with a store without fleets, and changes nothing. @returns the exit code of the worst finding */
export async function doctor(options: DoctorOptions, output: Output): Promise<number> {
  const { cloud, config } = await connectWithConfig(options);
  output.at(cloud);
  const report = await examine(cloud, config);
  output.result(report, () => renderFindings(report.findings));
  return exitCodeBy(report.worst, options.failOn);
}

/** The worst severity; `ok` without findings. */
export const worstOf = (findings: readonly Finding[]): Severity =>
  SEVERITIES[Math.max(0, ...findings.map(({ severity }) => SEVERITIES.indexOf(severity)))] as Severity;

/** @param onCall receives every call before it is sent */
export async function examine(cloud: Cloud, config: HoldfastConfig, onCall?: CallWatcher): Promise<Report> {
  const { fleet, local, account, region, awsOptions } = cloud;
  const place = { account, region, local, awsOptions };
  const scope = fleet === STORE_PART ? readStoreScope(config, place) : readSubject(config, fleet, place);
  const clients = createClients(cloud.client, scope.recordsTable, onCall);
  try {
    const findings = diagnose(await gather({ clients, scope, now: Date.now }, sourcesOf(CHECKS)), scope);
    return { ...('fleet' in scope && { fleet }), cloud: { local, account, region }, findings, worst: worstOf(findings) };
  } finally {
    clients.close();
  }
}

/** Connects to the cloud and reads the configuration of its resources: a file, or what was deployed. */
export async function connectWithConfig(options: DoctorOptions): Promise<{ cloud: Cloud; config: HoldfastConfig }> {
  const place: Place = IS_PACKAGE ? choosePlace(options, process.env, process.cwd()) : options;
  if (readsDeployed(place, options)) return connectByDeployed(place);
  const { region } = place;
  const state = region === undefined ? await requireLocalCloud() : undefined;
  const file = path.resolve(place.configFile ?? options.config ?? path.join(state?.runFolder ?? OWN_FOLDER, 'holdfast.config.json'));
  const config = readConfig(file);
  if (region !== undefined && config.region !== region) {
    throw badInput(
      'WrongRegion',
      `--region is ${region}, but the region in ${file} is ${config.region}. AWS was not called. Use the Region that the fleet is in.`,
    );
  }
  const fleet = chooseConfiguredFleet(config, place.fleet, options.config === undefined ? state?.fleet : undefined);
  const cloud = await connect({ region, fleet, installation: config.installation, config: options.config });
  if (config.account !== undefined && config.account !== cloud.account) {
    throw badInput(
      'WrongAccount',
      `The credentials belong to account ${cloud.account}, but the account in ${file} is ${config.account}. Nothing was checked. Sign in to account ${config.account}.`,
    );
  }
  await warnOfOtherVersion(cloud);
  return { cloud, config };
}

/**
 * A checkout always has a file: there, --installation without --config means what is deployed. The package has none for an installation
 * that another folder configures; the local cloud's own is of one that it does not name.
 */
const readsDeployed = ({ region, installation: named, configFile }: Place, { config, installation }: DoctorOptions): boolean =>
  IS_PACKAGE
    ? configFile === undefined && (region !== undefined || named !== undefined)
    : installation !== undefined && config === undefined;

/** @throws CommandFailure NoInstallation, NoConfiguration, UnknownFleet */
async function connectByDeployed({ region, installation, fleet }: Place): Promise<{ cloud: Cloud; config: HoldfastConfig }> {
  const found = await connect({ region, installation, fleet });
  const deployed = await warnOfOtherVersion(found);
  if (deployed?.state === 'none') throw await noInstallation(found);
  if (deployed?.state !== 'known') {
    throw new CommandFailure(
      'NoInstallation',
      `The configuration of installation ${found.installation} was not found in account ${found.account}, ${found.region}. Nothing was checked. Choose another one with --installation or --region, or name its file with --config.`,
      EXIT.noCloud,
    );
  }
  const config = await readConfiguration(found, deployed);
  const chosen = chooseConfiguredFleet(config, fleet);
  return { cloud: chosen === found.fleet ? found : await connect({ region, installation, fleet: chosen }), config };
}

const INDENT = '  ';

/** One line for each healthy check, then the others, with the worst last, next to the prompt. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = SEVERITIES.flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity).map(severity === 'ok' ? headline : withReason),
  );
  return [...lines, '', summary(findings)].join('\n');
}

const headline = ({ severity, check, what }: Finding): string => `${MARKS[severity]} ${check}: ${what}`;

const withReason = (finding: Finding): string =>
  [headline(finding), `${INDENT}why: ${finding.why}`, ...(finding.fix === '' ? [] : [`${INDENT}fix: ${finding.fix}`])].join('\n');

function summary(findings: readonly Finding[]): string {
  const counted = SEVERITIES.toReversed().flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count === 0) return [];
    return [`${count} ${severity}${count === 1 || severity === 'ok' || severity === 'unknown' ? '' : 's'}`];
  });
  return counted.join(', ');
}
