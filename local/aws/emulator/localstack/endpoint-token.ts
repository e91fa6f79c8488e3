/** The secret of a LocalStack that the user runs, which both are started with: ops/localstack/docker-compose.yml. */
import { createHmac } from 'node:crypto';

export const ENDPOINT_TOKEN = 'HOLDFAST_EMULATOR_TOKEN';
/** Nobody guesses these many characters. */
export const SHORTEST_TOKEN = 16;

/** Undefined where it is absent or too short. */
export function endpointToken(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const token = env[ENDPOINT_TOKEN];
  return token !== undefined && token.length >= SHORTEST_TOKEN ? token : undefined;
}

/** Derived from the secret, which itself is never sent: what one side is sent is no use against the other one. */
export const tokensFrom = (token: string): { readonly runToken: string; readonly eventToken: string } => ({
  runToken: derived(token, 'to LocalStack'),
  eventToken: derived(token, 'to the gateway'),
});

const derived = (token: string, to: string): string => createHmac('sha256', token).update(to).digest('hex');
