import type { CanaryRecord } from '../../functions/canary/schedule/canary-records.ts';
import { isDenied } from '../aws-errors.ts';
import type { OpenCloud } from '../open-stores.ts';

/** What the fleet's canary found. Undefined without one: the fleet's policies then do not let anybody read it. */
export async function readableCanary(cloud: Pick<OpenCloud, 'canary'>): Promise<CanaryRecord | undefined> {
  try {
    return await cloud.canary();
  } catch (error) {
    if (error instanceof Error && isDenied(error)) return undefined;
    throw error;
  }
}
