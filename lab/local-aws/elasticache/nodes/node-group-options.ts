import type { Log, Now } from '../../interfaces.ts';
import type { StoreProxy } from '../access/faulty-proxy.ts';
import type { TokenExchange } from '../access/token-exchange.ts';
import type { CacheNode } from './cache-node.ts';
import type { NodeSettings } from './node-settings.ts';

/** A node group's settings and callbacks. Times are in milliseconds. */
export interface NodeGroupOptions {
  /** Ids of the nodes; the first starts as the primary. */
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
  /** Delay until a node that ended unexpectedly is replaced. */
  readonly replacementDelayMs: number;
  /** How often Sentinel is asked for the primary, and connections are closed whose time is over. */
  readonly pollMs: number;
  /** {@link EndpointOptions.proxy} of all endpoints. */
  readonly proxy: () => StoreProxy | undefined;
  readonly onFailover: (from: CacheNode, to: CacheNode) => void;
  readonly onReplacement: (node: CacheNode, state: 'started' | 'completed') => void;
}
