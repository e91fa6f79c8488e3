/** Messages between the process that owns a local cloud and the process that started it. */
import type { CloudState } from '../../cli/cloud-state.ts';
import type { LocalStackSetup } from '../../setup/localstack.mjs';
import type { LocalChoice } from './local-settings.ts';

/** The daemon's only argument, in JSON. */
export interface DaemonOptions extends LocalChoice {
  readonly runId: string;
  /** 0 for a free one, also in the next two. */
  readonly gatewayPort: number;
  readonly pagePort: number;
  readonly loadBalancerPort: number;
  /** Home of the JDK that servers find first on their PATH. @default whatever is on this machine's PATH */
  readonly javaHome?: string;
  /** LocalStack is the emulator. @default MiniStack is */
  readonly localStack?: LocalStackSetup;
  /** Address of a LocalStack that the user runs, which is the emulator then; its secret is in the environment. */
  readonly emulatorEndpoint?: string;
}

/** From the daemon to its parent, at last. `name` is the error's. */
export type DaemonAnswer =
  | { readonly type: 'ready'; readonly state: CloudState }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

/** From the daemon to its parent: first, that its run's folder and ledger are there. */
export type DaemonMessage = { readonly type: 'opened'; readonly runFolder: string } | DaemonAnswer;

/** From the parent to the daemon: keep running when the parent ends. */
export interface DaemonCommand {
  readonly type: 'letGo';
}
