/** What ElastiCache shows of a replication group, as far as a configuration needs it. */

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

/** What an access string surely does not allow Holdfast's functions. What it cannot show counts as allowed: a user that works is never refused. Pure. */

export interface AccessOfUser {
  readonly on: boolean;
  /** Why the functions cannot be this user: the rest of a sentence. */
  readonly unable?: string | undefined;
}

/** Redis 7 and Valkey have `%R~`; a pattern of asterisks alone matches every key. */
const ALL_KEYS = /^((%(r|rw|wr))?~\*+|allkeys)$/;

/** @see https://valkey.io/topics/acl/ the rules; those of a selector, in parentheses, are taken for the user's own */
export function accessOf(accessString: string): AccessOfUser {
  const rules = accessString.toLowerCase().split(/[\s()]+/);
  const on = rules.includes('on');
  if (!rules.some((rule) => ALL_KEYS.test(rule))) return { on, unable: 'its access string has neither %R~* nor ~*, which reads every key' };
  return { on, unable: mayScan(rules) ? undefined : 'its access string does not allow SCAN' };
}

/** What categories allow differs by version, so any of them may. */
const mayScan = (rules: readonly string[]): boolean =>
  !(rules.includes('-@all') || rules.includes('nocommands')) ||
  rules.some((rule) => rule === '+scan' || rule === 'allcommands' || rule.startsWith('+@'));
