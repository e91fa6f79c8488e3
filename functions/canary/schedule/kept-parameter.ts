/** The kept sessions in a SecureString of Parameter Store, which CloudFormation cannot create: the first write does. */
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { JsonService } from '../../shared/aws/signed/json-service.ts';
import type { Kept } from '../kept/kept-sessions.ts';
import type { KeptStore } from './scheduled-turn.ts';

/** Of a parameter without a session: a value cannot be empty. */
const NONE = 'none';

/** What somebody else wrote there are no sessions. The parser's own error would quote it. */
function parse(value: string): Kept | undefined {
  try {
    return JSON.parse(value) as Kept;
  } catch {
    return undefined;
  }
}

/** @param name of the parameter */
export function keptParameter(ssm: JsonService, name: string): KeptStore {
  return {
    async read() {
      const answer = await ssm<{ Parameter?: { Value?: string } }>('GetParameter', { Name: name, WithDecryption: true }).catch(
        (error: unknown) => {
          if (isAwsError(error, 'ParameterNotFound')) return { Parameter: { Value: NONE } };
          throw error;
        },
      );
      const value = answer.Parameter?.Value ?? NONE;
      return value === NONE ? undefined : parse(value);
    },
    async write(kept) {
      // Cookies of 4 KB each need the larger kind of parameter, which then costs five cents a month.
      const Tier = 'Intelligent-Tiering';
      await ssm('PutParameter', { Name: name, Type: 'SecureString', Tier, Overwrite: true, Value: kept ? JSON.stringify(kept) : NONE });
    },
  };
}
