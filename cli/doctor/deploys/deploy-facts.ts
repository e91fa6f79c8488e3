/** What a deploy needs. */
import type { FleetRecord, InstanceRecord, LockRecord, ReleaseRecord } from '../../../functions/records/types.ts';
import type { Lookup } from '../lookup.ts';

export interface ArchiveFacts {
  /** Lower-case hex; undefined when the object has none. */
  readonly sha256?: string;
  readonly sizeBytes: number;
}

export interface DocumentFacts {
  readonly name: string;
  readonly latestVersion: string;
  readonly defaultVersion: string;
  /** Whether the latest version has the content that this checkout deploys. */
  readonly isOfThisCheckout: boolean;
}

/** What is looked up for deploys. */
export interface DeployLookups {
  readonly documents: readonly Lookup<DocumentFacts>[];
  readonly fleetRecord: Lookup<FleetRecord | undefined>;
  readonly releases: Lookup<readonly ReleaseRecord[]>;
  /** The release that Holdfast last installed on each server. */
  readonly installed: Lookup<readonly InstanceRecord[]>;
  readonly lock: Lookup<LockRecord | undefined>;
  /** How many functions without a reservation of their own can run at once in the account and Region. */
  readonly unreservedConcurrency: Lookup<number>;
  /** Archive of the current release. */
  readonly archive: Lookup<ArchiveFacts>;
}
