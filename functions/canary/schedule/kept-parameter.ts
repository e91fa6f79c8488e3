/** The kept sessions in a SecureString of Parameter Store, which CloudFormation cannot create: the first write does. */
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { JsonService } from '../../shared/aws/signed/json-service.ts';
import { RecipeFailed } from '../errors.ts';
import type { KeptStore } from './scheduled-turn.ts';
import { openSessions, sealSessions } from './seal-sessions.ts';

/** Value of the parameter while it holds no session: a parameter's value cannot be empty. */
const NONE = 'none';
/** Longest value of an advanced parameter. @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const MOST_BYTES = 8_192;

/**
 * What somebody else wrote there, or was sealed with other passwords, are no sessions.
 * @param name of the parameter @param key may throw RecipeFailed, when a password cannot be read
 */
export function keptParameter(ssm: JsonService, name: string, key: () => Promise<Buffer>): KeptStore {
  return {
    async read() {
      const answer = await ssm<{ Parameter?: { Value?: string } }>('GetParameter', { Name: name, WithDecryption: true }).catch(
        (error: unknown) => {
          if (isAwsError(error, 'ParameterNotFound')) return { Parameter: { Value: NONE } };
          throw error;
        },
      );
      const value = answer.Parameter?.Value ?? NONE;
      return value === NONE ? undefined : openSessions(value, await key());
    },
    async write(kept) {
      // Cookies of 4 KB each need the larger kind of parameter, which then costs five cents a month.
      const Tier = 'Intelligent-Tiering';
      const Value = kept ? sealSessions(kept, await key()) : NONE;
      if (Value.length > MOST_BYTES)
        throw new RecipeFailed(`the kept sessions of both users take ${Value.length} bytes, and a parameter has room for ${MOST_BYTES}`);
      await ssm('PutParameter', { Name: name, Type: 'SecureString', Tier, Overwrite: true, Value });
    },
  };
}
