/** Readings of the collector between those of its schedule: the same function, invoked as its schedule does. */

import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Cloud } from '../../../cli/cloud.ts';
import type { OpenCloud } from '../../../cli/open-stores.ts';
import { LEAST_BETWEEN_MS } from '../../../functions/collect/collect.ts';
import type { StoreReading } from '../../../functions/collect/contract.ts';
import { storeFunctionName } from '../../../functions/shared/naming.ts';
import { waitUntil } from '../../processes/wait.ts';

/** A failover, with the replica's full synchronization, takes some 20 s here. */
const LIMIT_MS = 120_000;
const POLL_MS = 100;
/** The longest that a function runs: the collector waits for each node of a store that does not answer. */
const INVOCATION_MS = 300_000;

/** Invokes the version that a schedule invokes. */
export async function invokeFunction({ client }: Cloud, functionName: string, payload: object): Promise<void> {
  const lambda = new LambdaClient({ ...client, requestHandler: { requestTimeout: INVOCATION_MS, throwOnRequestTimeout: true } });
  try {
    await lambda.send(new InvokeCommand({ FunctionName: `${functionName}:live`, Payload: JSON.stringify(payload) }));
  } finally {
    lambda.destroy();
  }
}

/**
 * Takes a reading that begins after this call. It waits first, because a reading within two seconds of another one, such as the schedule's,
 * is not taken. A store that does not answer gives a reading too.
 */
export async function takeReading(cloud: Cloud): Promise<void> {
  await sleep(LEAST_BETWEEN_MS);
  await invokeFunction(cloud, storeFunctionName(cloud.installation, 'collect'), { step: 'collect' });
}

/** What of an earlier case a reading still has, in words; empty when it has nothing. Pure. */
export function leftIn(reading: StoreReading, replicas: number): readonly string[] {
  const { evictions, failovers, refusedWrites, authenticationFailures, nodes } = reading;
  const counts = { evictions, failovers, refusedWrites, authenticationFailures };
  const named = Object.entries(counts).flatMap(([name, count]) => (count ? [`${count} ${name}`] : []));
  const silent = nodes.filter((node) => 'error' in node).length;
  return [
    ...named,
    ...(silent > 0 ? [`${silent} nodes that do not answer`] : []),
    ...(reading.replicas < replicas ? [`${reading.replicas} of ${replicas} replicas`] : []),
  ];
}

/** Reads until nothing of an earlier case is in what was counted since the reading before. @throws Error that names what is left */
export async function untilReadingIsClean(cloud: OpenCloud<'store'>, replicas: number): Promise<void> {
  const sinceMs = Date.now();
  let left: readonly string[] = ['no reading'];
  try {
    await waitUntil(
      'a reading of the store as it was before',
      async () => {
        await takeReading(cloud);
        const record = await cloud.store.getStore();
        if (record === undefined || record.reading.takenAtMs < sinceMs) return false;
        left = leftIn(record.reading, replicas);
        return left.length === 0;
      },
      { timeoutMs: LIMIT_MS, pollMs: POLL_MS },
    );
  } catch (cause) {
    throw new Error(`the session store still has what the case before left: ${left.join(', ')}`, { cause });
  }
}
