/** The secret of a LocalStack that the user runs, which both are started with: ops/localstack/docker-compose.yml. */

export const ENDPOINT_TOKEN = 'HOLDFAST_EMULATOR_TOKEN';
/** Nobody guesses these many characters. */
export const SHORTEST_TOKEN = 16;

/** Undefined where it is absent or too short. */
export function endpointToken(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const token = env[ENDPOINT_TOKEN];
  return token !== undefined && token.length >= SHORTEST_TOKEN ? token : undefined;
}
