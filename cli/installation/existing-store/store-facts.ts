/** What ElastiCache shows of a replication group, as far as a configuration needs it. */
import type { AccessOfUser } from './access-string.ts';

export interface StoreNode {
  readonly host: string;
  readonly port: number;
}

export interface StoreUser extends AccessOfUser {
  readonly userName: string;
  /** `password`, `no-password` or `iam` */
  readonly authentication: string;
}

export interface StoreFacts {
  readonly id: string;
  readonly account: string;
  readonly status: string;
  /** The primary endpoint, or in cluster mode the configuration endpoint. Absent while it is being created. */
  readonly endpoint?: StoreNode | undefined;
  /** The endpoint of each node; none in cluster mode, where the cluster itself names them. */
  readonly nodes: readonly StoreNode[];
  readonly clustered: boolean;
  readonly shards: number;
  /** Of each shard; the least. */
  readonly replicas: number;
  readonly engine: string;
  /** Major and minor: `7.1`. */
  readonly engineVersion: string;
  readonly tls: boolean;
  /** `required`, or `preferred`: clients without TLS are let in too. Absent without TLS. */
  readonly tlsMode?: string | undefined;
  /** What is being changed of encryption or sign-in: `TransitEncryptionMode`. */
  readonly changing: readonly string[];
  /** `ipv4`, `ipv6` or `dual_stack` */
  readonly networkType: string;
  /** The global datastore whose secondary it is. */
  readonly secondaryOf?: string | undefined;
  readonly authToken: boolean;
  readonly userGroupId?: string | undefined;
  /** A store upgraded from Redis in its place can keep a group of that engine. */
  readonly userGroupEngine?: string | undefined;
  readonly users: readonly StoreUser[];
  readonly evictionPolicy: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}
