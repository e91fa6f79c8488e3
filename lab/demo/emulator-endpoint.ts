/** `--emulator-endpoint URL`: a LocalStack that the user runs, used as it is. */

import type { EmulatorName } from '#local-aws/emulator/emulator.ts';
import { ENDPOINT_TOKEN, MAKE_TOKEN, SHORTEST_TOKEN, whyWeak } from '#local-aws/emulator/localstack/endpoint-token.ts';
import { CommandFailure, EXIT } from '../../cli/failure.ts';

const LOOPBACK = ['127.0.0.1', 'localhost'];

export interface EndpointOptions {
  /** The address as the user gave it. */
  readonly emulatorEndpoint: string;
  /** Undefined where the user named none. */
  readonly emulator?: EmulatorName | undefined;
  /** The gateway's port; 0 takes a free one. */
  readonly gatewayPort: number;
}

/**
 * @returns the address, `http://127.0.0.1:PORT`
 * @throws CommandFailure InvalidOption before anything is started
 */
export function checkEndpointOptions(options: EndpointOptions, env: NodeJS.ProcessEnv = process.env): string {
  const given = options.emulatorEndpoint;
  // The error does not repeat the address, which has a password.
  if (given.includes('@'))
    throw refused(
      '--emulator-endpoint has a user or a password, and is not the address of a LocalStack: write it as http://127.0.0.1:4566.',
    );
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const option = `--emulator-endpoint ${JSON.stringify(given)}`;
  if (url === undefined || url.protocol !== 'http:' || url.pathname !== '/' || url.search !== '')
    throw refused(`${option} is not the address of a LocalStack: write it as http://127.0.0.1:4566.`);
  if (!LOOPBACK.includes(url.hostname))
    throw refused(`${option} is not on this machine: LocalStack and the gateway call each other unencrypted, on 127.0.0.1 alone.`);
  if (options.emulator === 'ministack')
    throw refused(`${option} is a LocalStack's address, and --emulator names MiniStack: omit one of the two.`);
  if (options.gatewayPort === 0)
    throw refused(`${option} needs --gateway-port, with the port that HOLDFAST_GATEWAY had when LocalStack was started.`);
  const token = env[ENDPOINT_TOKEN] || undefined;
  const how = `Make one with "export ${ENDPOINT_TOKEN}=$(${MAKE_TOKEN})", and start LocalStack with the same one.`;
  if (token === undefined)
    throw refused(`${option} needs the variable ${ENDPOINT_TOKEN}, a secret of at least ${SHORTEST_TOKEN} random characters. ${how}`);
  const weak = whyWeak(token);
  if (weak !== undefined)
    throw refused(`${ENDPOINT_TOKEN} ${weak}. It must be a secret of at least ${SHORTEST_TOKEN} random characters. ${how}`);
  return `http://127.0.0.1:${url.port || '80'}`;
}

const refused = (problem: string): CommandFailure =>
  new CommandFailure('InvalidOption', `${problem} Nothing was started; docs/internals/localstack.md shows how.`, EXIT.badInput);
