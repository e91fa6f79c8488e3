/** Settings of an installation's sweeps, from its configuration. */

/** What a sweep does with a persistent key, from least to most. */
export const POLICIES = ['report', 'expire', 'delete'] as const;
export type Policy = (typeof POLICIES)[number];

export type KeyType = 'string' | 'hash' | 'set' | 'zset' | 'list' | 'stream';

/** Frameworks that give their keys a prefix, where an application can replace it by another. */
export const PREFIXED_FRAMEWORKS = ['connect-redis', 'flask-session', 'gorilla', 'phpredis', 'spring-session'] as const;
export type PrefixedFramework = (typeof PREFIXED_FRAMEWORKS)[number];

/**
 * Characters of a key prefix: none that has a meaning in patterns of keys (access strings, MATCH), in the shell or in a file of settings.
 */
export const KEY_PREFIX = /^[A-Za-z0-9:_.{}/@#=-]{1,100}$/;

/** What the keys of an application begin with. */
export interface ApplicationPrefix {
  readonly prefix: string;
  /** The framework whose own prefix it replaces. Absent: it precedes whatever the application's frameworks write. */
  readonly framework?: PrefixedFramework | undefined;
}

/** A dialect in addition to the catalogue. */
export interface ConfiguredDialect {
  readonly name: string;
  /** `*` matches any bytes, `{hex:32}` and the like an id, everything else itself. */
  readonly pattern: string;
  readonly type: KeyType;
  /** What a session's string begins with, in hexadecimal. */
  readonly firstBytes?: string | undefined;
  /** A field that a session's hash has. */
  readonly field?: string | undefined;
  /** The keys have no TTL by design: sweeps never change them. */
  readonly structural: boolean;
  /** Lifetime of a session after its last use. */
  readonly idleSeconds: number;
}

export interface SweepSettings {
  /** The policy of dialects that have none of their own. */
  readonly policy: Policy;
  /** Nobody has chosen it: where the installation's last sweep had another one, that goes on. */
  readonly keepsPolicy?: boolean | undefined;
  readonly policies: Readonly<Record<string, Policy>>;
  /** Lifetime of a dialect's sessions where their keys do not contain it; overrides the framework's default. */
  readonly idleSeconds: Readonly<Record<string, number>>;
  readonly dialects: readonly ConfiguredDialect[];
  /** What the keys of the applications begin with. */
  readonly keyPrefixes: readonly ApplicationPrefix[];
  /** Other keys can be sessions of other applications: they count as unknown, unless a dialect in `dialects` takes them. @default false */
  readonly onlyKeyPrefixes?: boolean | undefined;
  /** Numbers of the databases in which keys are repaired: others can belong to other applications. */
  readonly databases: readonly number[];
  /** The application reads sessions from replicas: the primary's idle times do not show these reads, and replicas are not idle. */
  readonly applicationReadsReplicas: boolean;
  /** Where pages are read: from a replica that is in step, where there is one, or always from the primary. */
  readonly readFrom: 'replica' | 'primary';
  /**
   * One in `<count>` keys with a TTL is sampled for counts and sizes. A gentle sweep searches all keys for large sessions, a fast
   * one only the sample.
   */
  readonly sampleEvery: number;
  /** Maximum number of keys that one sweep deletes. */
  readonly maxDeletes: number;
  /** Minimum TTL, also for a session past its life. */
  readonly minTtlSeconds: number;
  /** TTLs are extended by up to this, so that the keys of one sweep do not all expire in the same second. */
  readonly jitterSeconds: number;
  /** Removes members from Spring's principal index whose session no longer exists. */
  readonly reconcile: boolean;
  /** `fast` ends sooner; `gentle` takes a hundredth of the store's time. */
  readonly pace: 'fast' | 'gentle';
  /** Time between two scheduled sweeps: a full sweep comes early enough that there is one per week. */
  readonly everyHours: number;
  /** Minimum time between the start of a sweep and the next one that an alarm starts. */
  readonly coolDownMinutes: number;
}

/**
 * Whether more sessions than the sampled ones are measured to find the largest (choose-sample.ts). That takes more than half as much of the
 * store's time again for each: a gentle sweep takes longer instead, but a fast one would lose its speed.
 */
export const weighsMore = ({ pace, sampleEvery }: Pick<SweepSettings, 'pace' | 'sampleEvery'>): boolean =>
  pace === 'gentle' || sampleEvery === 1;

export const DEFAULT_SWEEP_SETTINGS: SweepSettings = {
  policy: 'expire',
  policies: {},
  idleSeconds: {},
  dialects: [],
  keyPrefixes: [],
  databases: [0],
  applicationReadsReplicas: false,
  readFrom: 'replica',
  sampleEvery: 100,
  maxDeletes: 10_000,
  minTtlSeconds: 300,
  jitterSeconds: 600,
  reconcile: false,
  pace: 'gentle',
  everyHours: 24,
  coolDownMinutes: 60,
};
