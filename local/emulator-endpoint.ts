/** `--emulator-endpoint URL`: a LocalStack that the user runs, used as it is. */
import { CommandFailure, EXIT } from '../cli/failure.ts';
import type { EmulatorName } from './aws/emulator/emulator.ts';
import { ENDPOINT_TOKEN, endpointToken, SHORTEST_TOKEN } from './aws/emulator/localstack/endpoint-token.ts';

const LOOPBACK = ['127.0.0.1', 'localhost'];

export interface EndpointOptions {
  /** As the user gave it. */
  readonly emulatorEndpoint: string;
  /** Undefined where the user named none. */
  readonly emulator?: EmulatorName | undefined;
  /** 0 for a free one. */
  readonly gatewayPort: number;
}

/**
 * @returns the address, `http://127.0.0.1:PORT`
 * @throws CommandFailure InvalidOption before anything is started
 */
export function checkEndpointOptions(options: EndpointOptions, env: NodeJS.ProcessEnv = process.env): string {
  const given = options.emulatorEndpoint;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const option = `--emulator-endpoint ${JSON.stringify(given)}`;
  if (url === undefined || url.protocol !== 'http:' || url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw refused(`${option} is not the address of a LocalStack: write it as http://127.0.0.1:4566.`);
  if (!LOOPBACK.includes(url.hostname))
    throw refused(`${option} is not on this machine: LocalStack and the gateway call each other unencrypted, on 127.0.0.1 alone.`);
  if (options.emulator === 'ministack')
    throw refused(`${option} is a LocalStack's address, and --emulator names MiniStack: omit one of the two.`);
  if (options.gatewayPort === 0)
    throw refused(`${option} needs --gateway-port, with the port that HOLDFAST_GATEWAY had when LocalStack was started.`);
  if (endpointToken(env) === undefined)
    throw refused(
      `${option} needs the variable ${ENDPOINT_TOKEN}, of at least ${SHORTEST_TOKEN} characters: the one that LocalStack was started with.`,
    );
  return `http://127.0.0.1:${url.port || '80'}`;
}

const refused = (problem: string): CommandFailure =>
  new CommandFailure('InvalidOption', `${problem} Nothing was started; docs/localstack.md shows how.`, EXIT.badInput);
