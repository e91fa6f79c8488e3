import { HoldfastError, MissingEnvironment, TransientServiceError } from '../shared/errors.ts';

/** Another sweep holds the lease of this shard. */
export class SweepInProgress extends HoldfastError {
  override readonly name = 'SweepInProgress';
  constructor(shard: string, holder: string, expiresAtMs: number) {
    super(
      `sweep ${holder} is working on shard ${shard}, and holds it until ${new Date(expiresAtMs).toISOString()} at the latest. No key was changed. To see its progress: npx holdfast sweeps show ${holder}`,
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
  'InvalidSweep',
  MissingEnvironment.errorName,
] as const;
