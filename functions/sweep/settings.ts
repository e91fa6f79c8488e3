/** How sweeps of an installation go, from its configuration. */
import type { KeyType, Policy } from './dialect.ts';

/** A dialect that the catalogue does not have. */
export interface ConfiguredDialect {
  readonly name: string;
  /** A glob: `*` stands for any bytes, everything else for itself. */
  readonly pattern: string;
  readonly type: KeyType;
  /** Without a TTL by design, and never touched. */
  readonly structural: boolean;
  /** How long a session lives after it was last used. */
  readonly idleSeconds: number;
}

export interface SweepSettings {
  /** Of dialects that have none of their own. */
  readonly policy: Policy;
  readonly policies: Readonly<Record<string, Policy>>;
  /** How long a session of a dialect lives where its keys do not say; overrides the framework's own default. */
  readonly idleSeconds: Readonly<Record<string, number>>;
  readonly dialects: readonly ConfiguredDialect[];
  /**
   * One in so many keys that do expire stands for all of them in counts and sizes. A gentle sweep looks for large sessions
   * among all, a fast one among these alone.
   */
  readonly sampleEvery: number;
  /** Of keys that one sweep deletes. */
  readonly mostDeletes: number;
  /** The least that a session which is past its life already is left. */
  readonly leastSeconds: number;
  /** Lives are lengthened by up to this, so that what one sweep mends does not end in one second. */
  readonly jitterSeconds: number;
  /** Takes members out of Spring's principal index whose session is gone. */
  readonly reconcile: boolean;
  /** `fast` ends soon; `gentle` takes a hundredth of the store's time. */
  readonly pace: 'fast' | 'gentle';
  /** At least so long after one sweep began, an alarm starts the next. */
  readonly coolDownMinutes: number;
}

/**
 * Whether every session is weighed to find the largest. It takes a third more of the store's time a key, which a gentle
 * sweep spends by taking longer; a fast one would lose what it is asked for.
 */
export const weighsAll = ({ pace, sampleEvery }: Pick<SweepSettings, 'pace' | 'sampleEvery'>): boolean =>
  pace === 'gentle' || sampleEvery === 1;

export const DEFAULT_SWEEP_SETTINGS: SweepSettings = {
  policy: 'expire',
  policies: {},
  idleSeconds: {},
  dialects: [],
  sampleEvery: 64,
  mostDeletes: 10_000,
  leastSeconds: 300,
  jitterSeconds: 600,
  reconcile: false,
  pace: 'gentle',
  coolDownMinutes: 60,
};
