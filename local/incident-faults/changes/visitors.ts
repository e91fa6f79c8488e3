/** Visitors as a process of its own, which ends with the fault or with the local cloud. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isRunning } from '../../../setup/process-start.mjs';
import type { ProcessLedger } from '../../aws/processes/process-ledger.ts';
import type { Changer } from '../contract.ts';

const PROGRAM = fileURLToPath(new URL('../visitors/main.ts', import.meta.url));

/** @param url of the load balancer */
export function visitorsChanger(url: string, caFile: string, ledger: ProcessLedger): Changer<'visitors'> {
  return {
    prepare: async () => ({}),
    async apply({ visit }) {
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, visit, url, caFile], {
        // Of the environment, only what names the run, by which leftovers of a killed run are found.
        env: { HOLDFAST_RUN_ID: ledger.runId },
        stdio: 'ignore',
        detached: true,
      });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      const record = ledger.record(child.pid as number, `visitors ${visit}`);
      return record === undefined ? {} : { process: record };
    },
    async restore({ process: record }) {
      if (record === undefined) return;
      if (isRunning(record)) process.kill(record.pid, 'SIGTERM');
      ledger.forget(record.pid);
    },
  };
}
