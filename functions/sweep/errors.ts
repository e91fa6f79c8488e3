import { HoldfastError, MissingEnvironment, TransientServiceError } from '../shared/errors.ts';
import { describeUnit } from './unit-name.ts';

/** Another sweep holds the lease of this shard. */
export class SweepInProgress extends HoldfastError {
  override readonly name = 'SweepInProgress';
  constructor(shard: string, holder: string, expiresAtMs: number) {
    super(
      `sweep ${holder} is working on ${describeUnit(shard)}, and holds it until ${new Date(expiresAtMs).toISOString()} at the latest. No key was changed. The command "sweeps show ${holder}" shows its progress`,
    );
  }
}

/** Another sweep took the shard: this one must not change anything any more. */
export class SweepLeaseLost extends HoldfastError {
  override readonly name = 'SweepLeaseLost';
}

/** The store did not answer for longer than a failover takes. */
export class StoreUnreachable extends HoldfastError {
  override readonly name = 'StoreUnreachable';
}

/** The endpoint leads to a replica, which takes no writes. */
export class NotAPrimary extends HoldfastError {
  override readonly name = 'NotAPrimary';
}

/** The primaries that serve a unit's slots belong to other units of the sweep: its branch has no node any more. */
export class NoPrimaryLeft extends HoldfastError {
  override readonly name = 'NoPrimaryLeft';
}

/** The store refuses to select a database that the sweep covers. */
export class DatabaseRefused extends HoldfastError {
  override readonly name = 'DatabaseRefused';
}

/** Slots moved between shards for as long as the sweep lasted: keys in them can be without a TTL. */
export class SlotsNotSwept extends HoldfastError {
  override readonly name = 'SlotsNotSwept';
}

export class InvalidSweep extends HoldfastError {
  override readonly name = 'InvalidSweep';
}

/** Error names for the state machine's Retry. */
export const RETRYABLE_SWEEP_ERRORS = [TransientServiceError.errorName] as const;

/** Errors that repeating does not fix. */
export const SWEEP_ERRORS = [
  'SweepInProgress',
  'SweepLeaseLost',
  'StoreUnreachable',
  'NotAPrimary',
  'DatabaseRefused',
  'SlotsNotSwept',
  'InvalidSweep',
  MissingEnvironment.errorName,
] as const;
