/** Servers that Auto Scaling replaced lately because they failed a health check: nobody asked for it, and their users met it. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { createScalingHistory, isForHealth, type ScalingActivity } from '../../functions/shared/aws/scaling-history.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import type { Cloud } from '../cloud.ts';
import { readSubject } from '../doctor/subject.ts';
import { toFailure } from '../failure.ts';
import { readConfigurationIfAny } from './read-deployed.ts';

const LATELY_MS = 24 * 3_600_000;
/** A fleet that replaces servers again and again has hundreds. */
const MOST_NAMED = 3;

/** Latest first, or a sentence where they could not be read. */
export type Replaced = readonly ScalingActivity[] | { readonly unread: string };

/** Those of the last day; none where no fleet is, or one without an Auto Scaling group. It never rejects. */
export async function readReplaced(cloud: Cloud, nowMs: number): Promise<Replaced> {
  if (cloud.fleet === STORE_PART) return [];
  const client = new AutoScalingClient(cloud.client);
  try {
    const config = await readConfigurationIfAny(cloud);
    const { group } = config ? readSubject(config, cloud.fleet, cloud) : {};
    if (!group) return [];
    const activities = await createScalingHistory(client, group.id).activitiesSince(nowMs - LATELY_MS);
    return activities.filter((activity) => activity.kind === 'termination' && isForHealth(activity));
  } catch (error) {
    return { unread: toFailure(error).message };
  } finally {
    client.destroy();
  }
}

/** For status and the console; the cause is in Auto Scaling's words, with its time. */
export function replacedLines(replaced: Replaced): readonly string[] {
  if ('unread' in replaced) return [`replaced unknown: ${replaced.unread}`];
  const more = replaced.length - MOST_NAMED;
  return [
    ...replaced.slice(0, MOST_NAMED).map(({ instanceId, cause }) => `replaced ${instanceId}: ${cause}`),
    ...(more > 0 ? [`replaced ${more} more in the last 24 h`] : []),
  ];
}
