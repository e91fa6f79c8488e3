import type { ExistingMember } from '../../shared/aws/target-group.ts';
import { type Environment, optional } from '../../shared/environment.ts';
import * as z from '../../shared/schema.ts';
import { ENV } from '../contract/environment.ts';
import { InvalidInput } from '../errors.ts';

const members = z.array(
  z.strictObject({
    instanceId: z.string(),
    target: z.optional(z.strictObject({ id: z.string(), port: z.int(), availabilityZone: z.optional(z.string()) })),
  }),
);

/**
 * The members that the configuration names; undefined for a fleet whose members are its Auto Scaling group's.
 * @throws InvalidInput quoting what is wrong
 */
export function readMembers(environment: Environment): readonly ExistingMember[] | undefined {
  const text = optional(environment, ENV.members);
  if (text === undefined) return undefined;
  try {
    return members.parse(JSON.parse(text)) as readonly ExistingMember[];
  } catch (error) {
    throw new InvalidInput(`${ENV.members} is not a valid list of members: ${(error as Error).message}`);
  }
}
