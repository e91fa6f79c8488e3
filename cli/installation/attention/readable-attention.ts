/** What is wrong now, as far as it can be read: a status without its alarms is still one. */

import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { toFailure } from '../../failure.ts';
import { nameMissingPolicy } from '../../name-missing-policy.ts';
import type { OpenCloud } from '../../open-stores.ts';
import { listAlarms } from './list-alarms.ts';
import { type Attention, readAttention } from './read-attention.ts';

type Source = Pick<OpenCloud, 'client' | 'installation' | 'fleet' | 'incidents' | 'store'>;

/** With a sentence in `unread` for each of alarms, incidents and store that could not be read. */
export async function readableAttention(cloud: Source, nowMs: number): Promise<Attention> {
  const { client, installation, fleet, incidents, store } = cloud;
  const cloudWatch = nameMissingPolicy(new CloudWatchClient(client), installation, fleet, { DescribeAlarmsCommand: 'reader' });
  const unread: string[] = [];
  const orUnread = <T>(what: string, read: Promise<T>, otherwise: T): Promise<T> =>
    read.catch((error: unknown) => {
      const sentence = `${what} were not read: ${toFailure(error).message}`;
      if (!unread.includes(sentence)) unread.push(sentence);
      return otherwise;
    });
  try {
    const attention = await readAttention(
      {
        cloud: {
          installation,
          incidents: { latestIncidents: (most) => orUnread('incidents', incidents.latestIncidents(most), []) },
          store: {
            getStore: () => orUnread("the store's readings", store.getStore(), undefined),
            getUnreachable: () => orUnread("the store's readings", store.getUnreachable(), undefined),
          },
        },
        // An account can have thousands, and other installations theirs.
        listAlarms: () => orUnread('alarms', listAlarms(cloudWatch, { AlarmNamePrefix: `${installation}-` }), []),
      },
      nowMs,
    );
    return { ...attention, ...(unread.length > 0 && { unread }) };
  } finally {
    cloudWatch.destroy();
  }
}
