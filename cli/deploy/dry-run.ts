import { DRY_RUN_ROLE, type DryRunReport, type DryRunRequest } from '../../functions/deploy/dry-run/contract.ts';
import { functionName } from '../../functions/shared/naming.ts';
import type { Cloud, CloudOptions } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { connectAndJudge, OTHER_CONTRACT, otherContract } from '../installation/connect-to-installation.ts';
import type { OtherContract } from '../installation/judge-contract.ts';
import { invokeLive } from '../invoke-live.ts';
import type { Output } from '../output.ts';
import { dryRunLines } from './dry-run-lines.ts';

export interface DryRunOptions extends CloudOptions, Omit<DryRunRequest, 'version'> {}

/**
 * Shows what a deploy would do; changes nothing.
 * @returns 0, or 2 when the deploy would be refused
 * @throws CommandFailure OtherContract when the function of another contract gives no report that this version can show
 */
export async function dryRun(version: string, options: DryRunOptions, output: Output): Promise<number> {
  const judged = await connectAndJudge(options);
  output.at(judged.cloud);
  return dryRunOf(judged, version, options, output);
}

/** The same on a connected cloud. */
export async function dryRunOf(
  { cloud, other }: Awaited<ReturnType<typeof connectAndJudge>>,
  version: string,
  { recover, pauseAfter, onFailure, expect }: DryRunOptions,
  output: Output,
): Promise<number> {
  const request = {
    version,
    ...(recover && { recover }),
    ...(pauseAfter !== undefined && { pauseAfter }),
    ...(onFailure && { onFailure }),
    ...(expect && { expect }),
  };
  try {
    const answer = await askDryRun(cloud, request);
    const report = other ? refusedBy(other, answer) : answer;
    const text = dryRunLines(report).join('\n');
    output.result({ dryRun: report }, () => text);
    return report.refused ? EXIT.badInput : 0;
  } catch (error) {
    throw other && isOfContract(error) ? otherContract(other, { cause: error }) : error;
  }
}

/** Whether the function is missing, fails on the request, or returns what cannot be shown. Other failures explain themselves. */
const isOfContract = (error: unknown): boolean =>
  error instanceof TypeError ||
  error instanceof SyntaxError ||
  (error instanceof CommandFailure && ['DryRunFailed', 'NoDryRun'].includes(error.code));

/** The deploy's command ends with this refusal, before it asks the fleet. */
function refusedBy({ problem, remedy }: OtherContract, report: DryRunReport): DryRunReport {
  const refusal = { check: 'contract', error: OTHER_CONTRACT, message: `${problem} ${remedy}` };
  return { ...report, refused: true, refusals: [refusal, ...report.refusals] };
}

/** Above the function's own 60 s. */
const REQUEST_TIMEOUT_MS = 65_000;

/** Asks the fleet's function what a deploy would do. The console's button calls it too. @throws CommandFailure NoDryRun, DryRunFailed */
export const askDryRun = (cloud: Cloud, request: DryRunRequest): Promise<DryRunReport> =>
  invokeLive<DryRunReport>(cloud, {
    functionName: functionName(cloud.installation, cloud.fleet, DRY_RUN_ROLE),
    request,
    timeoutMs: REQUEST_TIMEOUT_MS,
    failed: 'DryRunFailed',
    missing: 'NoDryRun',
    remedy: 'Choose another fleet with --fleet, or deploy the installation with "npx --no cdk deploy --all".',
  });
