/** What the session store says of itself: facts of evidence.ts, and its rules. */
import type { FailoverSample, MinuteSample, StoreReading, WindowSample } from '../../collect/contract.ts';
import { functionName } from '../../shared/naming.ts';

export interface StoreFacts {
  readonly nodes: readonly StoreNodeFacts[];
  /** What a sample of keys shows, for each dialect of the catalogue (sweep/keys). Keys of no dialect are in the entry `unknown`. */
  readonly dialects: readonly DialectFacts[];
  /** Bytes by power of two, over all dialects: `{"1024": 40}` says 40 sessions of 1,024 to 2,047 bytes. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** `dns`: its name has no address. `other`: it closed the connection, or an error of the network. */
export type UnreachableReason = 'dns' | 'refused' | 'timeout' | 'tls' | 'other';

export interface StoreNodeFacts {
  readonly name: string;
  /** `readOnly`: refuses writes as a primary. `noConnections`: takes no more clients. `busy`: a script runs. `slow`: above 1 s. */
  readonly state: 'ok' | 'unreachable' | 'loading' | 'readOnly' | 'refusedLogin' | 'noConnections' | 'busy' | 'slow';
  readonly unreachableReason?: UnreachableReason;
  readonly pingMs?: number;
  /** The store's own address, which leads to one of the other nodes: it did not answer, so which one is not known. */
  readonly isAddress?: true;
  readonly error?: string;
  readonly role?: 'primary' | 'replica';
  readonly uptimeSeconds?: number;
  readonly memoryUsedBytes?: number;
  readonly memoryMaxBytes?: number;
  readonly datasetBytes?: number;
  readonly rejectedWrites?: number;
  readonly policy?: string;
}

export interface DialectFacts {
  readonly dialect: string;
  readonly keys: number;
  readonly sampled: number;
  /** Keys of the sample that have no TTL by design, such as an index; these are in no share. */
  readonly structural?: number;
  /** Keys of the sample that belong to a session and are none, such as Spring's markers; these are in no share. */
  readonly companions?: number;
  readonly withoutTtl: number;
  readonly ttlSeconds: { readonly min: number; readonly median: number; readonly max: number } | null;
  /** The life that the session itself names (maxInactiveInterval, cookie.originalMaxAge); null where the dialect has none. */
  readonly declaredLifeSeconds: number | null;
  /** How long sessions live, by what each declares, or by its TTL and the time since its last use; null if none shows it. */
  readonly livesSeconds?: { readonly median: number; readonly p90: number } | null;
  /** The same lives by the power of two that their seconds reach: `{"32": 4}` says 4 of 32 to 63 s. Absent in records of earlier versions. */
  readonly lives?: Readonly<Record<string, number>>;
}

export interface StoreGroupFacts {
  readonly status: string;
  readonly shards?: number;
  readonly automaticFailover: boolean;
  /** In cluster mode ElastiCache names no roles. */
  readonly members: readonly { readonly node: string; readonly role?: 'primary' | 'replica'; readonly zone?: string }[];
  readonly events: readonly { readonly atMs: number; readonly message: string }[];
}

export interface ReadingFacts {
  readonly reading: StoreReading | null;
  readonly window: readonly WindowSample[];
  /** The collector's readings of the last hour and a quarter, oldest first; absent in records of earlier versions. */
  readonly minutes?: readonly MinuteSample[];
  readonly lastFailover?: FailoverSample;
}

export const witnessFunctionName = (installation: string, fleet: string): string => functionName(installation, fleet, 'store-witness');

export const WITNESS_ENV = { fleet: 'HOLDFAST_FLEET', key: 'HOLDFAST_WITNESS_KEY' } as const;

/** The rest is random, so that no visitor can name it. An existing store's user may reach only what is below the sessions' prefix. */
export const witnessKey = (keyPrefix: string, isExisting: boolean): string =>
  isExisting ? `${keyPrefix}holdfast-witness-` : `holdfast-witness:${keyPrefix}`;

/** It answers within this time, whatever the store does. */
export const WITNESS_LIMIT_MS = 8_000;

/** `reached`: it signed in, wrote and read. `full`: the store is out of memory. `unknown`: it could not try. The others as of a node. */
export type WitnessState = 'reached' | 'full' | 'unknown' | Exclude<StoreNodeFacts['state'], 'ok'>;

export interface Witnessed {
  readonly fleet: string;
  readonly atMs: number;
  readonly state: WitnessState;
  readonly unreachableReason?: UnreachableReason;
  readonly signInMs?: number;
  readonly tookMs: number;
  readonly error?: string;
  /** How it signs in: `iam` as a user of its own, `password` with the servers' secret. */
  readonly signIn: 'iam' | 'password' | 'none';
}

export const cannotSee = ({ signIn }: Pick<Witnessed, 'signIn'>): readonly string[] => [
  signIn === 'password'
    ? 'a password that servers still have in memory: it reads the secret as it is now'
    : 'a changed password or user of the application: it signs in as a user of its own, with access to keys of its own alone',
  'the route, the name service and the limits of a single server: it has the subnets and the security group of all of them',
  'keys other than its own, and other shards than the one that has it',
];

/** It uses the store from the fleet's side: it is the way and the store that work, whatever a single server says. */
export const worksFromFleet = ({ state }: Pick<Witnessed, 'state'>): boolean => state === 'reached' || state === 'slow';
