/** Visitors as a process of its own, which ends with the fault or with the local cloud. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isRunning } from '../../../../setup/process-start.mjs';
import type { ProcessLedger } from '../../../processes/process-ledger.ts';
import type { Changer, Visit } from '../contract.ts';

const PROGRAM = fileURLToPath(new URL('../visitors/main.ts', import.meta.url));

/** @param urlOf the load balancer's address for a kind of visitors. @throws CannotSet where it has none */
export function visitorsChanger(urlOf: (visit: Visit) => string, caFile: string, ledger: ProcessLedger): Changer<'visitors'> {
  return {
    async prepare({ visit }) {
      urlOf(visit);
      return {};
    },
    async apply({ visit }) {
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, visit, urlOf(visit), caFile], {
        // The environment has only the name of the run, by which leftovers of a killed run are found.
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
