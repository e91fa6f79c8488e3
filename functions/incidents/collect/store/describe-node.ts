import { numberIn, parseInfo } from '../../../shared/store/parse-info.ts';
import type { StoreNodeFacts, UnreachableReason } from '../../contract/store-facts.ts';
import { withoutClients } from '../../report/plain.ts';

/** @param isEndpoint at the store's own address, where writes are expected: a replica there refuses them */
export function describeNode(name: string, text: string, isEndpoint: boolean): StoreNodeFacts {
  const info = parseInfo(text);
  const number = (field: string) => numberIn(info, field);
  const role = info.get('role') === 'master' ? 'primary' : 'replica';
  const isCluster = info.get('cluster_enabled') === '1';
  const refused = /^count=(\d+)/.exec(info.get('errorstat_OOM') ?? '')?.[1];
  const known = {
    uptimeSeconds: number('uptime_in_seconds'),
    memoryUsedBytes: number('used_memory'),
    memoryMaxBytes: number('maxmemory') || undefined,
    datasetBytes: number('used_memory_dataset'),
    // Redis 6.2 and later name the errors that they have returned; without one, none was refused.
    rejectedWrites: refused !== undefined ? Number(refused) : info.has('total_error_replies') ? 0 : undefined,
    policy: info.get('maxmemory_policy'),
  };
  return {
    name,
    // The address of a cluster is that of any of its nodes, and clients follow its redirections.
    state: info.get('loading') === '1' ? 'loading' : role === 'replica' && isEndpoint && !isCluster ? 'readOnly' : 'ok',
    role,
    ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Partial<StoreNodeFacts>),
  };
}

const STATES: readonly (readonly [RegExp, StoreNodeFacts['state']])[] = [
  [/WRONGPASS|NOAUTH|NOPERM|invalid username-password/i, 'refusedLogin'],
  [/LOADING|MASTERDOWN/, 'loading'],
  [/^BUSY\b|\bis busy running a (?:script|function)\b/i, 'busy'],
  // The limit of the node (65,000 clients on ElastiCache): the engine is up, and closes what is new.
  [/max number of clients/i, 'noConnections'],
];

/** What Node.js, ioredis and the store's own connector say. */
const REASONS: readonly (readonly [RegExp, UnreachableReason])[] = [
  [/\b(?:ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_NONAME|getaddrinfo)\b/, 'dns'],
  [/\bECONNREFUSED\b/, 'refused'],
  [/\bcertificate\b|\bSSL|\bTLS\b|ERR_TLS|altnames/i, 'tls'],
  [/\bETIMEDOUT\b|\btimed out\b|\bno answer within\b/i, 'timeout'],
];
const reasonOf = (text: string): UnreachableReason => REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? 'other';

/** A healthy node of the Region answers within some ten milliseconds. */
export const SLOW_MS = 1_000;

export const timed = (node: StoreNodeFacts, pingMs: number): StoreNodeFacts => ({
  ...node,
  ...(node.state === 'ok' && pingMs > SLOW_MS && { state: 'slow' as const }),
  pingMs,
});

/** A node that could not be read. Of its error only the first line; the store's own texts contain no password. */
export function describeFailure(name: string, error: unknown): StoreNodeFacts {
  const text = (error instanceof Error ? error.message || error.name : String(error)).split('\n')[0] ?? '';
  const state = STATES.find(([pattern]) => pattern.test(text))?.[1] ?? 'unreachable';
  const unreachableReason = reasonOf(`${error instanceof Error ? error.name : ''} ${text}`);
  return { name, state, ...(state === 'unreachable' && { unreachableReason }), error: withoutClients(text).slice(0, 200) };
}
