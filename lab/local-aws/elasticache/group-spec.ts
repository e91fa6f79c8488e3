export type Engine = 'redis' | 'valkey';

/** Id of the node group of a group without cluster mode. */
export const NODE_GROUP_ID = '0001';

/** Id of the only node of every member. */
export const CACHE_NODE_ID = '0001';

/** A replication group's settings. */
export interface GroupSpec {
  readonly id: string;
  readonly description: string;
  readonly engine: Engine;
  readonly engineVersion: string;
  readonly nodeType: string;
  /** The primary and its replicas. */
  readonly nodeCount: number;
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly parameterGroupName: string;
  readonly subnetGroupName: string | undefined;
  readonly securityGroupIds: readonly string[];
  readonly transitEncryption: boolean;
  readonly atRestEncryption: boolean;
  readonly kmsKeyId: string | undefined;
  /** Two while a token is being rotated. */
  readonly authTokens: readonly string[];
  readonly userGroupIds: readonly string[];
  readonly notificationTopicArn: string | undefined;
  readonly snapshotRetentionLimit: number;
  readonly snapshotWindow: string;
  readonly maintenanceWindow: string;
  readonly autoMinorVersionUpgrade: boolean;
  readonly logDeliveryConfigurations: readonly object[];
}

/** CacheClusterId of the group's nth member, counted from 1. */
export function nodeId(groupId: string, number: number): string {
  return `${groupId}-${String(number).padStart(3, '0')}`;
}
