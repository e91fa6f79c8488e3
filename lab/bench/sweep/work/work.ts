/** What a worker process does for a case, and what it returns. */
import type { KnownNode } from '../../../../functions/records/store-nodes.ts';
import type { SweepSettings } from '../../../../functions/sweep/contract/settings.ts';

/** How to reach the stores, as text: it is handed to worker processes. */
export interface NodeAddress {
  readonly port: number;
  /** Port for TLS. */
  readonly tlsPort: number;
}

export interface PairAddress {
  readonly primary: NodeAddress;
  readonly replica: NodeAddress;
  /** Both, as the collector would record them. */
  readonly nodes: readonly KnownNode[];
}

export interface StoreAddresses {
  readonly store: PairAddress;
  /** Another store with the same keys on the same machine. */
  readonly control: PairAddress;
  /** A primary alone with a tenth of the keys, none of which has a TTL. */
  readonly persistent: PairAddress;
  readonly caPem: string;
  /** The sweep's own user, as the templates define it. */
  readonly user: { readonly name: string; readonly password: string };
  /** Path of valkey-cli or redis-cli. */
  readonly cli: string | undefined;
  readonly keys: number;
  /** The number of these keys that have no TTL. */
  readonly persistentKeys: number;
}

export interface SweepWork {
  readonly kind: 'sweep';
  readonly on: 'store' | 'control' | 'persistent';
  readonly readFrom: 'primary' | 'replica';
  readonly pace: SweepSettings['pace'];
  /** With the sweep's own user, and TLS. */
  readonly asUser: boolean;
  /** Undefined: as by default. */
  readonly reading?: { readonly parts: number; readonly count: number };
  /** A gentle sweep of a million keys takes minutes: only its start is measured. */
  readonly maxSeconds?: number;
}

export type Work =
  | SweepWork
  | { readonly kind: 'clean' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'scan'; readonly count: number }
  | { readonly kind: 'scan-pttl'; readonly count: number }
  | { readonly kind: 'memkeys' }
  | { readonly kind: 'seed-loop'; readonly slice: number };

/** One pass through the store. */
export interface Pass {
  readonly keys: number;
  readonly seconds: number;
  readonly clientCpuSeconds: number;
  /** Commands sent to the primary that the prober GETs from, by the names of commandstats; undefined: every one but GET. */
  readonly sent: Readonly<Record<string, number>> | undefined;
  /** What a sweep used. */
  readonly count?: number;
  readonly parts?: number;
  readonly verdictMs?: number;
}

export type Reply = { readonly pass: Pass | undefined } | { readonly error: string };
