/** Starts LocalStack on this machine, without Docker, with its extension (extension/) and a clean environment. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { LocalStackSetup } from '../../../../setup/localstack.mjs';
import { spawnManaged } from '../../../processes/spawn-managed.ts';
import { waitUntil } from '../../../processes/wait.ts';
import type { Emulator, EmulatorOptions } from '../emulator.ts';
import { createReadinessCheck } from './check-services.ts';
import { localStackEnvironment } from './environment.ts';
import { makeOwnFolders } from './own-folders.ts';
import { whyEnded } from './why-ended.ts';

/** Cold, with DynamoDB's virtual machine, on two cores that twenty programs wait for it took 36 s. */
const START_TIMEOUT_MS = 100_000;

export interface LocalStackOptions extends EmulatorOptions, LocalStackSetup {}

export async function startLocalStack(options: LocalStackOptions): Promise<Emulator> {
  const { access, folder } = options;
  const logFile = path.join(folder, 'localstack.log');
  const listening = path.join(folder, 'listening');
  const folders = makeOwnFolders(folder, options.libraries);
  rmSync(listening, { force: true });
  const child = await spawnManaged(options.ledger, options.python, ['-m', 'localstack.runtime.main'], {
    name: 'localstack',
    cwd: folder,
    logFile,
    env: {
      ...localStackEnvironment(options),
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      ...folders,
      HOLDFAST_LISTENING: listening,
    },
  });
  const services = createReadinessCheck(access);
  return {
    url: access.url,
    ready: async () => {
      try {
        await waitUntil(
          `the start of LocalStack, whose log is ${logFile},`,
          // Another user's server can be at the port before LocalStack: it must neither learn the run's secret nor be believed.
          async () => child.exit() !== undefined || (existsSync(listening) && (await services.answer())),
          { timeoutMs: START_TIMEOUT_MS, pollMs: 200 },
        );
      } catch (error) {
        const unanswered = services.unanswered();
        if (unanswered === undefined) throw error;
        throw new Error(
          `LocalStack started, and ${unanswered.call} failed (${unanswered.reason}): see its log, ${logFile}. The local cloud was stopped.`,
        );
      } finally {
        services.close();
      }
      if (child.exit())
        throw new Error(`LocalStack ended while it started: ${whyEnded(readLog(logFile), logFile)}. The local cloud was stopped.`);
    },
    stop: () => child.stop(),
  };
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
