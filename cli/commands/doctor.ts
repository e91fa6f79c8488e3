import path from 'node:path';
import { type HoldfastConfig, readConfig } from '../../infra/config.ts';
import { type Cloud, connect, requireLocalCloud } from '../cloud.ts';
import { type CallWatcher, createClients } from '../doctor/clients.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { type Finding, type Severity, worstOf } from '../doctor/finding.ts';
import { gatherFacts } from '../doctor/gather/gather-facts.ts';
import { renderFindings } from '../doctor/render-findings.ts';
import { chooseFleet, readSubject } from '../doctor/subject.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import type { Output } from '../output.ts';
import { REPOSITORY } from '../run-cdk.ts';

export interface DoctorOptions {
  readonly fleet?: string;
  readonly region?: string;
  /** The installation's configuration. @default the local run's, on AWS holdfast.config.json */
  readonly config?: string;
}

export interface Report {
  readonly fleet: string;
  readonly cloud: { readonly local: boolean; readonly account: string; readonly region: string };
  readonly findings: readonly Finding[];
  readonly worst: Severity;
}

const EXIT_BY_SEVERITY: Readonly<Record<Severity, number>> = {
  ok: 0,
  notice: 0,
  unknown: EXIT.warnings,
  warning: EXIT.warnings,
  error: EXIT.errors,
};

/** Looks at a fleet, changing nothing, and says what is wrong with it. The exit code is that of the worst finding. */
export async function doctor(options: DoctorOptions, output: Output): Promise<number> {
  const { cloud, config } = await reach(options);
  output.say(cloud.title);
  const report = await examine(cloud, config);
  output.result(report, () => renderFindings(report.findings));
  return EXIT_BY_SEVERITY[report.worst];
}

/** @param onCall is told of every call before it is sent */
export async function examine(cloud: Cloud, config: HoldfastConfig, onCall?: CallWatcher): Promise<Report> {
  const { fleet, local, account, region } = cloud;
  const subject = readSubject(config, fleet, { account, region, local });
  const clients = createClients(cloud.client, subject.recordsTable, onCall);
  try {
    const findings = diagnose(await gatherFacts(clients, subject, Date.now), subject);
    return { fleet, cloud: { local, account, region }, findings, worst: worstOf(findings) };
  } finally {
    clients.close();
  }
}

/** The cloud, and the configuration whose resources are looked at. */
export async function reach(options: DoctorOptions): Promise<{ cloud: Cloud; config: HoldfastConfig }> {
  const { region } = options;
  const state = region === undefined ? await requireLocalCloud() : undefined;
  const file = path.resolve(options.config ?? path.join(state?.runFolder ?? REPOSITORY, 'holdfast.config.json'));
  const config = readConfig(file);
  if (region !== undefined && config.region !== region) {
    throw new CommandFailure(
      'WrongRegion',
      `${file} is of ${config.region}, and --region says ${region}: name the one that the fleet is in; nothing was called`,
      EXIT.badInput,
    );
  }
  const fleet = chooseFleet(config, options.fleet ?? (options.config === undefined ? state?.fleet : undefined));
  const cloud = await connect({ region, fleet, installation: config.installation });
  if (config.account !== undefined && config.account !== cloud.account) {
    throw new CommandFailure(
      'WrongAccount',
      `${file} is of account ${config.account}, and the credentials in use are of ${cloud.account}: sign in to the other one; nothing was looked at`,
      EXIT.badInput,
    );
  }
  return { cloud, config };
}
