/** Which emulator is behind the gateway, where it is, and its secrets. */
import { randomUUID } from 'node:crypto';
import type { LocalStackSetup } from '../../../setup/localstack.mjs';
import type { Setup } from '../../../setup/read-setup.mjs';
import { freePort } from '../../processes/free-port.ts';
import type { Emulator, EmulatorName, EmulatorOptions } from './emulator.ts';
import { ENDPOINT_TOKEN, endpointToken, tokensFrom } from './localstack/endpoint-token.ts';
import { startLocalStack } from './localstack/localstack.ts';
import { ownLocalStack } from './localstack/own-localstack.ts';
import { startMiniStack } from './ministack/ministack.ts';

interface Choice {
  readonly setup: Setup;
  readonly localStack?: LocalStackSetup | undefined;
  readonly emulatorEndpoint?: string | undefined;
}

interface ChosenEmulator {
  readonly name: EmulatorName;
  readonly url: string;
  /** The secret that a request to the emulator's port must have. */
  readonly runToken: string;
  /** The secret that marks requests of the emulator to the gateway. */
  readonly eventToken: string;
  start(options: EmulatorOptions): Promise<Emulator>;
}

/** @throws Error without the secret of a LocalStack that the user runs */
export async function chooseEmulator({ setup, localStack, emulatorEndpoint }: Choice): Promise<ChosenEmulator> {
  if (emulatorEndpoint !== undefined) {
    const token = endpointToken();
    if (token === undefined) throw new Error(`The variable ${ENDPOINT_TOKEN} has no secret of a LocalStack. Nothing was started.`);
    const start = async ({ access, gatewayUrl }: EmulatorOptions) => ownLocalStack(access, gatewayUrl);
    return { name: 'localstack', url: emulatorEndpoint, ...tokensFrom(token), start };
  }
  const place = { url: `http://127.0.0.1:${await freePort()}`, runToken: randomUUID(), eventToken: randomUUID() };
  if (localStack) return { ...place, name: 'localstack', start: (options) => startLocalStack({ ...options, ...localStack }) };
  return { ...place, name: 'ministack', start: (options) => startMiniStack({ ...options, python: setup.python }) };
}
