/** Sets faults in a local cloud that is up. */

import type { PlantedMetrics } from '#local-aws/cloudwatch/plant-metrics.ts';
import type { FaultInput, FaultReport } from '#local-aws/faults/fault-rule.ts';
import { INTERNAL_PREFIX } from '#local-aws/gateway/internal.ts';
import type { CloudState } from '../../cli/cloud-state.ts';

export interface FaultControl {
  /** Returns the fault's id. @throws Error that quotes what is wrong with the rule */
  set(rule: FaultInput): Promise<string>;
  /** @throws Error when there is no such fault */
  remove(id: string): Promise<FaultReport>;
  list(): Promise<readonly FaultReport[]>;
  /** Removes every fault. */
  reset(): Promise<readonly FaultReport[]>;
  /** Replaces the values of metrics in a past period, as a baseline for what is measured after it. */
  plantMetrics(planted: PlantedMetrics): Promise<void>;
  /** Forgets the load balancer's requests of the minute that runs, which it has not published yet. */
  forgetRequests(): Promise<void>;
  /** Makes ElastiCache's events older by this time, so that events of an earlier rehearsal no longer count. */
  dateEventsBack(byMs: number): Promise<void>;
}

const TIMEOUT_MS = 5_000;

/** @throws Error unless the gateway is on loopback: faults are for the local cloud alone */
export function faultControl({ gatewayUrl, token }: Pick<CloudState, 'gatewayUrl' | 'token'>): FaultControl {
  const { hostname } = new URL(gatewayUrl);
  if (hostname !== '127.0.0.1')
    throw new Error(`Faults can be set only in a local cloud, and ${gatewayUrl} is not on 127.0.0.1: no fault was set`);

  async function call<T>(action: string, body: object): Promise<T> {
    const reply = await fetch(`${gatewayUrl}${INTERNAL_PREFIX}faults/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-holdfast-token': token },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = (await reply.json()) as T & { readonly code?: string; readonly message?: string };
    if (!reply.ok) throw new Error(`The local cloud refused faults/${action} with ${answer.code}: ${answer.message}`);
    return answer;
  }

  return {
    set: async (rule) => (await call<{ id: string }>('set', rule)).id,
    remove: (id) => call<FaultReport>('remove', { id }),
    list: async () => (await call<{ faults: readonly FaultReport[] }>('list', {})).faults,
    plantMetrics: async (planted) => void (await call('plant-metrics', planted)),
    forgetRequests: async () => void (await call('forget-requests', {})),
    dateEventsBack: async (byMs) => void (await call('date-events-back', { byMs })),
    reset: async () => (await call<{ faults: readonly FaultReport[] }>('reset', {})).faults,
  };
}
