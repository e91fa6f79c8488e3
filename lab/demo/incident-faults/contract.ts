/** What a fault changes, and what puts it back. Everything here is data: the faults that are set are kept in a file of the run. */
import type { FindingName } from '../../../functions/canary/contract/findings.ts';
import type { Cause, Runbook } from '../../../functions/incidents/contract/causes.ts';
import type { ProcessRecord } from '../../processes/process-ledger.ts';

/** Visitors that a fault needs to be seen, in a process of their own. */
export type Visit =
  /** Log in, pause 35 to 60 s, and come back. */
  | 'pausing-users'
  /** Log in, and come back every second or two. */
  | 'active-users'
  /** Request the page with a crawler's user agent, and return no cookie. */
  | 'bot'
  /** Log in as people do, one more every few hundred milliseconds, and stay. */
  | 'more-users'
  /** Come back from a page of another site, to which SameSite=Strict gives no cookie. */
  | 'from-other-site'
  /** Log in and come back, without the cookie by which the load balancer knows their server. */
  | 'without-balancer-cookie'
  /** Log in and come back by plain HTTP. */
  | 'by-http';

export type Change =
  /** Variables of the application, `{server}` being the instance's id, `{readerHost}` and `{readerPort}` the store's reader endpoint; it is started again. */
  | { readonly kind: 'environment'; readonly servers: 'all' | 'first' | 'rest'; readonly variables: Readonly<Record<string, string>> }
  /** Stickiness of the fleet's target group. */
  | { readonly kind: 'stickiness'; readonly attributes: Readonly<Record<string, string>> }
  /** The nodes answer nothing, and their connections stay open. */
  | { readonly kind: 'pauseStore'; readonly nodes: 'primary' | 'all' }
  /** The primary's process ends as in a crash, and ElastiCache puts another one in its place. */
  | { readonly kind: 'killPrimary' }
  /** The store has its primary alone, and no automatic failover. */
  | { readonly kind: 'singleNode' }
  /** Keys without an expiry, four fifths of a node's memory: `index` of Spring Session, `other` of no session framework. */
  | { readonly kind: 'storeKeys'; readonly keys: 'index' | 'other' }
  /** What the fault's sessions leave in the store is put in order when the fault is cleared. */
  | { readonly kind: 'sessions' }
  /** The primary's limit of memory. */
  | { readonly kind: 'maxMemory'; readonly bytes: number }
  /** Another published release is being deployed. */
  | { readonly kind: 'deploy' }
  /** The load balancer serves users by plain HTTP, too. */
  | { readonly kind: 'plainListener' }
  | { readonly kind: 'visitors'; readonly visit: Visit };

export type ChangeKind = Change['kind'];
export type ChangeOf<Kind extends ChangeKind> = Extract<Change, { kind: Kind }>;

/** What was there before: everything that is needed to put it back, by another process if need be. */
export interface Before {
  readonly environment: { readonly instanceIds: readonly string[] };
  readonly stickiness: { readonly targetGroupArn: string; readonly attributes: Readonly<Record<string, string>> };
  readonly pauseStore: { readonly processes: readonly ProcessRecord[] };
  readonly killPrimary: { readonly node: ProcessRecord };
  readonly singleNode: { readonly replicas: number; readonly automaticFailover: boolean; readonly multiAz: boolean };
  readonly storeKeys: { readonly prefix: string };
  readonly sessions: object;
  readonly maxMemory: { readonly bytes: number };
  readonly deploy: { readonly from: string; readonly to: string; readonly executionArn?: string };
  readonly plainListener: { readonly listenerArn: string; readonly actions: readonly object[] };
  readonly visitors: { readonly process?: ProcessRecord };
}

/** How one kind of change is made and undone. */
export interface Changer<Kind extends ChangeKind> {
  /** Reads what is there; changes nothing. @throws CannotSet with a sentence when the change cannot be made */
  prepare(change: ChangeOf<Kind>): Promise<Before[Kind]>;
  /** @param fault name of the fault, unique among those that are set @returns what was there, with what became known only now */
  apply(change: ChangeOf<Kind>, before: Before[Kind], fault: string): Promise<Before[Kind]>;
  /** Puts back what was there, also after an `apply` that failed half way, and a second time. */
  restore(before: Before[Kind], fault: string): Promise<void>;
}
export type Changers = { readonly [Kind in ChangeKind]: Changer<Kind> };

export interface Fault {
  readonly name: string;
  /** What it does, in a sentence. */
  readonly sentence: string;
  readonly runbook: Runbook;
  /** What its runbook has to find; absent for a confounder, after which it must find nothing. */
  readonly cause?: Cause;
  /** What a canary of the fleet has to find. It harms nobody, so that it has no cause. */
  readonly finds?: FindingName;
  readonly changes: readonly Change[];
  /** Works only on a fleet whose target group is sticky: one with `"strategy": "sticky"`. */
  readonly needsSticky?: true;
}

/** A change that was begun, with what was there before. */
export interface Made {
  readonly kind: ChangeKind;
  readonly before: Before[ChangeKind];
}

/** A fault that is set. */
export interface SetFault {
  readonly name: string;
  readonly fleet: string;
  readonly setAtMs: number;
  /** In the order in which they were made. */
  readonly made: readonly Made[];
}

/** A fault that cannot be set; nothing was changed. */
export class CannotSet extends Error {
  override readonly name = 'CannotSet';
}
