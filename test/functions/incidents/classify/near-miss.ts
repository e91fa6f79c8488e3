/** What evidence of a cause that must not be named is made of. */
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence, Facts, Source } from '../../../../functions/incidents/contract/evidence.ts';
import { dialect, evidence, IN_MEMORY, NOW_MS, node, SIGN_MS, server, traces } from '../healthy-evidence.ts';
import { CASES } from './cases.ts';
import { losing } from './ending-situations.ts';

export interface NearMiss {
  readonly cause: Cause;
  readonly but: string;
  readonly planted: Evidence;
}

export type Changes = Parameters<typeof evidence>[0];

/** The evidence of the cause's first case, with these sources as they are otherwise healthy, or changed. */
export function but(cause: Cause, what: string, changes: NonNullable<Changes>, from?: Evidence): NearMiss {
  const planted = from ?? (CASES.find((one) => one.cause === cause)?.planted as Evidence);
  const changed = evidence(changes).sources;
  const sources = Object.fromEntries((Object.keys(changes) as Source[]).map((source) => [source, changed[source]]));
  return { cause, but: what, planted: { ...planted, sources: { ...planted.sources, ...sources } } };
}

export const IN_STORE = { ...IN_MEMORY, strategy: 'redis' as const, sessionsInMemory: false };
export const DRAINING = {
  ...IN_MEMORY,
  targets: [
    { instanceId: 'i-1', state: 'healthy' },
    { instanceId: 'i-2', state: 'draining' },
    { instanceId: 'i-3', state: 'healthy' },
  ],
};
export const STICKINESS_OFF = { ...IN_MEMORY, stickiness: { enabled: false } };
export const ENDED = { terminated: 2, replacedUnhealthy: 2, firstTerminationMs: SIGN_MS - 60_000, lastTerminationMs: SIGN_MS - 60_000 };
export const deploy = (minutesBefore: number) => ({
  deploys: [{ deployId: 'd-1', from: '1.3.0', to: '1.4.0', status: 'RUNNING', startedAtMs: SIGN_MS - minutesBefore * 60_000 }],
});
export const LOST_LONG_BEFORE = losing(SIGN_MS - 8 * 60_000);
export const CALM = { servers: [server('i-1'), server('i-2')] };
export const both = (over: (id: string) => Parameters<typeof server>[1]): Facts['servers'] => ({
  servers: ['i-1', 'i-2'].map((id) => server(id, over(id))),
});
export const cookie = (over: object) => ({
  cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: 'Lax' as const, secure: true, httpOnly: true, slides: true, ...over },
});
export const endedAt = (id: string, seconds: number) => {
  const lastMs = NOW_MS - 15 * 60_000;
  return traces(`ended-${id}`, 8, { firstMs: lastMs - seconds * 1_000, lastMs });
};
/** A cache holds most of the data. */
export const FEW_SESSIONS = {
  nodes: [node('node-1', 'primary', { datasetBytes: 90_000_000, memoryUsedBytes: 95_000_000 }), node('node-2', 'replica')],
};
export const CACHE = dialect({ dialect: 'unknown', keys: 40_000, sampled: 900, ttlSeconds: null });
export const GROWING = { growthBytesPerHour: 9_000_000 };
