/** The server that the local cloud rolls. */
import type { AppContract } from '../../../functions/shared/app-contract.ts';
import type { FleetInput } from '../local-settings.ts';

export interface LocalApp {
  /** Its part of the fleet's configuration. */
  readonly server: FleetInput;
  /** Home of the JDK that its servers run, which comes first on their PATH. */
  readonly javaHome?: string;
  /** Makes a release; gives the folder that is published. */
  build(build: Build): Promise<string>;
}

export interface Build {
  readonly version: string;
  /** The release's; it may exist. */
  readonly folder: string;
  /** Folder for temporary files. */
  readonly temporary: string;
  readonly signal: AbortSignal;
}

/**
 * Makes an example ready before anything is started.
 * @param settings of the fleet, as far as they are known @default none
 * @throws Error with one sentence
 */
export type PrepareExample = (settings?: FleetInput) => Promise<LocalApp>;

/** The load balancer's check of a server, as its contract has it. */
export const healthKeys = ({ loadBalancer, status }: Pick<AppContract['health'], 'loadBalancer' | 'status'>): FleetInput => ({
  healthPath: loadBalancer,
  ...(status !== undefined && { healthStatus: status }),
});
