/** How this process calls the emulator directly, as root. */
import { CLIENT_OPTIONS } from '../../../functions/shared/aws/client-options.ts';
import type { LocalCredentials } from '../local-account.ts';

export interface EmulatorAccess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly region: string;
  /** Root's. */
  readonly credentials: LocalCredentials;
}

/** Options of an SDK client for the emulator. */
export const emulatorClientOptions = ({ url, region, credentials }: EmulatorAccess) => ({
  ...CLIENT_OPTIONS,
  endpoint: url,
  region,
  credentials,
});
