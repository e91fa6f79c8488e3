import { InvalidConfiguration, parseConfig } from '../../infra/config.ts';

export const parse = (config: unknown) => parseConfig(JSON.stringify(config), 'the test');

/** The message with which a configuration is refused. @throws Error when it is accepted */
export function refusal(config: unknown): string {
  try {
    parse(config);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

/** Each configuration with the message that refuses it: a change of a sentence is read on this page. */
export const formatRefusals = (refused: Readonly<Record<string, unknown>>): string =>
  Object.entries(refused)
    .map(([what, config]) => `With ${what}: ${refusal(config)}\n`)
    .join('\n');
