import { type Environment, optional } from '../shared/environment.ts';
import { ENV } from './contract.ts';
import { InvalidInput } from './errors.ts';

/** The fleet's deploy settings as the environment holds them, unchecked; `{}`, all defaults, when it has none. @throws InvalidInput when they are no JSON */
export function readSettings(environment: Environment): unknown {
  const text = optional(environment, ENV.deploySettings) ?? '{}';
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`${ENV.deploySettings} is no JSON`, error);
  }
}
