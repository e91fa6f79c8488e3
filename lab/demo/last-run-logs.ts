/** The logs of the last run, which outlive its folder. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ownStateFolder } from '../../cli/cloud-state.ts';

/** One file per log of the run: `instances-i-…-var-log-cloud-init-output.log`. */
export const lastRunLogs = (): string => path.join(ownStateFolder(), 'logs', 'last-run');

export const forgetLastRun = (kept = lastRunLogs()): void => rmSync(kept, { recursive: true, force: true });

/** Adds the logs that the run has now. A machine that ends takes its folder with it. */
export function keepLogs(folder: string, into?: string): void {
  try {
    const kept = into ?? lastRunLogs();
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.log')) cpSync(path.join(folder, name), path.join(kept, name.replaceAll(path.sep, '-')), { force: true });
    }
  } catch (error) {
    // A missing file must not keep the processes from being stopped.
    process.stderr.write(`the logs were not kept: ${(error as Error).message}\n`);
  }
}
