import type { pathsOf } from './checkout.mjs';
import type { MonitoringPrograms } from './monitoring-programs.mjs';
import type { Setup } from './read-setup.mjs';

interface SetUpOptions {
  readonly checkout?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What each step of set-up is given. */
export interface StepContext {
  readonly paths: ReturnType<typeof pathsOf>;
  readonly env: NodeJS.ProcessEnv;
  /** Notes the command under way in the set-up lock, so that a start after a kill can end it. */
  readonly noteCommand: (pid: number) => void;
}

export function setUp(options?: SetUpOptions): Promise<Setup>;

/** Installs cfn-lint and returns what runs it; its own arguments follow `args`. */
export function ensureLint(options?: SetUpOptions): Promise<{ readonly command: string; readonly args: readonly string[] }>;

/** Finds or fetches what only the check of `ops/monitoring` needs. @throws SetupError that says what to install */
export function ensureMonitoringPrograms(options?: SetUpOptions): Promise<MonitoringPrograms>;

/** Finds or installs Chromium, which only the tests of the console need; its path. @throws SetupError that says what to install */
export function ensureBrowser(options?: SetUpOptions): Promise<string>;
