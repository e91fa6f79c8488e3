/** What passes between the process that owns a local cloud and the one that started it. */
import type { CloudState } from './cloud-state.ts';
import type { LocalChoice } from './local-settings.ts';

/** What the parent passes as the one argument, in JSON. */
export interface DaemonOptions extends LocalChoice {
  readonly runId: string;
  /** 0 takes a free one; so for the next two. */
  readonly gatewayPort: number;
  readonly pagePort: number;
  readonly loadBalancerPort: number;
}

/** From the daemon to its parent, once. `name` is the error's. */
export type DaemonMessage =
  | { readonly type: 'ready'; readonly state: CloudState }
  | { readonly type: 'failed'; readonly name: string; readonly message: string };

/** From the parent to the daemon: live on when I go. */
export interface DaemonCommand {
  readonly type: 'letGo';
}
