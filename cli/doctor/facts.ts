/** The state of a fleet at one moment, as far as the checks need it. */
import type { DeployRecord, FleetRecord, InstanceRecord, LockRecord, ReleaseRecord } from '../../functions/records/types.ts';
import type { AlarmLookups } from './alarms/gather-alarms.ts';
import type { LoadBalancingLookups } from './load-balancing/load-balancing-facts.ts';
import type { Lookup } from './lookup.ts';
import type { ServerLookups } from './servers/server-facts.ts';
import type { StoreLookups } from './store/store-facts.ts';

export interface Facts
  extends LoadBalancingLookups,
    IncidentLookups,
    ServerLookups,
    StoreLookups,
    AlarmLookups,
    DeployLookups,
    ClusterLookups,
    InstallationLookups {
  readonly nowMs: number;
}

/** What is known of the store and what watches it; the rest only where a fleet is. */
export interface StoreFacts
  extends StoreLookups,
    AlarmLookups,
    Omit<InstallationLookups, 'zones' | 'roles'>,
    Partial<Pick<Facts, 'targetGroup' | 'fleetRecord' | 'loadBalancer' | 'loadBalancerProtection'>> {
  readonly nowMs: number;
}

/** Of the table of records, which an installation has from its first deployment on: a target group can be older. */
export const recordsOf = (facts: StoreFacts) => facts.fleetRecord ?? facts.openDecisions;

/** What is looked up of the installation. */
export interface InstallationLookups {
  /** This machine's clock minus AWS's. */
  readonly clockSkewMs: Lookup<number>;
  /** Letters of the account's zones; not looked up for an existing network. */
  readonly zones: Lookup<readonly string[]>;
  /** IAM roles of the account, of all that it may have. */
  readonly roles: Lookup<{ readonly used: number; readonly most: number }>;
  /** Protection of the installation's last stack; not looked up for an ephemeral installation. */
  readonly terminationProtection: Lookup<boolean>;
  /** Deletion protection of the table; not looked up for an ephemeral installation. */
  readonly tableProtection: Lookup<boolean>;
}

/** A rule that shows a page of this fleet, by its tags. */
export interface ShownPage {
  readonly ruleArn: string;
  readonly priority: number;
  readonly incidentId: string;
  /** Its incident shows the page now, as the records have it. */
  readonly isHeld: boolean;
}

/** What is looked up of incidents. */
export interface IncidentLookups {
  /** Re-login pages that users of the fleet get now. */
  readonly shownPages: Lookup<readonly ShownPage[]>;
}

/** The secret from which the servers make the key of their messages, without its value. */
export interface ClusterSecretFacts {
  readonly arn: string;
  /** Somebody has scheduled its deletion: no server can read it. */
  readonly isDeleted: boolean;
  readonly rotates: boolean;
  /** Whether the servers' role may read its value; undefined where the role is not known. */
  readonly isReadable?: boolean;
}

/** What is looked up of a Tomcat cluster; skipped for other fleets. */
export interface ClusterLookups {
  readonly clusterSecret: Lookup<ClusterSecretFacts>;
  /** The latest deploy that asked servers for their copies; undefined before the first. */
  readonly copiesCompared: Lookup<DeployRecord | undefined>;
}

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
  /** The deploy that brought the current release, where there was one. */
  readonly lastDeploy: Lookup<DeployRecord | undefined>;
  readonly lock: Lookup<LockRecord | undefined>;
  /** How many functions without a reservation of their own can run at once in the account and Region. */
  readonly unreservedConcurrency: Lookup<number>;
  /** Archive of the current release. */
  readonly archive: Lookup<ArchiveFacts>;
}
