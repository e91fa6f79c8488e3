import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { TextObjects } from '../../shared/aws/signed/put-object.ts';

/** What runbooks collect and report, in the releases bucket. */
export interface IncidentObjects {
  put(key: string, body: string, contentType: 'application/json' | 'text/markdown; charset=utf-8'): Promise<void>;
  /** Undefined for one that does not exist. */
  get(key: string): Promise<string | undefined>;
}

export const createIncidentObjects = (objects: TextObjects): IncidentObjects => ({
  put: objects.put,
  get: (key) => getIfExists(objects, key),
});

/** Undefined for an object that does not exist. */
export async function getIfExists({ get }: Pick<TextObjects, 'get'>, key: string): Promise<string | undefined> {
  try {
    return await get(key);
  } catch (error) {
    // A role that may not list the bucket gets AccessDenied from S3 for a key that does not exist.
    if (isAwsError(error, 'NoSuchKey', 'AccessDenied')) return undefined;
    throw error;
  }
}
