/** What each of the unseen applications is. */
import type { Library } from '../../../lab/corpus/library.ts';
import type { Server } from '../third-party/servers.ts';

export interface Unseen {
  readonly registry: Library['registry'];
  readonly packages: Library['packages'];
  /** The session's. */
  readonly cookie: string;
  /** How many times as fast the canary's clock goes. @default 8 */
  readonly speed?: number;
  /** @param installed folder of the packages, which stays as it is @param folder for what changes @param passwords by name */
  start(installed: string, folder: string, passwords: Readonly<Record<string, string>>): Promise<readonly Server[]>;
}
