/** What a Tomcat cluster's servers share, and what deploys found of their copies. */
import type { DeployRecord } from '../../../functions/records/types.ts';
import type { Lookup } from '../lookup.ts';

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
