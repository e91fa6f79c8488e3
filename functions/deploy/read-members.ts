import type { ExistingMember } from '../shared/aws/target-group.ts';
import { type Environment, optional } from '../shared/environment.ts';
import { ENV } from './contract/environment.ts';
import { parseMembers } from './contract/members-text.ts';
import { InvalidInput } from './errors.ts';

/**
 * The members that the configuration names; undefined for a fleet whose members are its Auto Scaling group's.
 * @throws InvalidInput quoting what is wrong
 */
export function readMembers(environment: Environment): readonly ExistingMember[] | undefined {
  const text = optional(environment, ENV.members);
  if (text === undefined) return undefined;
  try {
    return parseMembers(text);
  } catch (error) {
    throw new InvalidInput(`${ENV.members} is not a valid list of members: ${(error as Error).message}`);
  }
}
