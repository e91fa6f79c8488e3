import type { Engine } from './state.ts';

/** ElastiCache numbers node groups so; a group without cluster mode has this one. */
export const NODE_GROUP_ID = '0001';

/** The only node of every member, as ElastiCache numbers it. */
export const CACHE_NODE_ID = '0001';

/** What a replication group was asked to be. */
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
