import type { Log, Now } from '../ports.ts';
import type { CacheNode, NodeSettings } from './cache-node.ts';
import type { TokenExchange } from './token-exchange.ts';

/** What a node group is made of, and whom it tells. Times are in milliseconds. */
export interface NodeGroupOptions {
  /** Ids of the nodes; the first begins as the primary. */
  readonly nodeIds: readonly string[];
  readonly name: string;
  readonly folder: string;
  readonly now: Now;
  readonly log: Log;
  readonly settings: () => NodeSettings;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly exchange: () => TokenExchange | undefined;
  readonly automaticFailover: boolean;
  readonly sentinelPassword: string;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  /** After how long a node that ended by itself is replaced. */
  readonly replacementDelayMs: number;
  readonly onFailover: (from: CacheNode, to: CacheNode) => void;
  readonly onReplacement: (node: CacheNode, state: 'started' | 'completed') => void;
}
