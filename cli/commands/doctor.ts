import path from 'node:path';
import { type HoldfastConfig, readConfig } from '../../infra/config.ts';
import { IS_PACKAGE, OWN_FOLDER } from '../../infra/own-files.ts';
import { choosePlace, type Place } from '../choose-place.ts';
import { type Cloud, connect, requireLocalCloud } from '../cloud.ts';
import { type CallWatcher, createClients } from '../doctor/clients.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { type Finding, type Severity, worstOf } from '../doctor/finding.ts';
import { gatherFacts } from '../doctor/gather-facts.ts';
import { renderFindings } from '../doctor/render-findings.ts';
import { chooseFleet, readSubject } from '../doctor/subject.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Output } from '../output.ts';

export interface DoctorOptions {
  readonly fleet?: string;
  readonly region?: string;
  /** File of the configuration. @default the local cloud's; on AWS holdfast.config.json */
  readonly config?: string;
  /** Least severity that makes the command exit with something else than 0. @default warning */
  readonly failOn?: FailOn;
}

export type FailOn = 'warning' | 'error';

export interface Report {
  readonly fleet: string;
  readonly cloud: { readonly local: boolean; readonly account: string; readonly region: string };
  readonly findings: readonly Finding[];
  readonly worst: Severity;
}

const EXIT_BY_SEVERITY: Readonly<Record<FailOn, Readonly<Record<Severity, number>>>> = {
  // What could not be checked may be wrong.
  warning: { ok: 0, notice: 0, unknown: EXIT.warnings, warning: EXIT.warnings, error: EXIT.errors },
  error: { ok: 0, notice: 0, unknown: 0, warning: 0, error: EXIT.errors },
};

/** Reports what is wrong with a fleet and changes nothing. @returns the exit code of the worst finding */
export async function doctor(options: DoctorOptions, output: Output): Promise<number> {
  const { cloud, config } = await connectWithConfig(options);
  output.print(cloud.title);
  const report = await examine(cloud, config);
  output.result(report, () => renderFindings(report.findings));
  return EXIT_BY_SEVERITY[options.failOn ?? 'warning'][report.worst];
}

/** @param onCall receives every call before it is sent */
export async function examine(cloud: Cloud, config: HoldfastConfig, onCall?: CallWatcher): Promise<Report> {
  const { fleet, local, account, region, awsOptions } = cloud;
  const subject = readSubject(config, fleet, { account, region, local, awsOptions });
  const clients = createClients(cloud.client, subject.recordsTable, onCall);
  try {
    const findings = diagnose(await gatherFacts(clients, subject, Date.now), subject);
    return { fleet, cloud: { local, account, region }, findings, worst: worstOf(findings) };
  } finally {
    clients.close();
  }
}

/** Connects to the cloud and reads the configuration of its resources. */
export async function connectWithConfig(options: DoctorOptions): Promise<{ cloud: Cloud; config: HoldfastConfig }> {
  const place: Place = IS_PACKAGE ? choosePlace(options, process.env, process.cwd()) : options;
  const { region } = place;
  const state = region === undefined ? await requireLocalCloud() : undefined;
  const file = path.resolve(place.configFile ?? options.config ?? path.join(state?.runFolder ?? OWN_FOLDER, 'holdfast.config.json'));
  const config = readConfig(file);
  if (region !== undefined && config.region !== region) {
    throw new CommandFailure(
      'WrongRegion',
      `--region is ${region}, but the region in ${file} is ${config.region}. AWS was not called. Use the Region that the fleet is in.`,
      EXIT.badInput,
    );
  }
  const fleet = chooseFleet(config, place.fleet ?? (options.config === undefined ? state?.fleet : undefined));
  const cloud = await connect({ region, fleet, installation: config.installation, config: options.config });
  if (config.account !== undefined && config.account !== cloud.account) {
    throw new CommandFailure(
      'WrongAccount',
      `The credentials belong to account ${cloud.account}, but the account in ${file} is ${config.account}. Nothing was checked. Sign in to account ${config.account}.`,
      EXIT.badInput,
    );
  }
  return { cloud, config };
}
