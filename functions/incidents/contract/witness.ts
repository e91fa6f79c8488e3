/** The fleet's side of the store: a function that has the network of a fleet's servers, and uses the store as they do. */
import { functionName } from '../../shared/naming.ts';
import type { StoreNodeFacts, UnreachableReason } from './store-facts.ts';

export const witnessFunctionName = (installation: string, fleet: string): string => functionName(installation, fleet, 'store-witness');

/** Environment of the function, next to the store's (STORE_ENV). */
export const WITNESS_ENV = { fleet: 'HOLDFAST_FLEET', key: 'HOLDFAST_WITNESS_KEY' } as const;

/**
 * What the key that it writes and reads begins with; the rest is random, so that no visitor can name it as a session. An existing store's
 * user may reach only what is below the sessions' prefix.
 */
export const witnessKey = (keyPrefix: string, isExisting: boolean): string =>
  isExisting ? `${keyPrefix}holdfast-witness-` : `holdfast-witness:${keyPrefix}`;

/** It answers within this time, whatever the store does. */
export const WITNESS_LIMIT_MS = 8_000;

/**
 * `reached`: it signed in, wrote and read. `slow`: likewise, in more than a second. `full`: the store is out of memory, and refuses writes.
 * `unknown`: it could not try, as without its secret. The others as of a node: StoreNodeFacts.
 */
export type WitnessState = 'reached' | 'full' | 'unknown' | Exclude<StoreNodeFacts['state'], 'ok'>;

export interface Witnessed {
  readonly fleet: string;
  readonly atMs: number;
  readonly state: WitnessState;
  /** Of `unreachable`. */
  readonly unreachableReason?: UnreachableReason;
  /** Until it was signed in, and until it had read what it wrote; as far as it came. */
  readonly signInMs?: number;
  readonly tookMs: number;
  /** Why not, in the first line of the error, without an address of a client. */
  readonly error?: string;
  /** How it signs in: `iam` as a user of its own, `password` with the servers' secret. */
  readonly signIn: 'iam' | 'password' | 'none';
}

/** What it cannot see, as sentences for people. */
export const cannotSee = ({ signIn }: Pick<Witnessed, 'signIn'>): readonly string[] => [
  signIn === 'password'
    ? 'a password that servers still have in memory: it reads the secret as it is now'
    : 'a changed password or user of the application: it signs in as a user of its own, with access to keys of its own alone',
  'the route, the name service and the limits of a single server: it has the subnets and the security group of all of them',
  'keys other than its own, and other shards than the one that has it',
];

/** It uses the store from the fleet's side: it is the way and the store that work, whatever a single server says. */
export const worksFromFleet = ({ state }: Pick<Witnessed, 'state'>): boolean => state === 'reached' || state === 'slow';
