import type { DryRunRequest } from '../../functions/deploy/dry-run/contract.ts';
import type { CloudOptions } from '../cloud.ts';
import { askDryRun } from '../deploys/dry-run.ts';
import { dryRunLines } from '../deploys/dry-run-lines.ts';
import { EXIT } from '../failure.ts';
import { connectToRead } from '../installation/connect-to-installation.ts';
import type { Output } from '../output.ts';

export interface DryRunOptions extends CloudOptions, Omit<DryRunRequest, 'version'> {}

/** Shows what a deploy would do; changes nothing. @returns 0, or 2 when the deploy would be refused */
export async function dryRun(
  version: string,
  { recover, pauseAfter, onFailure, ...options }: DryRunOptions,
  output: Output,
): Promise<number> {
  const cloud = await connectToRead(options);
  output.print(cloud.title);
  const report = await askDryRun(cloud, {
    version,
    ...(recover && { recover }),
    ...(pauseAfter !== undefined && { pauseAfter }),
    ...(onFailure && { onFailure }),
  });
  output.result({ dryRun: report }, () => dryRunLines(report).join('\n'));
  return report.refused ? EXIT.badInput : 0;
}
