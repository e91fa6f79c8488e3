/** How this process calls the emulator directly: as root, with the secret of the run that its port demands. */
import { CLIENT_OPTIONS } from '../client-options.ts';
import type { LocalCredentials } from '../local-account.ts';

/** Has the secret of the run. The port of the emulator answers nothing else, except a function's answer to CloudFormation. */
export const RUN_HEADER = 'x-holdfast-run';
/** The access key id that the gateway has read in a request. @default root's */
export const SIGNER_HEADER = 'x-holdfast-signer';

export interface EmulatorAccess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The secret of the run. */
  readonly token: string;
  readonly region: string;
  /** Root's. */
  readonly credentials: LocalCredentials;
}

/** The part of an SDK's client that sends a request once it is signed. */
interface Handler {
  handle(request: { headers: Record<string, string> }, ...more: unknown[]): unknown;
}

/** Options of an SDK client for the emulator. */
export const emulatorClientOptions = ({ url, token, region, credentials }: EmulatorAccess) => ({
  ...CLIENT_OPTIONS,
  endpoint: url,
  region,
  credentials,
  extensions: [
    {
      configure(client: { httpHandler(): unknown }): void {
        const handler = client.httpHandler() as Handler;
        const send = handler.handle.bind(handler);
        handler.handle = (request, ...more) => {
          request.headers[RUN_HEADER] = token;
          return send(request, ...more);
        };
      },
    },
  ],
});
