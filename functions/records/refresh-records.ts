/** Refreshes of a fleet's servers on record: the latest one, and which servers are outdated. Times are milliseconds since the epoch. */
import { recordKeys } from './keys.ts';
import { type RecordsTable, setFields } from './records-table.ts';
import type { EndedAs, TaskError } from './types.ts';

/** What a server was launched from. */
export interface LaunchedFrom {
  /** `lt-0abc version 7`; absent when Auto Scaling names no launch template. */
  readonly launchTemplate?: string;
  /** `ami-…`; absent where EC2 does not return it. */
  readonly imageId?: string;
}

/** `waiting` → `draining` → `replacing` → `replaced`; `kept`: drained and registered again; `failed`: it went and no replacement serves. */
export type RefreshPhase = 'waiting' | 'draining' | 'replacing' | 'replaced' | 'kept' | 'failed';

export interface RefreshedServer extends LaunchedFrom {
  readonly phase: RefreshPhase;
  readonly phaseStartedAtMs: number;
  /** Why it is replaced, in a clause. */
  readonly why: string;
  readonly replacement?: LaunchedFrom & { readonly instanceId: string };
  /** Requests that its drain has cut, by the fleet's setting. */
  readonly requestsCut?: number;
  /** One sentence when it was kept or failed. */
  readonly detail?: string;
}

/** The latest refresh of a fleet. */
export interface RefreshRecord {
  /** The execution's name. */
  readonly refreshId: string;
  readonly executionArn: string;
  readonly requestedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs?: number;
  readonly status: 'RUNNING' | 'SUCCEEDED' | EndedAs;
  /** What new servers were launched from when it began. */
  readonly to: LaunchedFrom;
  readonly error?: TaskError;
  readonly servers: Readonly<Record<string, RefreshedServer>>;
}

/** Which members of the group are outdated, as last read. */
export interface ServersRecord {
  readonly checkedAtMs: number;
  readonly members: number;
  readonly current: LaunchedFrom;
  readonly outdated: Readonly<Record<string, string>>;
}

export interface RefreshRecords {
  /** Replaces the record of an earlier refresh; leaves this refresh's own as it is, for a step can be delivered twice. */
  createRefresh(fleet: string, refresh: RefreshRecord): Promise<void>;
  getRefresh(fleet: string): Promise<RefreshRecord | undefined>;
  /** Adds a server or replaces its progress. Does nothing when a later refresh has begun. */
  putServer(fleet: string, refreshId: string, instanceId: string, server: RefreshedServer): Promise<void>;
  /** False when a later refresh has begun, or this one has ended already. */
  endRefresh(
    fleet: string,
    refreshId: string,
    end: { readonly status: RefreshRecord['status']; readonly finishedAtMs: number; readonly error?: TaskError },
  ): Promise<boolean>;
  getServers(fleet: string): Promise<ServersRecord | undefined>;
  putServers(fleet: string, servers: ServersRecord): Promise<void>;
}

export function dynamoRefreshRecords(table: RecordsTable): RefreshRecords {
  const change = (fleet: string, refreshId: string, set: ReturnType<typeof setFields>, more = '') =>
    table.update<RefreshRecord>(recordKeys.refresh(fleet), {
      ...set,
      ConditionExpression: `refreshId = :refreshId${more}`,
      ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':refreshId': refreshId, ...(more && { ':running': 'RUNNING' }) },
      ExpressionAttributeNames: { ...set.ExpressionAttributeNames, ...(more && { '#status': 'status' }) },
    });
  return {
    async createRefresh(fleet, refresh) {
      await table.put(recordKeys.refresh(fleet), refresh, {
        ConditionExpression: 'attribute_not_exists(refreshId) OR refreshId <> :refreshId',
        ExpressionAttributeValues: { ':refreshId': refresh.refreshId },
      });
    },
    getRefresh: (fleet) => table.get<RefreshRecord>(recordKeys.refresh(fleet)),
    async putServer(fleet, refreshId, instanceId, server) {
      await change(fleet, refreshId, setFields({ [instanceId]: server }, ['servers']));
    },
    async endRefresh(fleet, refreshId, end) {
      return (await change(fleet, refreshId, setFields(end), ' AND #status = :running')) !== undefined;
    },
    getServers: (fleet) => table.get<ServersRecord>(recordKeys.servers(fleet)),
    async putServers(fleet, servers) {
      await table.put(recordKeys.servers(fleet), servers);
    },
  };
}
